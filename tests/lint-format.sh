#!/bin/sh
# SPDX-License-Identifier: ISC
# Each C file is as clang-format writes it, by .clang-format.  Other versions
# of that program write other things: only the one of Debian 12 is asked.
#
#	tests/lint-format.sh [--fix]
set -eu
cd "${srcdir:-$(dirname "$0")/..}"

version=$(clang-format --version 2>/dev/null |
    sed -n 's/.*version \([0-9]*\)\..*/\1/p')
if [ "$version" != 14 ]; then
	echo "SKIP: no clang-format 14"
	exit 77
fi
if [ "${1:-}" = --fix ]; then
	find src tests -name '*.[ch]' -exec clang-format -i {} +
	exit
fi
find src tests -name '*.[ch]' -exec clang-format --dry-run -Werror {} + || {
	echo "tests/lint-format.sh --fix writes them anew"
	exit 1
}
