#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# Without the relay the emulator itself refuses a bad reply, as FUSE-T's
# readers would not: status 3 and the bytes.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need_mount
for fault in long cut positive; do
	echo "--- $fault"
	relay_start emulate --direct -- odd-daemon $fault MNT
	expect 1 stat -f "$mnt"
	child_wait 20 "$relay"
	cat "$relay_log"
	[ "$code" = 3 ] || fail "status $code instead of 3"
	wait_for 5 not_mounted "$mnt" || fail "still mounted"
done
