#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# What strace sees of a wrapped program: its mount(2) is answered, but the
# mount that there is was made by the relay; and nothing is left of it all.
# sanitized: no
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need_mount
need_strace
dirs_new
echo hello >"$src/file"

# Files and sockets that could be ours.
ours()
{
	find "$TMP" ! -path "$TMP/trace*" ! -path "$TMP/.san*" ! -name '*.txt' \
	    ! -name relay.log
	find /run/fuserelay -type f -exec grep -l -x -F "$mnt" {} + \
	    2>/dev/null || :
	find /tmp -maxdepth 1 -name 'fuserelay-[0-9]*' 2>/dev/null
	awk -v d="$TMP" 'index($8, d) == 1' /proc/net/unix
}

# mounts_in FILE...: FUSE mounts that these processes made, as they saw it
mounts_in()
{
	[ $# = 0 ] || cat "$@" |
	    grep -c -E -e '^mount\(.*"fuse[^"]*".*\) = 0$' \
	    -e '^move_mount\(.*\) = 0$' || :
}

try()
{
	local file own=() relays=()
	echo "--- $*"
	ours >before.txt
	mkdir trace
	words_fill "$@"
	strace -ff -qq -o trace/p -e trace=execve,mount,fsmount,move_mount \
	    fuserelay run -- "${words[@]}" >"$relay_log" 2>&1 </dev/null &
	relay=$!
	wait_for 30 relay_settled || fail "not mounted in 30 s"
	[ "$(t 10 cat "$mnt/file")" = hello ] || fail "cannot read"
	awk -v p="$mnt" '$5 == p' /proc/self/mountinfo >table.txt
	[ "$(wc -l <table.txt)" = 1 ] || fail "mounts: $(cat table.txt)"
	t 20 umount "$mnt" || fail "umount"
	child_wait 30 "$relay"
	[ "$code" = 0 ] || fail "status $code"
	relay_quiet
	for file in trace/p.*; do
		if grep -q '^execve(' "$file" &&
		    ! grep -q '^execve(.*/fuserelay"' "$file"; then
			own+=("$file")
		else
			relays+=("$file")
		fi
	done
	# one mount, which the relay made: the program's own was none
	[ "$(mounts_in "${relays[@]}")" = 1 ] || fail "the relay's mounts"
	[ "$(mounts_in "${own[@]}")" = 1 ] || fail "the program's mounts"
	grep -h -E '(fsmount|move_mount)\(.*= [0-9]' "${own[@]}" &&
		fail "mounted in the newer way"
	rm -r trace
	ours >after.txt
	diff before.txt after.txt || fail "something was left"
}

if command -v bindfs >/dev/null; then
	try bindfs -f SRC MNT
	try bindfs SRC MNT
fi
try fuserelay-passthrough -f SRC MNT
if command -v fusermount3 >/dev/null; then
	gcc -O1 -o mounter "$TOP/tests/helpers/mounter.c" || fail "gcc"
	try ./mounter "helper:$(command -v fusermount3)" MNT \
	    fuserelay-passthrough -f SRC {}
fi
