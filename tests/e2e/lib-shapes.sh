#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# For tests of many shapes of a stream, and of much done in a directory.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

# files_check DIR MIB: write, read back, rename, link, remove below DIR.
files_check()
{
	local dir=$1 mib=$2 data=$TMP/data.$2
	random_file "$data" "$mib"
	t 120 dd if="$data" of="$dir/big" bs=1M conv=fsync status=none ||
		fail "cannot write $dir/big"
	uncached "$dir/big"
	same "$data" "$dir/big"
	t 20 mkdir -p "$dir/a/b/c" || fail "mkdir"
	t 20 mv "$dir/big" "$dir/a/b/c/renamed" || fail "rename"
	same "$data" "$dir/a/b/c/renamed"
	t 20 mv "$dir/a" "$dir/moved" || fail "rename of a directory"
	# shellcheck disable=SC2016 # for the inner shell
	t 60 bash -euc '
		trap "echo \"failed: \$BASH_COMMAND\"" ERR
		cd "$1"
		for i in {1..20}; do
			echo "$i" >"file $i"
		done
		for i in {1..20}; do
			echo more >>"file $i"
			[ "$(cat "file $i")" = "$i"$'\''\nmore'\'' ]
			chmod 600 "file $i"
			[ "$(stat -c %a "file $i")" = 600 ]
			mv "file $i" "$i"
		done
		[ "$(find . -type f | wc -l)" = 21 ]
		truncate -s 3 1
		[ "$(stat -c %s 1)" = 3 ]
		rm -r moved
		rm [1-9]*
		[ -z "$(ls -A)" ]
	' bash "$dir" || fail "small files"
}

# The shapes a stream can have: name, options, MiB to write through it: many
# times what all buffers hold, or many thousand pieces.
shapes="
default||8
fine|--fragment=1-64 --coalesce=64|1
header-only|--fragment=40-40|1
header-write|--fragment=79-81|2
pages|--fragment=4096-65536|8
large|--fragment=100000-400000 --short-writes|8
"

# each_shape FUNCTION: called with MIB and the options, for each shape and
# transport.
each_shape()
{
	local name opts mib transport
	for transport in seqpacket dgram; do
		while IFS='|' read -r name opts mib; do
			[ -n "$name" ] || continue
			[ -z "$SANITIZED" ] || mib=$(((mib + 7) / 8))
			echo "--- $name, $transport, $mib MiB"
			# shellcheck disable=SC2086 # words
			"$1" "$mib" --transport=$transport $opts
		done <<<"$shapes"
	done
}

# emulate_shapes COMMAND...: the command (words SRC, MNT) behind the
# emulator with a kernel mount, in every shape, over both transports.
# FILES_DIR: where below the mount to work (words as above).
emulate_shapes()
{
	need_mount
	command_line=("$@")
	each_shape emulate_one
}

emulate_one()
{
	local mib=$1
	shift
	relay_start emulate --call-timeout="$(patient 60)" "$@" --seed=1 -- "${command_line[@]}"
	words_fill "${FILES_DIR:-MNT}"
	files_check "${words[0]}" "$mib"
	relay_stop
}
