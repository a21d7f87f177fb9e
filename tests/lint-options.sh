#!/bin/sh
# SPDX-License-Identifier: ISC
# Every option of the commands stands in a manual page of fuserelay, and so
# does every quirk.
set -eu
cd "${srcdir:-$(dirname "$0")/..}"

missing=0
names=$(sed -n 's/^	\(OPT\|ROW\)("\([a-z-]*\)".*/\2/p' src/cli/options.c \
    src/live/trace_opts.c src/channel/shaping.c)
[ "$(echo "$names" | wc -w)" -gt 50 ] || {
	echo "the options are not found"
	exit 1
}
for name in $names; do
	grep -Eqs -- "(Fl -|[,|] -)$name( |\$)" man/fuserelay*.1 || {
		echo "--$name is in no manual page"
		missing=1
	}
done
quirks=$(sed -n 's/^QUIRK([A-Z0-9_]*, "\([a-z0-9-]*\)".*/\1/p' \
    src/quirk/quirks.def)
for name in $quirks; do
	grep -qx ".It Cm $name" man/fuserelay.1 || {
		echo "quirk $name is not in fuserelay(1)"
		missing=1
	}
done
exit "$missing"
