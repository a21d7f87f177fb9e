#!/bin/sh
# SPDX-License-Identifier: ISC
# What stands behind a line "/* private */" in a struct of a header of src/ is
# used by the files of that header's module alone; behind a line "/* private to
# src/FOLDER/ */", by those of that folder; and by what their tests share of
# it, tests/NAME_own.[ch].  The compiler tells who uses it: it is given headers
# in which those members are deprecated.  Headers src/FOLDER/NAME_own.h are
# private as a whole.
#
# In a build directory, as "make check" does.
set -eu
[ -f Makefile ] || {
	echo "SKIP: not in a build directory"
	exit 77
}
cc=$(sed -n 's/^CC = //p' Makefile)
srcdir=${srcdir:-$(sed -n 's/^srcdir = //p' Makefile)}
build=$PWD
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

cd "$srcdir"
if grep -rnE '#[ \t]*include[ \t]*"[a-z-]*/[a-z_]*_own[.]h"' tests |
    grep -vE -e '^tests/[a-z_]*_own[.][ch]:' -e '"tests/'; then
	exit 1
fi
marked=$(grep -rlxE --include='*.h' '	/\* private (to src/[a-z-]*/ )?\*/' src)
for h in $marked; do
	mkdir -p "$dir/${h%/*}"
	module=${h#src/}
	# shellcheck disable=SC2016 # $0 is for awk
	awk -v module="${module%.h}" '
	/^\t\/\* private (to src\/[a-z-]+\/ )?\*\/$/ {
		hidden = 1
		owner = module
		if ($3 == "to") {
			owner = $4
			sub(/^src\//, "", owner)
		}
	}
	/^}/ { hidden = 0 }
	hidden && /;/ && !/^\t*\/?\*/ {
		mark = " __attribute__((deprecated(\"private: " owner "\")))"
		end = index($0, ";")
		line = ""
		depth = 0
		for (i = 1; i <= end; i++) {
			c = substr($0, i, 1)
			depth += (c == "(" || c == "[") - (c == ")" || c == "]")
			if (c == ";" || (c == "," && depth == 0))
				line = line mark
			line = line c
		}
		$0 = line substr($0, end + 1)
	}
	{ print }' "$h" >"$dir/$h"
done

cat >"$dir/uses" <<SH
for f; do
	$cc -std=c11 -D_GNU_SOURCE -DHAVE_CONFIG_H -DPKGLIBEXECDIR='""' \\
	    -fsyntax-only -Wdeprecated-declarations -I$dir/src -Isrc -I. -Itests \\
	    -I$build $(pkg-config --cflags fuse3 check | tr '\n' ' ') \\
	    -DFUSE_USE_VERSION=314 \$f 2>&1 || :
done
SH
find src tests -name '*.c' -print0 |
    xargs -0 -P "$(nproc)" -n 8 sh "$dir/uses" >"$dir/said"

# A module is a header and the .c files of its name, or whose names begin with
# its name and a "_".
# shellcheck disable=SC2016 # $0 is for awk
awk '
/warning: .*private: / {
	module = $0
	sub(/.*private: /, "", module)
	sub(/[^a-z_0-9\/-].*/, "", module)
	file = $1
	sub(/:.*/, "", file)
	sub(/^[.]\//, "", file)
	at = index(file, "src/" module)
	rest = substr(file, at + length("src/" module))
	if ((at && (rest ~ /^[._]/ || module ~ /\/$/)) || file ~ /^tests\/[a-z_]*_own\.[ch]$/)
		next
	sub(dir "/", "")
	if (!seen[$0]++)
		print
	failed = 1
}
/error: / && !failed {
	print
	failed = 1
}
END { exit failed }' dir="$dir" "$dir/said"
