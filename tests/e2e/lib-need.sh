#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# What a machine may lack.  lib.sh reads it; lib-users.sh has more, about users.
#
# Each function tries what the test will need with nothing of the relay in
# between, and skips the test with a reason where that fails.  A test may need
# nothing of a machine that no function here asks for.

need()
{
	local p
	for p in "$@"; do
		command -v "$p" >/dev/null || skip "$p is missing"
	done
}

# built NAME...: programs of the tests' own, which are missing by mistake only.
built()
{
	local p
	for p in "$@"; do
		[ -x "$BUILD/$p" ] ||
			fail "$p is not built (make e2e-programs)"
	done
}

# need_kernel WORD...: words of tests/helpers/kernel-can.c
need_kernel()
{
	local lacks
	built kernel-can
	lacks=$(t 10 "$BUILD/kernel-can" "$@") || skip "the kernel has not: $lacks"
}

need_32bit()
{
	need_kernel int80
}

need_x32()
{
	need_kernel x32
}

# What the mount trap is made of.
need_trap()
{
	[ -z "${trap_works:-}" ] || return 0
	need_kernel listener children
	trap_works=yes
}

need_root()
{
	[ "$(id -u)" = 0 ] || skip "needs root"
}

# in_private COMMAND...: with mounts of its own, which go with it.
in_private()
{
	t 10 unshare --mount --propagation private "$@"
}

# need_mounting TYPE OPTIONS: such a file system can be mounted.
need_mounting()
{
	local why
	# shellcheck disable=SC2016 # for the inner shell
	why=$(in_private sh -c '
		exec mount -i -t "$1" -o "$2" none "$3" 3<>/dev/fuse
	' sh "$1" "$2" "$TMP" 2>&1) || skip "$1 can't be mounted: $why"
}

# A kernel mount, also in the relay's hands: root, a device that can be opened
# and mounted.
need_mount()
{
	need_root
	( : <>/dev/fuse ) 2>/dev/null || skip "no usable /dev/fuse"
	need_mounting fuse fd=3,rootmode=40000,user_id=0,group_id=0
	need_trap
}

need_fusectl()
{
	need_mounting fusectl defaults
}

# need_userns_as COMMAND...: whom the words before a program make of it can
# have user namespaces.
need_userns_as()
{
	"$@" unshare --user --map-root-user --mount true 2>/dev/null ||
		skip "user namespaces can't be made ($*)"
}

need_userns()
{
	need_userns_as env
}

# Device files that can be made, and opened, in the test's directory.
need_device_files()
{
	local null=$TMP/.null
	mknod "$null" c 1 3 2>/dev/null || skip "device files can't be made"
	( : >"$null" ) 2>/dev/null || skip "device files do not work in $TMP"
	rm "$null"
}

# need_proc NAME...: /proc/PID/NAME can be read.
need_proc()
{
	local name
	for name in "$@"; do
		cat "/proc/self/$name" >/dev/null 2>&1 ||
			skip "no /proc/PID/$name"
	done
}

need_drop_caches()
{
	( echo 2 >/proc/sys/vm/drop_caches ) 2>/dev/null ||
		skip "the kernel's caches can't be dropped"
}

# strace on programs of ours, which may have calls fail; leaks can't be looked
# for meanwhile.
need_strace()
{
	need strace
	t 10 strace -f -qq -o /dev/null -e trace=getppid \
	    -e inject=getppid:error=EPERM true 2>/dev/null ||
		skip "strace can't trace here"
	export ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0"
}
