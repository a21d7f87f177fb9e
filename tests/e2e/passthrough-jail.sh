#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# Nothing outside the source is reached through the passthrough: not by
# links, mount points, device nodes, or moving things while they are used.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need_mount
need_device_files
dirs_new
echo secret >"$TMP/secret"
mkdir "$src/d" "$src/over" "$TMP/elsewhere"
echo inside >"$src/over/inside"
echo outside >"$TMP/elsewhere/outside"
ln -s ../secret "$src/link"
ln -s /proc/self/root/etc "$src/magic"
mknod "$src/null" c 1 3
mount --bind "$TMP/elsewhere" "$src/over"
trap 'umount "$src/over" || :' EXIT

passthrough_start -o allow_other
# Links are the client's to follow.
[ "$(t 20 readlink "$mnt/link")" = ../secret ] || fail "link"

# A mount in the source is not crossed, and said so.
t 20 ls "$mnt/over" >out.txt 2>&1 && fail "crossed a mount point"
grep -q 'Invalid cross-device link' out.txt || fail "$(cat out.txt)"
t 20 ls "$mnt" | grep -q '^over$' || fail "the mount point is not listed"
umount "$src/over"
trap - EXIT
[ "$(t 20 cat "$mnt/over/inside")" = inside ] || fail "after the umount"

# Devices are nodes here, nothing more.
t 20 cat "$mnt/null" 2>err.txt && fail "opened a device"
grep -q -e 'Permission denied' err.txt || fail "$(cat err.txt)"

# A directory in use that is moved out of the source, and ".." of it.
# shellcheck disable=SC2016 # for the inner shell
t 20 bash -euc '
	cd "$1/d"
	mv "$2/d" "$3/moved"
	touch here
	[ -f "$3/moved/here" ]
	if cat ../secret; then
		exit 1
	fi
' bash "$mnt" "$src" "$TMP" || fail "moved directory"

# The program's own mount below its source is no trap.
relay_stop
src=/ passthrough_start
t 20 stat "$mnt$TMP/secret" >/dev/null || fail "source /"
t 20 ls "$mnt$mnt" >out.txt 2>&1 && fail "entered its own mount"
grep -q 'Invalid cross-device link' out.txt || fail "$(cat out.txt)"
relay_stop
