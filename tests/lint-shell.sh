#!/bin/sh
# SPDX-License-Identifier: ISC
# No script has anything that shellcheck would complain about.
set -eu
cd "${srcdir:-$(dirname "$0")/..}"

command -v shellcheck >/dev/null 2>&1 || {
	echo "SKIP: shellcheck is missing"
	exit 77
}
scripts=$(find autogen.sh test.sh demo.sh .ci tests -type f 2>/dev/null |
    while read -r f; do
	case $(head -n 1 "$f" | tr -d '\0') in
	'#!'*sh) echo "$f" ;;
	esac
done)
# A few at a time, side by side: shellcheck uses one processor only.
# shellcheck disable=SC2086 # a list of names without blanks
printf '%s\n' $scripts | xargs -P "$(nproc)" -n 4 shellcheck -x -P SCRIPTDIR
