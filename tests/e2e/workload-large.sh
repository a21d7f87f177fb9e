#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F8: a front that ignores max_write: its READs and WRITEs are larger than the
# device end carries, and go in parts.  The workload compares all contents.
# limit: 240
# shellcheck source=lib-users.sh
. "$TOP/tests/e2e/lib-users.sh"

dirs_new
# As small as an ordinary user's sockets are by default.
for transport in seqpacket dgram; do
	for shape in "" "--fragment=79-81" "--short-writes"; do
		# shellcheck disable=SC2086 # words
		workload quick --stats --ignore-max-write --buffer=212992 \
		    --transport=$transport $shape --seed=1 -- \
		    fuserelay-passthrough -f SRC MNT
		says "too large for one message, sent in [1-9]"
		says "0 repaired, 0 refused"
	done
done
# The largest messages that there are.
workload basic --stats --ignore-max-write --rwsize=33554432 --seed=1 -- \
    fuserelay-passthrough -f SRC MNT
says "too large for one message, sent in [1-9]"
says "largest 33554512 bytes"
# Without them nothing is split.
workload quick --stats --seed=1 -- fuserelay-passthrough -f SRC MNT
if grep -q "too large" out.txt; then
	fail "requests were split that fit"
fi
# An ordinary user, sockets as large as they get.
if [ "$(id -u)" = 0 ]; then
	src=$TMP/user/src
	mnt=$TMP/user/mnt
	with_user mkdir "$src" "$mnt"
	words_fill fuserelay-passthrough -f SRC MNT
	expect 0 with_user fuserelay emulate --workload=quick --stats \
	    --ignore-max-write --rwsize=16777216 --seed=1 -- "${words[@]}"
	says "too large for one message, sent in [1-9]"
	[ -z "$(ls -A "$src")" ] || fail "files left in the source"
fi
