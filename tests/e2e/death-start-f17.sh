#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F17: daemons that end before they mount, during it, or never answer INIT:
# the relay ends with their status, or lets itself be stopped; nothing stays.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

dirs_new
emulate()
{
	words_fill "$@"
	expect "${words[0]}" fuserelay emulate --workload=quick -- \
	    "${words[@]:1}"
}
emulate 0 true
emulate 3 sh -c 'exit 3'
emulate 143 sh -c 'kill -TERM $$'
emulate 134 sh -c 'kill -ABRT $$'
mounted "$mnt" && fail "left mounted"

# INIT is never answered: SIGTERM ends it
relay_spawn emulate --workload=quick -- odd-daemon mute MNT
asked()
{
	grep -q '^opcode 26$' "$relay_log" || ended "$relay"
}
wait_for 10 asked
alive "$relay" || fail "the relay did not wait for INIT"
kill -TERM "$relay"
child_wait 30 "$relay"
echo "ended with $code"

# a command that does not mind being told to end
relay_spawn run -- sh -c 'trap "" TERM; : >deaf; exec sleep 1000'
wait_for 10 test -e deaf || fail "the command did not start"
kill -TERM "$relay"
child_wait 30 "$relay"
[ "$code" = 137 ] || fail "status $code instead of 137"
grep -q 'did not end; killed' "$relay_log" || fail "nothing said of it"

# one that mounts after it was told to end
# shellcheck disable=SC2016 # for the inner shell
relay_spawn run -- sh -c '
	trap : TERM
	: >ready
	until [ -e told ]; do :; done
	exec fuserelay-passthrough -f "$1" "$2"
' sh SRC MNT
wait_for 10 test -e ready || fail "the command did not start"
kill -TERM "$relay"
tells_and_ends()
{
	: >told
	ended "$relay"
}
wait_for 8 tells_and_ends || fail "mounted after all"
mounted "$mnt" && fail "left mounted"

# mounted, then dead: its status, though it answered requests
need_mount
relay_start emulate -- odd-daemon die MNT
expect 1 stat -f "$mnt"
child_wait 20 "$relay"
[ "$code" = 7 ] || fail "status $code instead of 7"
wait_for 5 not_mounted "$mnt" || fail "still mounted"

# asked INIT, it says why not, and ends: that line is what there is to read
relay_spawn run -- odd-daemon quits MNT
child_wait 30 "$relay"
[ "$code" = 7 ] || fail "status $code instead of 7"
cat "$relay_log"
grep -q '^odd-daemon: the volume is not there$' "$relay_log" || fail "no reason"
grep -q 'ended before it had answered INIT$' "$relay_log" || fail "no summary"
grep -q 'flags=' "$relay_log" && fail "INIT's flags hide the reason"
[ "$(wc -c <"$relay_log")" -lt 1000 ] || fail "much more than the reason"
t 20 fuserelay cleanup >/dev/null
