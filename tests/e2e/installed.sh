#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# The installed programs find each other and do what those in the build
# tree do.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

prefix=$BUILD/installed
[ -d "$prefix/bin" ] || skip "nothing installed in $prefix"
PATH=$prefix/bin:${PATH#"$BUILD:"}
[ "$(command -v fuserelay)" = "$prefix/bin/fuserelay" ] ||
	fail "no fuserelay in $prefix/bin"
command -v fuset-emulator >/dev/null && fail "the emulator is in PATH"
dirs_new
workload quick --seed=1 -- fuserelay-passthrough -f SRC MNT
