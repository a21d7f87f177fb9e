#!/bin/sh
# SPDX-License-Identifier: ISC
# No file of src/ or tests/ that is read as a whole has more than 500 lines.
# (Tables, *.def, are as long as what they list.)
set -eu
cd "${srcdir:-$(dirname "$0")/..}"

find src tests -type f \
    \( -name '*.[ch]' -o -name '*.sh' -o -name '*.py' -o -name '*.lua' \) \
    -exec awk '
FNR == 501 {
	print FILENAME ": more than 500 lines"
	failed = 1
}
END { exit failed }
' {} +
