#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F36: a daemon sends 100,000 notifications in a row, between a request and
# its answer: the answer comes through, what is asked next is answered, and
# nothing is said of notifications that the kernel has no use for.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need_mount

for transport in seqpacket dgram; do
	for front in run emulate; do
		echo "--- $front, $transport"
		relay_start $front --transport=$transport -- \
		    odd-daemon storm MNT
		t 60 stat -f "$mnt" >out.txt || fail "no answer"
		t 20 stat "$mnt" >out.txt || fail "no answer to others"
		t 20 umount "$mnt" || fail "umount"
		child_wait 20 "$relay"
		[ "$code" = 0 ] || fail "status $code"
		relay_quiet
	done
done
