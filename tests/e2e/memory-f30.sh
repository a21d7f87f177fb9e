#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F30: the relay is refused memory, at any one moment: it may fail, and say
# so, or go on; it does not crash, hang or leave anything.
# limit: 300
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

[ -z "$SANITIZED" ] || skip "a sanitizer has the allocator"
built torture.so
dirs_new
words_fill --seed=1 -- fuserelay-passthrough -f SRC MNT

# without COUNT requests for memory in one place
without()
{
	rm -f log
	code=0
	LD_PRELOAD=$BUILD/torture.so TORTURE_LOG=$TMP/log TORTURE_MALLOC=$1 \
	    t 60 fuserelay emulate --workload=quick "${words[@]}" \
	    >out.txt 2>&1 </dev/null || code=$?
	case $code in
	0|1|2|3|125) ;;
	*)	cat out.txt
		fail "status $code without memory at request $1" ;;
	esac
	[ "$code" != 125 ] || grep -q '^fuserelay: ' out.txt ||
		fail "failed without a word, without memory at request $1"
	find "$src" -mindepth 1 -delete
}

without 0
[ "$code" = 0 ] || fail "status $code with all memory"
read -r _ _ _ _ _ total <log || fail "nothing was counted"
echo "$total requests for memory"
for ((k = 1; k <= total; k += k < 40 ? 1 : 1 + total / 60)); do
	without "$k"
done
