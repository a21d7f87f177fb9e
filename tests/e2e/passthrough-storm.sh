#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# Threads that work on the same few names of the passthrough see each other
# rightly, and leave the same tree in the source.
# limit: 300
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need_mount
built posix-storm

storm()
{
	mkdir "$src/storm"
	t 120 posix-storm -s "$1" -n 3000 "$mnt/storm" "$src/storm" ||
		fail "the storm did harm"
	rm -r "$src/storm"
}

seed=0
for options in cache=auto cache=never node_fds=16 writeback; do
	echo "--- mount, $options"
	passthrough_start -o "$options"
	storm $((seed += 1))
	relay_stop
done

echo "--- mount, by names"
passthrough_by_names
passthrough_start -o node_fds=3
storm $((seed += 1))
relay_stop

echo "--- behind the relay"
relay_start emulate --fragment=1-5000 --coalesce=16 --seed=5 -- \
    fuserelay-passthrough -f SRC MNT
storm $((seed += 1))
relay_stop
