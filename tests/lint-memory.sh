#!/bin/sh
# SPDX-License-Identifier: ISC
# F51: where there is no memory, nothing in src/ ends the program.
#
# uthash's tables come from base/hash.h, where an addition that fails does
# not exit(); whoever adds looks at .tbl within the next lines, which is NULL
# then.  Nor does anything else call exit() or abort(): functions return their
# errors, children that were forked _exit().
set -eu
cd "${srcdir:-$(dirname "$0")/..}"

# (The preloaded library can't go on without the function it stands before.)
find src -type f -name '*.[ch]' ! -path src/attach/interpose.h -exec awk '
function bad(text)
{
	print FILENAME ":" FNR ": " text
	failed = 1
}
FNR == 1 && adding {
	bad("the file before ends behind a HASH_ADD() unchecked")
	adding = 0
}
/<uthash\.h>/ && FILENAME != "src/base/hash.h" {
	bad("includes <uthash.h>, not \"base/hash.h\"")
}
/HASH_(ADD|REPLACE|SELECT)/ { adding = FNR }
adding && /[.]tbl/ { adding = 0 }
adding && FNR == adding + 4 {
	bad("nobody asks if the HASH_ADD() before found memory (.tbl)")
	adding = 0
}
/(^|[^_a-z0-9])(exit|abort|errx?|verrx?)\(/ && !/^[ \t]*\/?\*/ {
	bad("may end the program")
}
END { exit failed }
' {} +
