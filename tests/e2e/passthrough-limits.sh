#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# A tree with many more files than descriptors can be walked and used, and
# what the kernel forgets is given back.
# limit: 300
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need_mount
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

# Everything is forgotten: no descriptor is left but a few of its own.
passthrough_start -o node_fds=100000
few=$(($(descriptors) + 10))
t 60 ls -l "$mnt/d1" >/dev/null
[ "$(descriptors)" -gt 100 ] || fail "no descriptors for nodes"
echo 2 >/proc/sys/vm/drop_caches
wait_for 30 few_descriptors $few || fail "$(descriptors) descriptors"
relay_stop

ulimit -n 256
# The last one asks for more than there are.
for options in cache=auto cache=always node_fds=100000; do
	echo "--- $options"
	passthrough_start -o $options
	walk
	few_descriptors 256 || fail "$(descriptors) descriptors"
	# Files found long ago still work, whatever happened to their names.
	exec 7<"$mnt/d0"
	t 20 mv "$mnt/d0/f1" "$mnt/d1/moved"
	walk
	[ -e /proc/self/fd/7/f2 ] || fail "an old directory is lost"
	# shellcheck disable=SC2016 # for the inner shell
	t 20 bash -c 'echo text >"$1/d1/moved"' bash "$mnt" || fail "write"
	[ "$(cat "$src/d1/moved")" = text ] || fail "not written"
	: >"$src/d1/moved"
	t 20 mv "$mnt/d1/moved" "$mnt/d0/f1"
	exec 7<&-
	relay_stop
done
