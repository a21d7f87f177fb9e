#!/bin/sh
# SPDX-License-Identifier: ISC
# No two archives define the same name.  Unit tests are linked with all of
# them, where the first definition found is taken without a word.
#
# In a build directory, as "make check" does.
set -eu
[ -f Makefile ] || {
	echo "SKIP: not in a build directory"
	exit 77
}
command -v nm >/dev/null 2>&1 || {
	echo "SKIP: nm is missing"
	exit 77
}
[ -f libbase.a ] || {
	echo "no archives here"
	exit 1
}
twice=$(nm -g --defined-only -A lib*.a 2>/dev/null |
    awk '{ print $NF }' | sort | uniq -d)
for name in $twice; do
	echo "$name is defined more than once:"
	nm -g --defined-only -A lib*.a 2>/dev/null | grep " $name\$"
done
[ -z "$twice" ]
