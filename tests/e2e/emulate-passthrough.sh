#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# The reference passthrough behind the relay, on a kernel mount, with every
# shape of the stream: what is written comes back.
# limit: 300
# shellcheck source=lib-shapes.sh
. "$TOP/tests/e2e/lib-shapes.sh"

emulate_shapes fuserelay-passthrough -f SRC MNT
