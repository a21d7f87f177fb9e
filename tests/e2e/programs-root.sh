#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F44: Debian's FUSE programs, as root: what the bare program does, it does
# behind the relay too, on the kernel's device and behind the emulator.
# limit: 900
# sanitized: no
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"
# shellcheck source=../helpers/programs.sh
. "$TOP/tests/helpers/programs.sh"

need_mount
dirs_new
as_root()
{
	t 300 "$@"
}
export WORK=$TMP/work
mkdir "$WORK"
programs_prepare
programs_compare as_root 8
