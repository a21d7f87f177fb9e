#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F54: a program has its device more than once.  All that are its own become
# the device end; a copy in another process is let be, unless that process
# waits for it or serves on it: then the mount is refused, or undone, and the
# program told why.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need_mount
need gcc
dirs_new
echo hello >"$src/file"
gcc -O1 -o mounter "$TOP/tests/helpers/mounter.c" || fail "gcc"

# serves FRONT WAY [OPTION...]
serves()
{
	local front=$1 way=$2
	shift 2
	echo "--- $front, $way"
	relay_start "$front" --stats "$@" -- ./mounter "$way" MNT \
	    fuserelay-passthrough -f SRC {}
	[ "$(t 10 cat "$mnt/file")" = hello ] || fail "cannot read"
	relay_stop
	grep -q "$mnt: .*requests" "$relay_log" ||
		fail "it did not come through the relay"
}

# refuses FRONT WAY REGEX...: it fails, and nothing stays mounted.
refuses()
{
	local front=$1 way=$2 line
	shift 2
	echo "--- $front, $way: refused"
	t 60 fuserelay "$front" -- ./mounter "$way" "$mnt" \
	    fuserelay-passthrough -f "$src" {} >out.txt 2>&1 </dev/null &&
		fail "status 0"
	for line in "$@"; do
		says "$line"
	done
	mounted "$mnt" && fail "left mounted"
	return 0
}

nobody_spins()
{
	! pgrep -f "mounter spins $mnt"
}

for front in run emulate; do
	serves $front dup
	serves $front sync
	serves $front idle -v
	grep -q "$mnt: process [0-9]* (mounter) has a copy of the device" \
	    "$relay_log" || fail "nothing is said of the copy"
	refuses $front epoll 'process [0-9]* \(mounter\) waits' \
	    'mounter: epoll: Operation not supported'
	refuses $front child 'unmounted: .*, and process [0-9]* had a copy'
	refuses $front spins 'unmounted: .*, and process [0-9]* had a copy'
	wait_for 5 nobody_spins || fail "a process reads its copy for ever"
	if grep 'dead mount' out.txt; then
		fail "it is said to be left mounted"
	fi
done
