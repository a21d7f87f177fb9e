#!/bin/sh
# SPDX-License-Identifier: ISC
# What HACKING names is there: files by their folder, functions.
set -eu
cd "${srcdir:-$(dirname "$0")/..}"

missing=0
files=$(grep -oE '[a-z0-9/-]+/[a-z0-9_-]+[.](c|h|def|sh)' HACKING)
for file in $files; do
	[ -e "$file" ] || [ -e "src/$file" ] || {
		echo "HACKING names $file, which is not there"
		missing=1
	}
done
names=$(grep -oE '[a-z0-9_]+_[a-z0-9_]+\(\)' HACKING | tr -d '()')
for name in $names; do
	grep -rqw --include='*.[ch]' "$name" src tests || {
		echo "HACKING names $name(), which is not there"
		missing=1
	}
done
exit "$missing"
