#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F80: a call of the relay's fails that may fail at any time: nobody waits for
# ever, and what could not be had is told.  (inject-sweep.sh tries them all.)
# shellcheck source=lib-inject.sh
. "$TOP/tests/e2e/lib-inject.sh"

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
