#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F70: a call of the relay's fails that may fail at any time: nobody waits for
# ever, and what could not be had is told.  (inject-sweep.sh tries them all.)
# shellcheck source=lib-inject.sh
. "$TOP/tests/e2e/lib-inject.sh"

# always HOW CALL ERROR VERDICT: whichever CALL of its life fails, that is
# the end of it.
always()
{
	local n=0 name
	while :; do
		n=$((n + 1))
		name=$1-$2-$3-$n
		inject "$name" "$1" "$2" "$3" "$n" || :
		[ "$(injected "$name")" != 0 ] || break
		[ "$(verdict "$name")" = "$4" ] || {
			cat "$name/life.txt" "$name/relay.log"
			fail "$1: $3 from $2, time $n: $(verdict "$name")"
		}
		rm -r "$name"
	done
	[ $n -gt 1 ] || fail "no $2 was seen"
	echo "$1: $((n - 1)) times $3 from $2: $4"
}

# The answers to what is trapped: mount(2) and umount2(2).
always umount ioctl EINTR served
