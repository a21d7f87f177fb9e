#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# The built-in client drives the passthrough through a finely cut, glued and
# shortened stream, with 20 seeds, the first 4 of them as finely as can be.  No
# kernel mount.
# limit: 600
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

seeds=20 finest=4
[ -z "$SANITIZED" ] || seeds=5 finest=1
dirs_new
for seed in $(seq 1 $seeds); do
	most=64
	[ "$seed" -gt $finest ] || most=7
	workload quick --fragment=1-$most --coalesce=64 --short-writes \
	    --seed="$seed" -- fuserelay-passthrough -f SRC MNT
done
