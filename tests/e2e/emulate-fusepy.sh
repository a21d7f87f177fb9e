#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# A Python file system (fusepy: libfuse 2 through ctypes) behind the relay,
# on a kernel mount, with every shape of the stream.
# limit: 300
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need python3
python3 -c 'import fuse; fuse.FUSE' 2>/dev/null || skip "no fusepy"
emulate_shapes python3 "$TOP/tests/helpers/fusepy-passthrough.py" SRC MNT
