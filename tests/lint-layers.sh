#!/bin/sh
# SPDX-License-Identifier: ISC
# Each folder of src/ includes only itself and the folders below it.
set -eu
cd "${srcdir:-$(dirname "$0")/..}"

# folder: the folders it may use
layers='
base:
wire: base
frame: base
place: base
kmount: base place
trace: base wire frame
quirk: base wire
relay: base wire frame trace quirk
front: base wire frame trace quirk relay kmount place
attach: base wire frame trace quirk relay place
channel: base wire frame
replay: base wire trace channel
live: base wire frame trace quirk relay
serve: base wire frame trace quirk relay front attach kmount place live
cli: base wire frame trace quirk relay front attach kmount place channel replay live serve
fuset-relay: base wire frame trace quirk relay front kmount place live serve
emulator: base wire frame channel kmount place
passthrough: base
absent: base place kmount attach cli
'

# shellcheck disable=SC2016 # $0 is for awk
LAYERS=$layers find src -type f \( -name '*.[ch]' -o -name '*.def' \) \
    -exec awk '
BEGIN {
	n = split(ENVIRON["LAYERS"], line, "\n")
	for (i = 1; i <= n; i++) {
		m = split(line[i], word, /[: ]+/)
		if (word[1] == "")
			continue
		known[word[1]] = 1
		may[word[1], word[1]] = 1
		for (j = 2; j <= m; j++)
			may[word[1], word[j]] = 1
	}
}
FNR == 1 {
	split(FILENAME, part, "/")
	own = part[2]
	if (!(own in known) && !(own in told)) {
		told[own] = 1
		bad(FILENAME ": src/" own " is in no row of this script")
	}
}
/^[ \t]*#[ \t]*include[ \t]*"/ {
	split($0, part, "\"")
	name = part[2]
	if (name == "config.h")
		next
	if (name !~ /\//)
		bad(FILENAME ":" FNR ": \"" name "\" lacks its folder")
	to = name
	sub(/\/.*/, "", to)
	if (name ~ /\// && !((own, to) in may))
		bad(FILENAME ":" FNR ": " own " may not include " name)
}
function bad(text)
{
	print text
	failed = 1
}
END { exit failed }
' {} +
