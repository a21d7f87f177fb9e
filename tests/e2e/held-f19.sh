#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F19: the daemon is gone, but its device end is still held by a child of it
# that serves nothing; or it lives on and has closed its device end.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need_mount
need pgrep

# asks: a caller whose request is with the daemon
asks()
{
	t 60 stat -f "$mnt" >caller.txt 2>&1 &
	caller=$!
}
answered()
{
	child_wait 10 "$caller"
	[ "$code" = 1 ] || fail "the caller ended with $code"
	grep -q -i -e 'connection abort' -e 'not connected' caller.txt ||
		fail "the caller: $(cat caller.txt)"
}
has_closed()
{
	! find "/proc/$daemon/fd" -lname 'socket:*' | grep -q .
}
has_child()
{
	child=$(pgrep -P "$daemon" -x odd-daemon)
}

for transport in seqpacket dgram; do
	echo "--- killed, a child holds it, $transport"
	relay_start run --transport=$transport -- odd-daemon forks MNT
	daemon=$(pgrep -P "$relay" -x odd-daemon) || fail "no daemon"
	asks
	wait_for 10 has_child || fail "it has no child"
	kill -KILL "$daemon"
	answered
	child_wait 20 "$relay"
	[ "$code" = 137 ] || fail "status $code instead of 137"
	grep -q 'another process still holds' "$relay_log" ||
		fail "nothing said of the holder"
	kill -KILL "$child"
	expect 0 fuserelay cleanup
	not_mounted "$mnt" || fail "still mounted"

	echo "--- closed, the daemon lives, $transport"
	relay_start run --transport=$transport -- odd-daemon closes MNT
	daemon=$(pgrep -P "$relay" -x odd-daemon) || fail "no daemon"
	asks
	wait_for 10 has_closed || fail "it holds a socket"
	# no datagram tells of a closed socket, but one to it fails
	[ $transport = seqpacket ] || t 10 stat -f "$mnt" >out.txt 2>&1 || :
	answered
	alive "$daemon" || fail "the daemon has ended"
	kill -TERM "$relay"
	child_wait 30 "$relay"
	not_mounted "$mnt" || fail "still mounted"
	if alive "$daemon"; then
		fail "the daemon lives on"
	fi
done
