#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F36: the daemon invalidates what the kernel waits for it to read, and dies:
# the reader gets an errno, and everybody ends.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need_mount

# Should it hang: the kernel's own way to end a connection.
abort()
{
	umount -f "$mnt" || umount -l "$mnt"
	wait_for 5 ended "$relay" || kill -KILL "$relay"
}

for round in $(seq 20); do
	relay_start run -- odd-daemon leaves MNT
	code=0
	t 10 cat "$mnt/file" >out.txt 2>err.txt || code=$?
	if [ "$code" != 1 ] || ! wait_for 10 ended "$relay"; then
		abort
		fail "round $round: cat ended with $code: $(cat err.txt)"
	fi
	child_wait 1 "$relay"
	[ "$code" = 7 ] || fail "status $code"
	umount "$mnt" || fail "umount"
done
