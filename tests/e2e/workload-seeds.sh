#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# The built-in client drives the passthrough through a finely cut, glued and
# shortened stream, with 20 seeds.  No kernel mount.
# limit: 600
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

seeds=20
[ -z "$SANITIZED" ] || seeds=5
dirs_new
for seed in $(seq 1 $seeds); do
	workload quick --fragment=1-7 --coalesce=64 --short-writes \
	    --seed="$seed" -- fuserelay-passthrough -f SRC MNT
done
