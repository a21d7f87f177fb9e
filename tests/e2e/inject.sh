#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F80: a call of the relay's fails that may fail at any time: nobody waits for
# ever, and what could not be had is told.  (inject-sweep.sh tries them all.)
# shellcheck source=lib-inject.sh
. "$TOP/tests/e2e/lib-inject.sh"

need python3

# one HOW CALL ERROR N VERDICT...: the Nth CALL fails, and this comes of it.
# Status 1: there is no Nth.
one()
{
	local name=$1-$2-$3-$4 verdict
	inject "$name" "$1" "$2" "$3" "$4" || :
	[ "$(injected "$name")" != 0 ] || return 1
	verdict=$(verdict "$name")
	case " ${*:5} " in
	*" $verdict "*) ;;
	*)	cat "$name/life.txt" "$name/relay.log"
		fail "$1: $3 from $2, time $4: $verdict" ;;
	esac
	echo "$1: $3 from $2, time $4: $verdict"
	rm -r "$name"
}

# each HOW CALL ERROR VERDICT...: whichever it is.
each()
{
	local n=1
	while one "$1" "$2" "$3" "$n" "${@:4}"; do
		n=$((n + 1))
	done
	[ $n -gt 1 ] || fail "no $2 was seen"
}

# The answers to what is trapped: mount(2) and umount2(2).
each umount ioctl EINTR served

# Nothing can be waited for, one descriptor or all.
each umount epoll_ctl ENOMEM served undone
for n in 1 2 5 20; do
	one umount epoll_wait EIO $n undone || fail "no epoll_wait $n"
done

# The mount's device is not to be had, or takes no reply.
each umount pidfd_getfd EMFILE served undone
for n in 1 3 9; do
	one umount writev EINVAL $n served || fail "no writev $n"
done

# The device end can't be handed over: mount(2) fails when what it had made is
# undone, however long that takes (processes are slow to be made here).  Else a
# program that mounts again in another way would mount on the dead one.
denied()
{
	strace -qq -o "$TMP/trace" -e trace=ioctl,clone,clone3,fork,vfork \
	    "$@" fuserelay run -- python3 mounts.py "$mnt" >denied.txt 2>&1
}

cat >mounts.py <<'PY'
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
fd = os.open("/dev/fuse", os.O_RDWR)
options = "fd=%d,rootmode=40000,user_id=0,group_id=0" % fd
r = libc.mount(b"x", sys.argv[1].encode(), b"fuse", 0, options.encode())
print("mount:", ctypes.get_errno() if r else 0)
for line in open("/proc/self/mountinfo"):
    if line.split()[4] == sys.argv[1]:
        print("still", line)
PY

# denied_says REGEX
denied_says()
{
	grep -q "$1" denied.txt || fail "no '$1': $(cat denied.txt)"
}

dirs_new
# (A program that mounts and does not serve; it is counted which call of the
# relay hands over.)
denied || :
denied_says '^mount: 0$'
n=$(awk '/^ioctl/ { n++ } /NOTIF_ADDFD/ { print n; exit }' trace)
[ -n "$n" ] || fail "no device end was handed over"
! mounted "$mnt" || umount "$mnt"
denied -e "inject=ioctl:error=EPERM:when=$n" \
    -e inject=clone,clone3,fork,vfork:delay_enter=300000 || :
denied_says "can't hand over the device end: Operation not permitted"
denied_says '^mount: [1-9]'
! grep still denied.txt || fail "denied, but still mounted"
echo "mount(2) fails when its mount is undone"
