#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F32, F34, F35: replies that the kernel would refuse: the caller gets EIO (or
# the right answer, where one follows), the session goes on, the log tells.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need_mount
for fault in none stranger twice; do
	echo "--- $fault"
	relay_start emulate -- odd-daemon $fault MNT
	t 10 stat -f "$mnt" >out.txt || fail "$fault: no answer"
	t 10 stat -f "$mnt" >out.txt || fail "$fault: no second answer"
	t 20 umount "$mnt"
	child_wait 20 "$relay"
	[ "$code" = 0 ] || fail "status $code"
done
for fault in len-above len-below long cut positive huge-error; do
	echo "--- $fault"
	relay_start emulate -- odd-daemon $fault MNT
	expect 1 stat -f "$mnt"
	says 'Input/output error'
	expect 1 stat "$mnt/absent"
	says 'No such file'
	expect 1 stat -f "$mnt"
	t 20 umount "$mnt"
	child_wait 20 "$relay"
	[ "$code" = 0 ] || fail "status $code"
	grep -q -i -e statfs "$relay_log" || fail "nothing in the log"
done
