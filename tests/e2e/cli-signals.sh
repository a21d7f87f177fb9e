#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F26: signals to the relay: TERM, INT and HUP unmount and end the daemon with
# nothing left; USR1 tells about the session and changes nothing.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need_mount
for signal in TERM INT HUP; do
	echo "--- $signal"
	relay_start emulate -- fuserelay-passthrough -f SRC MNT
	t 20 cp "$BUILD/fuserelay" "$mnt/file" || fail "cannot write"
	before=$(wc -c <"$relay_log")
	kill -USR1 "$relay"
	more()
	{
		[ "$(wc -c <"$relay_log")" -gt "$before" ]
	}
	wait_for 5 more || fail "USR1 says nothing"
	t 20 cmp "$BUILD/fuserelay" "$mnt/file" || fail "after USR1"
	kill -"$signal" "$relay"
	child_wait 30 "$relay"
	echo "status $code"
	mounted "$mnt" && fail "still mounted"
	[ "$code" = 0 ] || fail "status $code"
	same "$BUILD/fuserelay" "$src/file"
done
