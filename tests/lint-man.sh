#!/bin/sh
# SPDX-License-Identifier: ISC
# mandoc has nothing to say about any manual page.
set -eu
cd "${srcdir:-$(dirname "$0")/..}"

command -v mandoc >/dev/null 2>&1 || {
	echo "SKIP: mandoc is missing"
	exit 77
}
pages=$(find man -type f -name '*.[1-8]' 2>/dev/null || :)
[ -n "$pages" ] || {
	echo "SKIP: no manual pages"
	exit 77
}
# shellcheck disable=SC2086 # a list of names without blanks
exec mandoc -T lint -W warning $pages
