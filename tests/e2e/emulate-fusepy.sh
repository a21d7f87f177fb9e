#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# A Python file system (fusepy: libfuse 2 through ctypes) behind the relay,
# on a kernel mount, with every shape of the stream.
# limit: 300
# sanitized: no
# shellcheck source=lib-shapes.sh
. "$TOP/tests/e2e/lib-shapes.sh"

python=/usr/bin/python3		# the system's, which has the system's fusepy
$python -c 'import fusepy' 2>/dev/null || skip "no fusepy"
emulate_shapes $python "$TOP/tests/helpers/fusepy-passthrough.py" SRC MNT
