#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# The emulator has one of FUSE-T's faults at a time, and the daemon has what
# the fault is about: the workload passes with the quirk, which is on by
# itself, and fails without it.
# limit: 120
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

dirs_new
quirk()
{
	local name=$1 complaint=$2
	words_fill --stats --seed=1 "--server-quirk=$name" -- \
	    "$BUILD/bare-daemon" SRC MNT
	expect 0 fuserelay emulate --workload=quick "${words[@]}"
	says "[1-9][0-9]* messages rewritten by quirk $name"
	[ -z "$(ls -A "$src")" ] || fail "files left in the source"
	expect 0 fuserelay emulate --workload=quick --no-quirk="$name" \
	    --quirk="$name" "${words[@]}"
	expect 1 fuserelay emulate --workload=quick --no-quirk="$name" \
	    "${words[@]}"
	says "^FAIL .*$complaint"
	if grep -q "rewritten by quirk $name" out.txt; then
		fail "--no-quirk=$name did not switch it off"
	fi
	find "$src" -mindepth 1 -delete
}
quirk nonzero-fh "EBADF"
quirk readdir-offset "EINVAL"
quirk lookup-ino0 "which is gone"

# All of them together, and what is listed is what there is.
words_fill --server-quirk=nonzero-fh --server-quirk=readdir-offset \
    --server-quirk=lookup-ino0 --ignore-max-write --buffer=212992 \
    --fragment=1-64 --coalesce=64 -- "$BUILD/bare-daemon" SRC MNT
expect 0 fuserelay emulate --workload=quick --stats "${words[@]}"
says "too large for one message"
[ -z "$(ls -A "$src")" ] || fail "files left in the source"
expect 0 fuserelay run --quirk=list
for name in nonzero-fh readdir-offset lookup-ino0; do
	says "^$name +[A-Z].*\(on for FUSE-T\)"
done
expect 125 fuserelay run --quirk=zero-fh -- true
says "no such quirk"

# A front without faults is left alone, but for what is on anyway.
words_fill -- fuserelay-passthrough -f SRC MNT
expect 0 fuserelay emulate --workload=quick --stats "${words[@]}"
if grep "rewritten by quirk" out.txt; then
	fail "a quirk where none is needed"
fi
