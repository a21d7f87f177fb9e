#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# Use a mounted file system as people do, and say what came of it, one line
# a step: the same script on a bare and on a wrapped program must say the
# same.
#
#	use-mount.sh DIR MIB DATA	DATA: a file of MIB MiB elsewhere
# shellcheck disable=SC2016 # for the inner shells
set -u
dir=$1
mib=$2
data=$3
cd "$dir" || exit 1

step()
{
	local name=$1
	shift
	if timeout -k 5 $((120 * ${PATIENCE:-1})) "$@" >/dev/null 2>&1; then
		echo "$name: ok"
	else
		echo "$name: status $?"
	fi
}

step write dd if="$data" of=big bs=1M count="$mib" conv=fsync
step uncache dd of=big oflag=nocache conv=notrunc,fdatasync count=0
step compare cmp "$data" big
step mkdir mkdir -p one/two
step rename mv big one/two/big
step compare-renamed cmp "$data" one/two/big
step small bash -c 'for i in {1..30}; do echo $i >f$i || exit 1; done'
step append bash -c 'for i in {1..30}; do echo x >>f$i || exit 1; done'
step read bash -c '[ "$(cat f7)" = "$(printf "7\nx")" ]'
step truncate truncate -s 1 f8
step list bash -c '[ "$(ls | wc -l)" = 31 ]'
step rename-over mv f1 f2
step absent bash -c '! stat f1'
step unlink bash -c 'rm f[0-9]*'
step remove rm -r one
step empty bash -c '[ -z "$(ls -A)" ]'
step statfs stat -f .
