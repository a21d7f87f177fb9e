#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# The raw stream breaks a program that reads one request at a time, as it
# does in the field; the same program behind the relay passes.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

dirs_new
for shape in "--fragment=79-81" "--fragment=40-40" "--coalesce=16"; do
	echo "--- $shape"
	words_fill fuserelay-passthrough -f SRC MNT
	# shellcheck disable=SC2086 # words
	if t 60 fuserelay emulate --direct --workload=quick --seed=1 \
	    $shape -- "${words[@]}" >out.txt 2>&1 </dev/null; then
		fail "the raw stream did no harm"
	else
		code=$?
	fi
	[ $code != 124 ] || fail "hangs"
	rm -rf "${src:?}"/*
	# shellcheck disable=SC2086 # words
	workload quick --seed=1 $shape -- fuserelay-passthrough -f SRC MNT
done
