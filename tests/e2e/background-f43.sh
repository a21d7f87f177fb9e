#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F43: programs that go into the background after mounting (no -f) are
# followed: the relay stays, unmounting ends everything with status 0.
# limit: 120
# shellcheck source=lib-shapes.sh
. "$TOP/tests/e2e/lib-shapes.sh"
# shellcheck source=lib-programs.sh
. "$TOP/tests/e2e/lib-programs.sh"

need_mount
run_in_background()
{
	echo "--- $*"
	relay_start emulate -- "$@"
	files_check "$mnt" 4
	relay_stop
}

run_in_background fuserelay-passthrough SRC MNT
if command -v bindfs >/dev/null; then
	run_in_background bindfs SRC MNT
fi
example passthrough_ll
run_in_background ./passthrough_ll -o source=SRC MNT
