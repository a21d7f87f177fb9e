#!/bin/sh
# SPDX-License-Identifier: ISC
# Within a folder of src/ no two modules use each other, neither at once nor
# by way of others; and no header includes itself by way of others.
#
# A module is a header, the .c file of its name, and those .c files without a
# header of their own whose names begin with its name and a "_" (port.h,
# port.c, port_stream.c).  A module uses another if one of its files includes
# the other's header.
set -eu
cd "${srcdir:-$(dirname "$0")/..}"

# A module's inside may have a header of its own, which only files of its
# folder include: folder/inside of which module.
insides='
passthrough/inode_fd inode
relay/port_own port
relay/session_own session
replay/player replay
serve/mount_own mount
trace/model_notification model
trace/reader_kind reader
wire/op_row ops
'

# shellcheck disable=SC2016 # $0 is for awk
INSIDES=$insides find src -type f -name '*.[ch]' -exec awk '
BEGIN {
	n = split(ENVIRON["INSIDES"], line, "\n")
	for (i = 1; i <= n; i++)
		if (split(line[i], word, " ") == 2)
			inside[word[1]] = word[2]
	for (i = 1; i < ARGC; i++)
		there[ARGV[i]] = 1
	for (i in inside)
		if (!(("src/" i ".h") in there))
			bad("src/" i ".h: not there, but in a list of this script")
}

# folder/module that a file below src/ is of
function module(path, folder, name)
{
	folder = path
	sub(/\/[^\/]*$/, "", folder)
	name = substr(path, length(folder) + 2)
	sub(/\.[ch]$/, "", name)
	if (!(("src/" folder "/" name ".h") in there)) {
		for (path = name; path ~ /[_-]/; ) {
			sub(/[_-][^_-]*$/, "", path)
			if (("src/" folder "/" path ".h") in there)
				return module(folder "/" path ".h")
		}
	}
	if ((folder "/" name) in inside)
		name = inside[folder "/" name]
	return folder "/" name
}

function uses(a, b, how)
{
	if (a == b || (a, b) in where)
		return
	where[a, b] = how
	next_of[a] = next_of[a] " " b
	nodes[a] = 1
}

/^[ \t]*#[ \t]*include[ \t]*"/ {
	split($0, part, "\"")
	to = part[2]
	if (!(("src/" to) in there))
		next
	own = substr(FILENAME, 5)
	how = FILENAME ":" FNR
	if (own ~ /\.h$/)
		uses(own, to, how)
	split(own, a, "/")
	split(to, b, "/")
	hidden = to
	sub(/\.h$/, "", hidden)
	if (hidden in inside && a[1] != b[1])
		bad(how ": src/" to " is only for src/" b[1])
	if (a[1] == b[1])
		uses(module(own), module(to), how)
}

function bad(text)
{
	print text
	failed = 1
}

# Follow what node uses; path are the nodes that led here, one a line.
function walk(node, path,    list, n, i)
{
	if (state[node] == "done")
		return
	if (state[node] == "on") {
		circle(node, path)
		return
	}
	state[node] = "on"
	n = split(next_of[node], list, " ")
	for (i = 1; i <= n; i++)
		walk(list[i], path "\n" node)
	state[node] = "done"
}

function circle(node, path,    list, n, i, to)
{
	n = split(path, list, "\n")
	bad("src/" node " is in a circle:")
	to = node
	for (i = n; i > 0; i--) {
		print "\t" list[i] " uses " to " (" where[list[i], to] ")"
		to = list[i]
		if (to == node)
			break
	}
}

END {
	for (i in nodes)
		walk(i, "")
	exit failed
}
' {} +
