#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# unionfs-fuse (libfuse 2, unpatched) behind the relay, on a kernel mount,
# with every shape of the stream.
# limit: 300
# sanitized: no
# shellcheck source=lib-shapes.sh
. "$TOP/tests/e2e/lib-shapes.sh"

need unionfs
emulate_shapes unionfs -f SRC=RW MNT
