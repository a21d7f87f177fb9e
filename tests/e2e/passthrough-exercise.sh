#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# Random operations on one file of the passthrough agree with a model, with
# every way of caching, and behind the relay.
# limit: 600
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need_mount
built posix-exercise

exercise()
{
	t 280 posix-exercise -n 1500 -r 8 -s "$1" -b "$src/file" \
	    "$mnt/file" || fail "the file differs from the model"
}

seed=100
for options in cache=auto cache=never cache=always writeback; do
	echo "--- mount, $options"
	passthrough_start -o "$options"
	exercise $((seed += 100))
	relay_stop
done

# The relay caches nothing itself, but orders what the kernel sends.
for options in cache=auto writeback; do
	echo "--- behind the relay, $options"
	relay_start emulate --fragment=79-70000 --short-writes --seed=7 -- \
	    fuserelay-passthrough -f -o "$options" SRC MNT
	exercise $((seed += 100))
	relay_stop
done
