#!/bin/sh
# SPDX-License-Identifier: ISC
# Every source, script and page names its licence in its first lines.
set -eu
cd "${srcdir:-$(dirname "$0")/..}"

failed=0
list=$(find src tests man autogen.sh test.sh demo.sh configure.ac \
    Makefile.am .ci -type f 2>/dev/null | grep -v -e '/__pycache__/' | sort)
for f in $list; do
	case $f in
	*.[ch]|*.def|*.sh|*.py|*.lua|*.ac|*.am|*.[1-8]) ;;
	*)	case $(head -c 2 "$f" | tr -d '\0') in
		'#!') ;;
		*) continue ;;
		esac ;;
	esac
	if ! head -n 3 "$f" | grep -q 'SPDX-License-Identifier: ISC'; then
		echo "$f: no SPDX-License-Identifier: ISC at the top"
		failed=1
	fi
done
exit $failed
