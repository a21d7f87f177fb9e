#!/bin/sh
# SPDX-License-Identifier: ISC
# Every header compiles alone: it includes what it needs.
set -eu
cd "${srcdir:-$(dirname "$0")/..}"

cc=${CC:-cc}
fuse=$(pkg-config --cflags fuse3)
failed=0
for h in $(find src -name '*.h' | sort); do
	# shellcheck disable=SC2086 # $cc and $fuse are lists of words
	$cc -std=c11 -D_GNU_SOURCE -Isrc $fuse -DFUSE_USE_VERSION=314 \
	    -fsyntax-only -x c -include "$h" /dev/null || failed=1
done
exit $failed
