#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F6, F7, F9: the workloads of the built-in client, in every shape of the
# stream, over both transports; of those, the longer workload over one of them,
# in turns.  No kernel mount.
# limit: 600
# shellcheck source=lib-shapes.sh
. "$TOP/tests/e2e/lib-shapes.sh"

nth=0
one()
{
	local name=quick
	shift
	nth=$((nth + 1))
	case $SANITIZED$nth in
	1|3|5|8|10|12|yes5|yes12) name=basic ;;
	esac
	workload $name "$@" --seed=1 -- fuserelay-passthrough -f SRC MNT
}
dirs_new
each_shape one
