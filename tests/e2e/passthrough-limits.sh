#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F38: a tree with many more files than descriptors can be walked and used,
# and what the kernel forgets is given back.
# limit: 300
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need_mount
need_drop_caches
dirs_new
dirs=40 files=500
for ((d = 0; d < dirs; d++)); do
	mkdir "$src/d$d"
	(cd "$src/d$d" && seq -f 'f%g' $files | xargs touch)
done
total=$((dirs * files))

descriptors()
{
	find "/proc/$relay/fd" -type l | wc -l
}

few_descriptors()
{
	[ "$(descriptors)" -lt "$1" ]
}

# The tree through the mount; names alone, then all that can be known.
walk()
{
	[ "$(t 120 find "$mnt" -type f | wc -l)" = $total ] ||
		fail "files are missing"
	[ "$(t 120 find "$mnt" -type f -links 1 -size 0 -printf x |
	    wc -c)" = $total ] || fail "attributes are missing"
}

# Everything is forgotten: no descriptor is left but a few of its own, and
# nothing in the tables.  The program itself checks that its accounts agree.
passthrough_start -o node_fds=100000,debug
few=$(($(descriptors) + 10))
t 60 ls -l "$mnt/d1" >/dev/null
[ "$(descriptors)" -gt 100 ] || fail "no descriptors for nodes"
echo 2 >/proc/sys/vm/drop_caches
wait_for 30 few_descriptors $few || fail "$(descriptors) descriptors"
t 20 umount "$mnt" || fail "umount failed"
child_wait 20 "$relay"
[ "$code" = 0 ] || fail "status $code after a clean unmount"
grep -q 'at the end: 0 open files, 0 nodes, 0 references$' "$relay_log" ||
	fail "something was not forgotten"
: >"$relay_log"

resident()
{
	awk '/^VmRSS/ { print $2 }' "/proc/$relay/status"
}

# Most of what the walk took is given back.
memory_back()
{
	[ $(($(resident) - rss_start)) -lt $(((rss_walked - rss_start) / 2)) ]
}

ulimit -n 256
few_for_many()
{
	local rss_start rss_walked
	echo "--- $*"
	passthrough_start -o "$1"
	t 20 ls "$mnt/d1" >/dev/null
	rss_start=$(resident)
	walk
	rss_walked=$(resident)
	few_descriptors 256 || fail "$(descriptors) descriptors"
	# Files found long ago still work, whatever happened to their names.
	exec 7<"$mnt/d0" 8<"$mnt/d2/f5" 9<"$mnt/d2/f6" 10<"$mnt/d4/f7"
	t 20 mv "$mnt/d4/f7" "$mnt/d5/renamed"
	t 20 find "$mnt/d6" "$mnt/d7" -links 1 >/dev/null
	[ "$(t 20 stat -L -c %h /dev/fd/10)" = 1 ] ||
		fail "a renamed file is lost"
	t 20 mv "$mnt/d5/renamed" "$mnt/d4/f7"
	t 20 mv "$mnt/d0/f1" "$mnt/d1/moved"
	t 20 rm "$mnt/d2/f5"
	t 20 mv "$mnt/d3/f6" "$mnt/d2/f6"
	t 20 touch "$mnt/d2/f5" "$mnt/d3/f6"
	walk
	[ -e /proc/self/fd/7/f2 ] || fail "an old directory is lost"
	[ "$(t 20 stat -L -c %h/%h /dev/fd/8 /dev/fd/9)" = $'0/0\n0/0' ] ||
		fail "a removed file is lost"
	# shellcheck disable=SC2016 # for the inner shell
	t 20 bash -c 'echo text >"$1/d1/moved"' bash "$mnt" || fail "write"
	[ "$(cat "$src/d1/moved")" = text ] || fail "not written"
	: >"$src/d1/moved"
	t 20 mv "$mnt/d1/moved" "$mnt/d0/f1"
	exec 7<&- 8<&- 9<&- 10<&-
	echo 2 >/proc/sys/vm/drop_caches
	[ -n "$SANITIZED" ] || wait_for 30 memory_back ||
		fail "$rss_start KiB, $rss_walked walked, now $(resident)"
	relay_stop
}

# The last one asks for more than there are.
few_for_many cache=auto
few_for_many cache=always
few_for_many node_fds=100000
passthrough_by_names
few_for_many cache=auto,attr_timeout=0 "by names"
few_for_many node_fds=100000 "by names"
