#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# Locks of the passthrough: seen outside, waits that end, that can be
# interrupted, and that do not stop anybody else.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need_mount
need flock python3 pgrep
need_proc syscall
passthrough_start --max-threads=2
: >"$src/file"

# Both ways: held outside, held inside.
exec 7<>"$src/file"
flock 7
t 20 flock -n "$mnt/file" true && fail "flock of the source not seen"
flock -u 7
t 20 flock -n "$mnt/file" true || fail "flock not given back"
exec 8<>"$mnt/file"
flock 8
flock -n "$src/file" true && fail "flock not seen in the source"
exec 8>&-
wait_for 10 flock -n "$src/file" true || fail "flock outlives its file"

# More waiters than threads; all get their turn, others are served.
flock 7
pids=
for i in {1..8}; do
	t 60 flock "$mnt/file" true &
	pids="$pids $!"
done
t 20 ls "$mnt" >/dev/null || fail "waiters stop others"
flock -u 7
for i in $pids; do
	wait "$i" || fail "a waiter did not get the lock"
done

# Record locks: owner, waiting, interrupt, death of the holder.
cat >locks.py <<'PYTHON'
import fcntl, os, signal, struct, sys, time

inside, outside = sys.argv[1:3]
FLOCK = "hhqqi4x"


def held_by(f):
    lock = struct.pack(FLOCK, fcntl.F_WRLCK, 0, 0, 0, 0)
    lock = struct.unpack(FLOCK, fcntl.fcntl(f, fcntl.F_GETLK, lock))
    return None if lock[0] == fcntl.F_UNLCK else lock[4]


def child(act):
    pid = os.fork()
    if pid == 0:
        act()
        os._exit(0)
    return pid


def status(pid):
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


class Alarm(Exception):
    pass


def on_alarm(*unused):
    raise Alarm


signal.signal(signal.SIGALRM, on_alarm)
f = open(inside, "r+")

# The holder's process id is told.
fcntl.lockf(f, fcntl.LOCK_EX, 10, 0)
parent = os.getpid()


def who():
    assert held_by(open(inside, "r+")) == parent


assert status(child(who)) == 0


# A program outside sees it too, and cannot take it.
def outside_try():
    try:
        fcntl.lockf(open(outside, "r+"), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    os._exit(1)


assert status(child(outside_try)) == 0


# A wait ends with a signal, at once, and nothing is held by it.
def interrupted():
    g = open(inside, "r+")
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    begin = time.monotonic()
    try:
        fcntl.lockf(g, fcntl.LOCK_EX)
        os._exit(1)
    except Alarm:
        assert time.monotonic() - begin < 10


assert status(child(interrupted)) == 0


# A wait can be killed.
def wait_for_ever():
    fcntl.lockf(open(inside, "r+"), fcntl.LOCK_EX)
    os._exit(1)


pid = child(wait_for_ever)
while True:
    with open("/proc/%d/syscall" % pid) as s:
        if s.read().startswith(("72 ", "25 ")):
            break
os.kill(pid, signal.SIGKILL)
assert status(pid) == -signal.SIGKILL

# The lock goes over to who waits, and dies with its holder.
r, w = os.pipe()


def second():
    g = open(inside, "r+")
    fcntl.lockf(g, fcntl.LOCK_EX)
    os.write(w, b"x")
    signal.pause()


pid = child(second)
fcntl.lockf(f, fcntl.LOCK_UN, 10, 0)
assert os.read(r, 1) == b"x"
try:
    fcntl.lockf(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
    sys.exit("two holders")
except BlockingIOError:
    pass
os.kill(pid, signal.SIGKILL)
assert status(pid) == -signal.SIGKILL
fcntl.lockf(f, fcntl.LOCK_EX)

# A lock held outside is waited for as well.
fcntl.lockf(f, fcntl.LOCK_UN)
o = open(outside, "r+")
fcntl.lockf(o, fcntl.LOCK_EX)
pid = child(second)
fcntl.lockf(o, fcntl.LOCK_UN)
assert os.read(r, 1) == b"x"
os.kill(pid, signal.SIGKILL)
status(pid)
PYTHON
t 60 python3 locks.py "$mnt/file" "$src/file" || fail "record locks"
exec 7>&-
relay_stop

# A waiter at the end of the mount does not keep the program.
passthrough_start
exec 7<>"$src/file"
flock 7
t 60 flock "$mnt/file" true &
waiter=$!
# In flock(): 73, on arm64 32.
waits()
{
	local pid
	pid=$(pgrep -x -f "flock $mnt/file true") &&
	    grep -q -E '^(73|32) ' "/proc/$pid/syscall"
}
wait_for 10 waits || fail "nobody waits"
kill -TERM "$relay"
child_wait 20 "$relay"
wait "$waiter" && fail "the waiter got a lock that is held"
mounted "$mnt" && t 20 umount -l "$mnt"
exec 7>&-
wait_for 20 not_mounted "$mnt" || fail "still mounted"

# Left to the kernel on demand.
passthrough_start -o local_locks
exec 7<>"$src/file"
flock 7
t 20 flock -n "$mnt/file" true || fail "local_locks asks the source"
exec 7>&-
relay_stop
