#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# The reference passthrough behind the relay, on a kernel mount, with every
# shape of the stream: what is written comes back.
# limit: 300
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

emulate_shapes fuserelay-passthrough -f SRC MNT
