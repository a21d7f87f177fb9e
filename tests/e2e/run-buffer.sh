#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F12: the kernel is told to send no more than small buffers carry: nothing
# needs to be split.
# limit: 120
# shellcheck source=lib-shapes.sh
. "$TOP/tests/e2e/lib-shapes.sh"

need_mount
for size in 16K 100000 1M; do
	relay_start run --stats --buffer=$size -- \
	    fuserelay-passthrough -f SRC MNT
	files_check "$mnt" 8
	relay_stop
	grep -q "0 repaired, 0 refused" "$relay_log" ||
		fail "something was refused with $size"
	grep -q "too large" "$relay_log" && fail "split with $size"
done
exit 0
