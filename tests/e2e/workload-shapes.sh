#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F6, F7, F9: the longer workload of the built-in client, in every shape of
# the stream, over both transports.  No kernel mount.
# limit: 300
# shellcheck source=lib-shapes.sh
. "$TOP/tests/e2e/lib-shapes.sh"

one()
{
	shift
	workload basic "$@" --seed=1 -- fuserelay-passthrough -f SRC MNT
}
dirs_new
each_shape one
