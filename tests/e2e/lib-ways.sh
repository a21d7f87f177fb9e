#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# For tests of the ways in which programs mount (tests/helpers/mounter.c).
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need_mount
need gcc
dirs_new
echo hello >"$src/file"
chmod 711 .
gcc -O1 -o mounter "$TOP/tests/helpers/mounter.c" || fail "gcc"

mounts_at()
{
	awk -v p="$1" '$5 == p { n++ } END { print n + 0 }' \
	    /proc/self/mountinfo
}

# works_bare WAY PROGRAM: does it mount in this way where no relay is?
works_bare()
{
	in_private "$2" "$1" "$mnt" true >bare.txt 2>&1
}

# try WAY [PROGRAM]: mount, read, unmount from outside.
try()
{
	local way=$1 program=${2:-./mounter} front
	case $way in
	fsopen) ;;		# it wants the newer calls to fail
	*) works_bare "$way" "$program" || {
		echo "note: $way, $program: $(cat bare.txt)"
		return 0
	} ;;
	esac
	for front in kernel emulate; do
		echo "--- $way, $program, $front"
		if [ $front = kernel ]; then
			relay_start run --stats -- "$program" "$way" MNT \
			    fuserelay-passthrough -f SRC {}
		else
			relay_start emulate --stats -- "$program" "$way" MNT \
			    fuserelay-passthrough -f SRC {}
		fi
		# had the program's call reached the kernel, there were two
		[ "$(mounts_at "$mnt")" = 1 ] ||
			fail "$(mounts_at "$mnt") mounts"
		[ "$(t 10 cat "$mnt/file")" = hello ] || fail "cannot read"
		relay_stop
		grep -q "$mnt: .*requests" "$relay_log" ||
			fail "it did not come through the relay"
	done
}

