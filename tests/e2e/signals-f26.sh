#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F26: signals reach the relay at random moments, while it starts, serves
# and ends.  TERM, INT and HUP end it with a status from its manual, the
# others change nothing; nothing is left behind.
# SEED, ROUNDS (60, with a sanitizer 20): what is done, and how often.
# limit: 300
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need_mount
need pgrep python3
seed=${SEED:-$RANDOM}
echo "SEED=$seed"
RANDOM=$seed
rounds=${ROUNDS:-${SANITIZED:+20}}
: "${rounds:=60}"
dirs_new
echo hello >"$src/file"
signals=(HUP USR1 PIPE CHLD INT TERM)
declare -A number=([HUP]=1 [INT]=2 [USR1]=10 [PIPE]=13 [TERM]=15 [CHLD]=17)

# moment MS: some time, up to that.
moment()
{
	printf -v ms %03d $((RANDOM % $1))
	read -r -t "0.$ms" <>"$TMP/.never" || :
}

# The process is the relay, no more the shell that starts it.
begun()
{
	[ "$(cat "/proc/$relay/comm")" = fuserelay ]
}

# Does the relay have a way with that signal yet?  When it has mounted it must.
handled()
{
	local name mask bit=$((number[$1] - 1))
	! mounted "$mnt" && [ "$1" != CHLD ] || return 0
	while read -r name mask; do
		case $name in
		SigIgn:|SigCgt:) [ $((0x$mask >> bit & 1)) = 0 ] || return 0 ;;
		esac
	done 2>/dev/null <"/proc/$relay/status"
	return 1
}

# hit SIGNAL: what it may make of the status is added to $may.
hit()
{
	local known=no
	sent+=" $1"
	! handled "$1" || known=yes
	kill -"$1" "$relay" 2>/dev/null || return 0
	case $1 in
	HUP|INT|TERM)
		may+=" $((128 + number[$1]))"
		ending=yes ;;
	*)
		[ $known = yes ] || may+=" $((128 + number[$1]))" ;;
	esac
}

# over: the relay ends with a status that it may have, and all that was its
# own is gone.
over()
{
	child_wait 20 "$relay"
	# its mount came too late, and the program has a status for that
	! grep -q 'mount failed: Interrupted' "$relay_log" || may+=" 3"
	case " $may " in
	*" $code "*) ;;
	*) fail "round $round:$sent: status $code, not one of$may" ;;
	esac
	# at once, that is without unmounting
	[ "$code" -le 128 ] || t 20 fuserelay cleanup >/dev/null ||
		fail "round $round: cleanup"
	wait_for 10 nobody_is_left ||
		fail "round $round:$sent: left: $(pgrep -a -f "$mnt")"
	wait_for 5 not_mounted "$mnt" || fail "round $round:$sent: left mounted"
	ended[code]=$((${ended[code]:-0} + 1))
}

nobody_is_left()
{
	! pgrep -x -f "fuserelay-passthrough -f $src $mnt" >/dev/null
}

ended=()
for ((round = 0; round < rounds; round++)); do
	may=" 0" sent='' ending=
	relay_spawn run -- fuserelay-passthrough -f SRC MNT
	wait_for 20 begun || fail "round $round: not begun"
	# half of them while it starts
	[ $((RANDOM % 2)) = 0 ] || wait_for 20 relay_settled ||
		fail "round $round: not mounted"
	for ((n = 1 + RANDOM % 4; n > 0; n--)); do
		moment 40
		hit "${signals[RANDOM % 6]}"
	done
	if [ -z "$ending" ]; then
		wait_for 20 relay_settled || fail "round $round:$sent: no mount"
		if mounted "$mnt"; then
			[ "$(t 10 cat "$mnt/file")" = hello ] ||
				fail "round $round:$sent: cannot read"
			t 20 umount "$mnt" || fail "umount"
		elif [ "$may" = " 0" ]; then
			fail "round $round:$sent: ended before a mount"
		fi
	fi
	over
done

echo "--- to its very end"
for ((round = 0; round < 5; round++)); do
	may=" 0" sent=" USR1..."
	relay_start run -w x.pcap -- fuserelay-passthrough -f SRC MNT
	kill -TERM "$relay"
	while read -r stat <"/proc/$relay/stat" && [[ $stat != *") Z"* ]]; do
		kill -USR1 "$relay" || break
	done 2>/dev/null
	over
done

echo "--- between the mount and the answer to INIT"
cat >mute.py <<'PYTHON'
import ctypes, os, sys
fd = os.open("/dev/fuse", os.O_RDWR)
libc = ctypes.CDLL(None, use_errno=True)
if libc.mount(b"test", sys.argv[1].encode(), b"fuse", 0,
              b"fd=%d,rootmode=40000,user_id=0,group_id=0" % fd) != 0:
    sys.exit(3)
try:
    while os.read(fd, 1 << 20):
        pass
except OSError:
    pass
sys.exit(5)
PYTHON
for signal in TERM INT HUP; do
	relay_start run -- /usr/bin/python3 mute.py MNT
	kill -"$signal" "$relay"
	child_wait 20 "$relay"
	[ "$code" = 0 ] || fail "SIG$signal: status $code"
	not_mounted "$mnt" || fail "SIG$signal: left mounted"
done
for code in "${!ended[@]}"; do
	echo "status $code: ${ended[$code]} times"
done
[ "$(ls "$src")" = file ] || fail "files in the source: $(ls "$src")"
