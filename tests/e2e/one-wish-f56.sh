#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F56: signals that come together are one wish: timeout(1) sends SIGTERM to the
# relay and then to the whole group, a service manager SIGTERM and SIGHUP to
# all processes.  It ends in peace, with status 0; another signal a second
# later ends it at once.
# limit: 180
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need_mount
need pgrep bindfs setsid
dirs_new
echo hello >"$src/file"

# in_group COMMAND...: relay_start with a process group of its own, to which
# the relay and all that it starts belong
in_group()
{
	words_fill "$@"
	setsid env --default-signal=INT fuserelay "${words[@]}" \
	    >"$relay_log" 2>&1 </dev/null &
	relay=$!
	wait_for 20 relay_settled || fail "not mounted: ${words[*]}"
	mounted "$mnt" || fail "no mount: ${words[*]}"
}

leads_group()
{
	[ "$(ps -o pgid= -p "$relay" | tr -d ' ')" = "$relay" ]
}

# ends_in_peace: with status 0, nothing left, nothing said.
ends_in_peace()
{
	child_wait 30 "$relay"
	[ "$code" = 0 ] || fail "status $code"
	not_mounted "$mnt" || fail "still mounted"
	wait_for 5 nobody_is_left ||
		fail "left: $(pgrep -a -f "$mnt")"
	relay_quiet
	! grep -n -e 'dead mount' -e 'Invalid argument' "$relay_log" ||
		fail "the log speaks of what is not"
}

# (Zombies count.)
nobody_is_left()
{
	! pgrep -g "$relay" >/dev/null
}

programs=(
	"bindfs -f SRC MNT"
	"bindfs SRC MNT"
	"fuserelay-passthrough -f SRC MNT"
	"odd-daemon none MNT"
	"odd-daemon polls MNT"
)
for program in "${programs[@]}"; do
	for front in run emulate; do
		for ((round = 0; round < ${ROUNDS:-3}; round++)); do
			echo "--- $program, $front, $round"
			# shellcheck disable=SC2086 # words
			in_group $front -- $program
			leads_group || fail "no group"
			t 10 stat -f "$mnt" >/dev/null || fail "no answer"
			# (stopped meanwhile, so that they come together)
			kill -STOP -- "-$relay"
			case $((round % 3)) in
			0)	# timeout(1)
				kill -TERM "$relay"
				kill -TERM -- "-$relay" ;;
			1)	# systemd's SendSIGHUP
				kill -TERM -- "-$relay"
				kill -HUP -- "-$relay" ;;
			2)	# Ctrl-C, by somebody who is sure
				kill -INT "$relay"
				kill -INT -- "-$relay" ;;
			esac
			kill -CONT -- "-$relay"
			ends_in_peace
		done
	done
done

echo "--- timeout(1) itself"
words_fill bindfs -f SRC MNT
code=0
timeout --preserve-status 2 fuserelay run -- "${words[@]}" \
    >"$relay_log" 2>&1 </dev/null || code=$?
[ "$code" = 0 ] || fail "status $code"
not_mounted "$mnt" || fail "still mounted"
relay_quiet

echo "--- a second wish, a second later"
relay_start run -- odd-daemon deaf MNT
stopped=$(daemon_of "$relay" odd-daemon)
kill -STOP "$stopped"
kill -TERM "$relay"
wait_for 5 not_mounted "$mnt" || fail "still mounted"
SECONDS=0
until ended "$relay" || [ $SECONDS -ge 10 ]; do
	kill -TERM "$relay" 2>/dev/null || :
	nap
done
child_wait 1 "$relay"
[ "$code" = 143 ] || fail "status $code instead of 143"
! grep -q 'dead mount' "$relay_log" || fail "no dead mount was left"
kill -KILL "$stopped"
