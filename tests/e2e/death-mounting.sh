#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F26: the relay is told to end, or has no reason to go on, while its mount is
# still being made: the mount is undone, whenever it comes to be.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need_mount
need bindfs

echo "--- a command that can't be executed, given its mount at once"
dirs_new
for _ in 1 2 3 4 5; do
	expect 127 fuserelay run --attach=fd --mountpoint="$mnt" -- \
	    "$TMP/absent" "{}"
	mounted "$mnt" && fail "left mounted"
done

# The mount point lies in another file system, whose daemon is stopped when
# the mount begins and goes on when the signal has come.
cat >mounts.py <<'PYTHON'
import ctypes, os, signal, sys
fd = os.open("/dev/fuse", os.O_RDWR)
libc = ctypes.CDLL(None, use_errno=True)
os.kill(int(sys.argv[1]), signal.SIGSTOP)
if libc.mount(b"test", sys.argv[2].encode(), b"fuse", 0,
              b"fd=%d,rootmode=40000,user_id=0,group_id=0" % fd) != 0:
    print("mount:", os.strerror(ctypes.get_errno()))
    sys.exit(3)
print("mounted", flush=True)
try:
    while os.read(fd, 1 << 20):
        pass
except OSError:
    pass
PYTHON
mkdir outer "$src/sub"
bindfs -f -o attr_timeout=0,entry_timeout=0 "$src" outer &
outer=$!
wait_for 10 mounted "$TMP/outer" || fail "no outer mount"
being_mounted()
{
	pgrep -P "$relay" -x fuserelay >pids.txt || ended "$relay"
}
for signals in group relay; do
	echo "--- SIGTERM ($signals) while mounting"
	if [ "$signals" = relay ]; then
		setsid=
	else
		setsid=setsid		# a process group of its own
	fi
	$setsid fuserelay run -- /usr/bin/python3 mounts.py "$outer" \
	    "$TMP/outer/sub" >"$relay_log" 2>&1 </dev/null &
	relay=$!
	wait_for 10 being_mounted || fail "no mount begins"
	alive "$relay" || fail "ended early"
	if [ -n "$setsid" ]; then
		kill -TERM -- "-$relay"
	else
		kill -TERM "$relay"
	fi
	kill -CONT "$outer"
	child_wait 20 "$relay"
	echo "status $code: $(cat "$relay_log")"
	wait_for 5 not_mounted "$TMP/outer/sub" || fail "left mounted"
done
t 20 umount outer || fail "umount of the outer one"
child_wait 10 "$outer"

# The one who mounts waits for a file system of the same relay, which is killed.
echo "--- the relay is killed while it mounts below its own mount"
# shellcheck disable=SC2016 # for the inner shell
relay_spawn run -- sh -c '
	bindfs -f -o attr_timeout=0,entry_timeout=0 "$1" "$2" &
	echo $! >inner.pid
	until mountpoint -q "$2"; do :; done
	exec /usr/bin/python3 mounts.py $! "$2/sub"
' sh SRC MNT
wait_for 20 test -s inner.pid || fail "not begun"
below_being_mounted()
{
	grep -q 'State:.*stopped' "/proc/$(cat inner.pid)/status" &&
		being_mounted
}
wait_for 20 below_being_mounted || fail "no mount begins"
alive "$relay" || fail "ended early"
helper=$(cat pids.txt)
mapfile -t left < <(pgrep -P "$relay"; cat inner.pid)
kill -KILL "$relay"
child_wait 5 "$relay"
t 10 stat "$mnt/sub" >out.txt 2>&1 && fail "the mount lives on"
grep -q -e 'not connected' -e 'aborted' out.txt || fail "stat: $(cat out.txt)"
wait_for 10 ended "$helper" || fail "the one who mounts is left"
for pid in "${left[@]}"; do
	kill -KILL "$pid" 2>/dev/null || :
	wait_for 10 ended "$pid" || fail "process $pid is left"
done
expect 0 fuserelay cleanup
not_mounted "$mnt" || fail "left mounted"
