#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# use-mount.sh for a file system that is one file, or can only be read: say,
# one line a step, what came of FILE, which is (or, with "write", becomes) as
# DATA is.
#
#	use-file.sh read|write FILE MIB DATA	DATA: MIB MiB elsewhere
# shellcheck disable=SC2016 # for the inner shells
set -u
mode=$1
file=$2
mib=$3
data=$4

step()
{
	local name=$1
	shift
	if timeout -k 5 $((60 * ${PATIENCE:-1})) "$@" >/dev/null 2>&1; then
		echo "$name: ok"
	else
		echo "$name: status $?"
	fi
}

if [ "$mode" = write ]; then
	step write dd if="$data" of="$file" bs=1M conv=notrunc,fsync
	step uncache dd of="$file" oflag=nocache conv=notrunc,fdatasync count=0
else
	step readonly bash -c '! : >"$1"' sh "${file%/*}/new"
	step list bash -c 'ls "${1%/*}" | grep -qx "${1##*/}"' sh "$file"
fi
step compare cmp -n $((mib << 20)) "$data" "$file"
step stat stat "$file"
step statfs stat -f "$file"
