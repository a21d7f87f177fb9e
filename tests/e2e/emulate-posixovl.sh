#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# posixovl (libfuse 2, unpatched) behind the relay, on a kernel mount, with
# every shape of the stream.
# limit: 300
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need mount.posixovl
emulate_shapes mount.posixovl -S SRC MNT -- -f
