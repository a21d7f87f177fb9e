#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F20, F23, F43: the life of a wrapped program on the kernel's device: every
# way it can start and end, and the status that is told.
# limit: 300
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need_mount
need bindfs
dirs_new
echo hello >"$src/file"

# ends STATUS: the relay ends with it, nothing is mounted.
ends()
{
	child_wait 20 "$relay"
	[ "$code" = "$1" ] || fail "status $code instead of $1"
	mounted "$mnt" && fail "still mounted"
	relay_quiet
}

reads()
{
	[ "$(t 10 cat "$mnt/file")" = hello ] || fail "cannot read"
}

for background in "-f" ""; do
	for how in umount "umount -l" "fusermount3 -u" "fusermount3 -uz"; do
		echo "--- bindfs $background, $how from outside"
		# shellcheck disable=SC2086 # words
		relay_start run -- bindfs $background SRC MNT
		reads
		# shellcheck disable=SC2086 # words
		t 20 $how "$mnt" || fail "$how"
		ends 0
	done
	for signal in TERM INT HUP; do
		echo "--- bindfs $background, SIG$signal to the relay"
		# shellcheck disable=SC2086 # words
		relay_start run -- bindfs $background SRC MNT
		reads
		kill -"$signal" "$relay"
		ends 0
	done
	echo "--- bindfs $background, SIGTERM to the program"
	# shellcheck disable=SC2086 # words
	relay_start run -- bindfs $background SRC MNT
	reads
	kill "$(daemon_of "$relay" bindfs)"
	ends 0
done

echo "--- a signal that was ignored is ignored by both"
words_fill bindfs -f SRC MNT
env --ignore-signal=HUP fuserelay run -- "${words[@]}" \
    >"$relay_log" 2>&1 </dev/null &
relay=$!
wait_for 20 mounted "$mnt" || fail "not mounted"
for pid in "$relay" "$(daemon_of "$relay" bindfs)"; do
	ignored=$(awk '/^SigIgn/ { print $2 }' "/proc/$pid/status")
	[ $((0x$ignored & 1)) = 1 ] || fail "process $pid hears SIGHUP"
	kill -HUP "$pid"
done
reads
kill -TERM "$relay"
ends 0

# These catch no signal, as most programs of libraries other than libfuse.
for way in none again polls; do
	for transport in seqpacket dgram; do
		for front in run emulate; do
			echo "--- odd-daemon $way, $front, $transport"
			relay_start $front --transport=$transport -- \
			    odd-daemon $way MNT
			t 10 stat -f "$mnt" >out.txt || fail "no answer"
			t 20 umount "$mnt" || fail "umount"
			ends 0
			relay_start $front --transport=$transport -- \
			    odd-daemon $way MNT
			kill -TERM "$relay"
			ends 0
		done
	done
done

echo "--- busy: umount fails, the mount goes on"
relay_start run -- bindfs -f SRC MNT
exec 8<"$mnt/file"
t 20 umount "$mnt" 2>/dev/null && fail "a busy mount was unmounted"
reads
echo "--- lazy: open files go on to the last close"
t 20 umount -l "$mnt" || fail "umount -l"
t 10 cat <&8 >out.txt || fail "cannot read after a lazy umount"
alive "$relay" || fail "ended under an open file"
exec 8<&-
ends 0

echo "--- status of a program that never mounts"
expect 7 fuserelay run -- sh -c 'exit 7'
expect 137 fuserelay run -- sh -c 'kill -KILL $$'

echo "--- a program whose parent is not the relay and goes on"
cat >stays.sh <<'SH'
sh -c 'echo $$ >stays.pid; bindfs -f "$0" "$1"; exec sleep 1000' \
    "$1" "$2" &
until mountpoint -q "$2"; do :; done
SH
relay_start run -- sh stays.sh SRC MNT
command_ended()
{
	[ "$(pgrep -P "$relay")" = "$(cat stays.pid)" ]
}
wait_for 10 command_ended || fail "the command did not end"
t 20 umount "$mnt"
ends 0
kill "$(cat stays.pid)"

echo "--- a daemon whose parent never asks for its status"
cat >careless.py <<'PYTHON'
import os, subprocess, sys, time
if os.fork() == 0:
    with open("careless.pid", "w") as f:
        f.write(str(os.getpid()))
    subprocess.Popen(["bindfs", "-f"] + sys.argv[1:])
    time.sleep(1000)
while not os.path.ismount(sys.argv[2]):
    pass
PYTHON
relay_start run -- /usr/bin/python3 careless.py SRC MNT
one_is_left()
{
	[ "$(pgrep -P "$relay" -f careless.py)" = "$(cat careless.pid)" ]
}
wait_for 10 one_is_left || fail "the command did not end"
careless=$(cat careless.pid)
t 20 umount "$mnt"
ends 0
kill "$careless"

echo "--- --daemonize returns when it is up"
words_fill bindfs SRC MNT
expect 0 fuserelay run -d -- "${words[@]}"
mounted "$mnt" || fail "not up"
reads
t 20 umount "$mnt"

echo "--- --daemonize tells of failure"
expect 1 fuserelay run -d -- bindfs -f "$src/absent" "$mnt"

echo "--- --ready-fd"
mkfifo ready
exec 7<>ready
relay_spawn run --ready-fd=7 -- bindfs -f SRC MNT
read -r -t "$(patient 20)" -u 7 line || fail "no word on the descriptor"
[ -z "$line" ] || fail "said: $line"
reads
t 20 umount "$mnt"
ends 0
exec 7<&-

echo "--- a service manager is told"
/usr/bin/python3 - notify >notify.txt <<'PYTHON' &
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
s.settimeout(300)
print(s.recv(100).decode())
PYTHON
listener=$!
wait_for 10 test -S notify || fail "no listener"
export NOTIFY_SOCKET=$TMP/notify
relay_start run -- bindfs -f SRC MNT
unset NOTIFY_SOCKET
child_wait 20 "$listener"
grep -q READY=1 notify.txt || fail "said: $(cat notify.txt)"
t 20 umount "$mnt"
ends 0

echo "--- --timeout answers for a program that hangs, and unmounts"
relay_start run --timeout=2 --timeout-exit -- \
    bindfs -f -o attr_timeout=0,entry_timeout=0 SRC MNT
kill -STOP "$(daemon_of "$relay" bindfs)"
t 10 stat "$mnt" >/dev/null 2>err.txt && fail "stat of a stopped program"
grep -q 'timed out' err.txt || fail "error: $(cat err.txt)"
child_wait 30 "$relay"
[ "$code" = 124 ] || fail "status $code instead of 124"
grep -q 'answered with ETIMEDOUT' "$relay_log" || fail "not in the log"
mounted "$mnt" && fail "still mounted"

echo "--- --warn-after names what hangs"
relay_start run --warn-after=0.2 -- \
    bindfs -f -o attr_timeout=0,entry_timeout=0 SRC MNT
hanging=$(daemon_of "$relay" bindfs)
kill -STOP "$hanging"
t 10 stat "$mnt" >/dev/null 2>&1 &
waiting=$!
wait_for 10 grep -q 'no answer to' "$relay_log" || fail "nothing said"
kill -CONT "$hanging"
child_wait 10 "$waiting"
[ "$code" = 0 ] || fail "the request was lost: $code"
t 20 umount "$mnt"
child_wait 20 "$relay"
[ "$code" = 0 ] || fail "status $code"
