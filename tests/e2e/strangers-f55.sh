#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F55: a process that the relay's command did not start was handed the device
# end.  When the mount ends it gets no signal: its reads end, the log names it,
# and nobody waits for it.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need_mount
cat >stranger.py <<'PYTHON'
import os, signal, socket, sys
door = socket.socket(socket.AF_UNIX)
door.bind("share.new")
door.listen(1)
os.rename("share.new", "share") # it can be connected to
peer, _ = door.accept()
_, (device,), _, _ = socket.recv_fds(peer, 1, 1)
if sys.argv[1] == "reads":
    os.read(device, 1 << 20)    # INIT
peer.send(b"k")
peer.close()
open("go").read()               # until somebody has written there
signal.alarm(20)
try:
    while got := os.read(device, 1 << 20):
        pass                    # what came before the end
    print("read: end")
except OSError as e:
    print("read:", e.strerror)
PYTHON
mkfifo go

# stranger_start HOW: it waits to be given a device.
stranger_start()
{
	rm -f share stranger.txt
	/usr/bin/python3 -u stranger.py "$1" >stranger.txt 2>&1 </dev/null &
	stranger=$!
	wait_for 10 test -S share || fail "the stranger does not listen"
}

# stranger_ends: it lives, its read ends, and the log has its number.
stranger_ends()
{
	alive "$stranger" || fail "the stranger has ended"
	echo >go
	child_wait 10 "$stranger"
	[ "$code" = 0 ] || fail "the stranger: status $code"
	grep -q -x -e 'read: end' -e 'read: No such device' stranger.txt ||
		fail "the stranger says: $(cat stranger.txt)"
	grep -q "process $stranger (python3)" "$relay_log" ||
		fail "the log does not name process $stranger"
}

# ends_soon: no time is lost with somebody who is not waited for.
ends_soon()
{
	child_wait 4 "$relay"
	[ "$code" = 0 ] || fail "status $code"
	not_mounted "$mnt" || fail "still mounted"
}

for transport in seqpacket dgram; do
	for front in run emulate; do
		echo "--- it has a copy, $front, $transport"
		stranger_start waits
		relay_start $front --transport=$transport -- \
		    odd-daemon shares MNT
		t 10 stat -f "$mnt" >/dev/null || fail "no answer"
		t 20 umount "$mnt" || fail "umount"
		ends_soon
		stranger_ends
	done
	echo "--- it alone has it, $transport"
	stranger_start reads
	relay_start run --transport=$transport -- odd-daemon gives MNT
	kill -TERM "$relay"
	ends_soon
	stranger_ends
done
