#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# bindfs (a libfuse 2 program, unpatched) behind the relay, on a kernel
# mount, with every shape of the stream.
# limit: 300
# sanitized: no
# shellcheck source=lib-shapes.sh
. "$TOP/tests/e2e/lib-shapes.sh"

need bindfs
emulate_shapes bindfs -f SRC MNT
