#!/bin/sh
# SPDX-License-Identifier: ISC
# Where a field is in a message, the tables say (wire/offsets.h).
#
# No call of get_u32() and its kin, put_u32() and its kin, span_from() or
# span_holds() has a numeral in its offset; nothing is added to the size of a
# header but an offset or a size that has a name; and only wire/offsets.h makes
# names that begin with OFF_, and none does that begin with AT_.
set -eu
cd "${srcdir:-$(dirname "$0")/..}"

find src -type f -name '*.[ch]' ! -path src/wire/offsets.h -exec awk '
# The nth argument of the call whose "(" is the first byte of s.
function argument(s, nth,    i, c, depth, arg) {
	for (i = 1; i <= length(s); i++) {
		c = substr(s, i, 1)
		if ((c == ")" || c == "}") && --depth == 0 && c == ")")
			break
		if (c == "," && depth == 1)
			nth--
		else if (nth == 1 && i > 1)
			arg = arg c
		if (c == "(" || c == "{")
			depth++
	}
	return arg
}
function look(s, pattern, nth, numeral,    arg) {
	while (match(s, pattern)) {
		s = substr(s, RSTART + RLENGTH - 1)
		arg = argument(s, nth)
		if (arg ~ numeral)
			bad("a numeral as an offset:" arg)
	}
}
function bad(text) {
	gsub(/[ \t\n]+/, " ", text)
	print FILENAME ":" line ": " text
	failed = 1
}
function statement(s,    any) {
	any = "(^|[^A-Za-z0-9_])[0-9]|^ *WIRE_RE[QP]_HEADER$"
	look(s, "(^|[^a-z_])get_[iu](16|32|64)[(]", 2, any)
	look(s, "(^|[^a-z_])put_[iu](16|32|64)[(]", 3, any)
	look(s, "(^|[^a-z_])span_(from|holds)[(]", 2,
	    "(^|[^A-Za-z0-9_])([2-9]|1[0-9])")
	if (s ~ /WIRE_RE[QP]_HEADER [+] [0-9]/)
		bad("a numeral beside a header: " s)
}
FNR == 1 { text = "" }
{
	sub(/\/\*.*\*\//, "")
}
/^[ \t]*\/?\*/ { next }
/^#[ \t]*define[ \t]+(AT|OFF)_|^[ \t]+(AT|OFF)_[A-Za-z0-9_]+ = / {
	line = FNR
	bad("its own name for an offset: " $0)
}
text == "" { line = FNR }
{ text = text " " $0 }
/[;}{]$|^#.*[^\\]$/ {
	statement(text)
	text = ""
}
END { exit failed }
' {} +
