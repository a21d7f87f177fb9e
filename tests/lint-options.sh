#!/bin/sh
# SPDX-License-Identifier: ISC
# Every option of the commands stands in a manual page of fuserelay.
set -eu
cd "${srcdir:-$(dirname "$0")/..}"

missing=0
names=$(sed -n 's/^OPT([A-Z_]*, "\([a-z-]*\)".*/\1/p' src/cli/opts.def src/live/opts_trace.def)
[ -n "$names" ] || {
	echo "no option found in src/cli/opts.def"
	exit 1
}
for name in $names; do
	grep -Eqs -- "(Fl -|, -)$name( |\$)" man/fuserelay*.1 || {
		echo "--$name is in no manual page"
		missing=1
	}
done
exit "$missing"
