#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F10, F46: a stream that the user gives: connected to, listened for, or a
# descriptor.  A client that ends it ends the daemon, and the status is 0.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need python3
dirs_new
socket=$TMP/socket
steps=(init reply getattr reply end)
daemon=(fuserelay-passthrough -f "$src" "$mnt")

front()
{
	t 60 python3 "$TOP/tests/helpers/front.py" "$@" "${steps[@]}"
}

# told: the client had both replies, and then the end.
told()
{
	cat front.txt
	[ "$(sed 3q front.txt)" = $'reply 2 0\nreply 4 0\neof' ] ||
		fail "this is not what the client should have had"
}

relay_ends()
{
	child_wait 20 "$relay"
	[ "$code" = 0 ] || fail "status $code"
	relay_quiet
}

# listened WORD...: a client of run --front=listen, WORD before it.
listened()
{
	words=()
	rm -f "$relay_log"
	"$@" fuserelay run --front="listen:$socket" -- "${daemon[@]}" \
	    >"$relay_log" 2>&1 </dev/null &
	relay=$!
	wait_for 20 test -S "$socket" || fail "no socket"
	[ "$(stat -c %a "$socket")" = 600 ] || fail "others may connect"
	front "to:$socket" >front.txt
	told
	relay_ends
	[ ! -e "$socket" ] || fail "the socket is left"
}

echo "--- connect:"
front "$socket" >front.txt &
front=$!
wait_for 10 test -S "$socket" || fail "no socket"
relay_spawn run --front="connect:$socket" -- "${daemon[@]}"
child_wait 60 "$front"
told
relay_ends
rm "$socket"

echo "--- fd:"
front "pair:exec fuserelay run --front=fd:{fd} -- ${daemon[*]@Q} \
    >relay.log 2>&1" >front.txt
told
grep -q '^status 0$' front.txt || fail "another status"

echo "--- listen:"
chmod 700 "$TMP"
listened env

[ -z "$SANITIZED" ] || exit 0		# a sanitizer wants to be loaded first
built torture.so
for at in {1..40}; do
	echo "--- listen:, and call $at fails"
	listened env LD_PRELOAD="$BUILD/torture.so" TORTURE_AT="$at" \
	    TORTURE_SEED="$at"
done
