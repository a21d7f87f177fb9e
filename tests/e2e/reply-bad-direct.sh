#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# Without the relay the emulator itself refuses a bad reply, as FUSE-T's
# readers would not: status 3 and the bytes.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

dirs_new
for fault in len-above long cut positive; do
	echo "--- $fault"
	words_fill odd-daemon $fault MNT
	expect 3 fuserelay emulate --direct --workload=quick -- "${words[@]}"
	cat out.txt
done
