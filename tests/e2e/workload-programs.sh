#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# The built-in client drives unpatched programs of other libraries, so that
# they can be tried where no kernel mount is allowed.
# limit: 120
# sanitized: no
# shellcheck source=lib-programs.sh
. "$TOP/tests/e2e/lib-programs.sh"

dirs_new
tried=0
try()
{
	workload quick --fragment=79-81 --coalesce=8 --seed=1 -- "$@"
	tried=$((tried + 1))
}
if command -v bindfs >/dev/null; then
	try bindfs -f SRC MNT
fi
if command -v unionfs >/dev/null; then
	try unionfs -f SRC=RW MNT
fi
if has_example passthrough_ll; then
	example passthrough_ll
	try ./passthrough_ll -f -o source=SRC MNT
fi
[ $tried -gt 0 ] || skip "no program to try"
