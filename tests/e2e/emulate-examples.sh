#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# Example file systems of libfuse 3, low level and high level, compiled as
# Debian ships them, behind the relay with every shape of the stream.
# limit: 600
# sanitized: no
# shellcheck source=lib-shapes.sh
. "$TOP/tests/e2e/lib-shapes.sh"
# shellcheck source=lib-programs.sh
. "$TOP/tests/e2e/lib-programs.sh"

example passthrough_ll
emulate_shapes ./passthrough_ll -f -o source=SRC MNT

# This one shows the whole machine below its mount point.
example passthrough_fh
FILES_DIR=MNTSRC
emulate_shapes ./passthrough_fh -f MNT
