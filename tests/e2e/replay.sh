#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# A captured session is sent again: no difference on a fresh copy of the
# files, exactly the right one when something in the copy was changed.
# limit: 300
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

built posix-exercise posix-storm
need_mount

# Operations and rounds of the exerciser: some 10,000 requests.
ops=1500 rounds=4 storm=600 least=10000
[ -z "$SANITIZED" ] || ops=200 rounds=2 storm=100 least=1000

# record FUNCTION SNAPLEN COMMAND...: the source as it is now goes to
# $TMP/before, the session of FUNCTION on the mount to $TMP/session.pcap.
record()
{
	local body=$1 snaplen=$2
	shift 2
	rm -rf "$TMP/before" "$TMP/session.pcap"
	cp -a "$src" "$TMP/before"
	relay_start run -w "$TMP/session.pcap" --snaplen="$snaplen" -- "$@"
	"$body"
	relay_stop
}

in_memory=		# not empty: the copy is on a tmpfs

# replay STATUS OPTION... -- COMMAND...: on a copy of the files, which
# change() may change first.
replay()
{
	local want=$1 copy=$TMP/copy
	shift
	rm -rf "$copy"
	mkdir "$copy"
	[ -z "$in_memory" ] || mount -t tmpfs -o mode=755 none "$copy"
	cp -a "$TMP/before/." "$copy"
	change "$copy"
	local src=$copy options=()
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	words_fill "$@"
	expect_long "$want" fuserelay replay "${options[@]}" \
	    "$TMP/session.pcap" "${words[@]}"
	[ -z "$in_memory" ] || umount "$copy"
}

# As expect, for what takes longer.
expect_long()
{
	local want=$1
	shift
	code=0
	t 300 "$@" >out.txt 2>&1 </dev/null || code=$?
	[ "$code" = "$want" ] || {
		head -n 40 out.txt
		fail "status $code instead of $want: $*"
	}
}

# differences N: so many lines tell of one.
differences()
{
	local n
	n=$(grep -c '^record ' out.txt || :)
	[ "$n" = "$1" ] || {
		head -n 40 out.txt
		fail "$n differences instead of $1"
	}
	says "^[0-9]+ requests, [0-9]+ replies compared, $1 differences, "
}

# requests N: at least so many were sent, none skipped.
requests()
{
	local n
	n=$(sed -n 's/^\([0-9]*\) requests, .* 0 skipped$/\1/p' out.txt)
	[ "${n:-0}" -ge "$1" ] || {
		cat out.txt
		fail "${n:-not} requests, or some were skipped"
	}
}

change()
{
	:
}

dirs_new
head -c 30000 /dev/zero >"$src/data"
mkdir "$src/dir"
for i in {1..200}; do
	echo "$i" >"$src/dir/file $i"
done
ln -s data "$src/link"
passthrough=(fuserelay-passthrough -f -o cache=never SRC MNT)

exercise()
{
	t 60 cat "$mnt/data" >/dev/null || fail "cat"
	t 60 ls -l "$mnt" "$mnt/dir" >/dev/null || fail "ls"
	t 280 posix-exercise -n "$ops" -r "$rounds" -s 7 "$mnt/file" ||
		fail "posix-exercise"
}

echo "--- many requests, no difference"
record exercise 1M "${passthrough[@]}"
replay 0 -- "${passthrough[@]}"
differences 0
requests $least

echo "--- one byte is another one: that READ"
change()
{
	printf X | dd of="$1/data" bs=1 seek=20000 conv=notrunc status=none
}
replay 1 -- "${passthrough[@]}"
differences 1
says '^record [0-9]+ unique [0-9]+ READ\("/data", .*\): byte 20000 of the data is 0x58, not 0x00$'

echo "--- the same over a stream that is cut finely"
ops=100 rounds=1
record exercise 1M "${passthrough[@]}"
replay 1 --fragment=1-7 --coalesce=8 --short-writes --seed=3 -- \
    "${passthrough[@]}"
differences 1
says '^record [0-9]+ unique [0-9]+ READ\("/data", '

echo "--- a directory in another order is the same, but for what was changed"
list()
{
	t 60 ls -lR "$mnt" >/dev/null || fail "ls"
	t 60 cat "$mnt/dir/file 7" >/dev/null || fail "cat"
}
change()
{
	local f
	mv "$1/dir" "$1/old"
	mkdir "$1/dir"
	for f in {200..1}; do
		cp -p "$1/old/file $f" "$1/dir"
	done
	rm -r "$1/old"
	rm -f "${gone:+$1/dir/$gone}"
}
in_memory=yes
record list 1M fuserelay-passthrough -f SRC MNT
replay 0 -- fuserelay-passthrough -f SRC MNT
differences 0
gone="file 9"
replay 1 -- fuserelay-passthrough -f SRC MNT
says '^record .* READDIR(PLUS)?\("/dir", .*\): "file 9" is missing$'
# the kernel may have looked it up besides, and asked more of it
if grep '^record' out.txt | grep -v '"\(/dir/\)\?file 9"'; then
	fail "something else is told to differ"
fi
in_memory=

echo "--- callers at the same time"
change()
{
	:
}
storm()
{
	mkdir "$mnt/storm" || fail "mkdir"
	t 120 posix-storm -t 4 -n "$storm" "$mnt/storm" || fail "posix-storm"
}
for program in "fuserelay-passthrough -f" "bindfs -f --multithreaded"; do
	command -v "${program%% *}" >/dev/null || continue
	rm -rf "$src/storm"
	# shellcheck disable=SC2086 # words
	record storm 1M $program SRC MNT
	# shellcheck disable=SC2086 # words
	replay 0 -- $program SRC MNT
	differences 0
	says ' 0 skipped$'
done

echo "--- a capture without data"
write()
{
	echo hello >"$mnt/new" || fail "write"
	t 20 cat "$mnt/new" "$mnt/data" >/dev/null || fail "cat"
}
record write 0 "${passthrough[@]}"
replay 0 --accept-skipped -- "${passthrough[@]}"
replay 2 -- "${passthrough[@]}"
differences 0
says '^[0-9]+ of [0-9]+ requests compared, [23] skipped \(those that lack data in the capture, or depend on data that is not in the capture\)$'
says '^skipped: 1 that lack data in the capture$'
says '^skipped: [12] that depend on data that is not in the capture$'
says '^compared in part: 1 replies '
says -- '--snaplen=BYTES'

echo "--- f91: no more is forgotten than was given"
# One node in the recording; one for each name, with half of the lookups, in
# a program of libfuse's, which then asserts.
# shellcheck disable=SC2317 # called by name
visit()
{
	t 20 stat "$mnt/name" "$mnt/other" >/dev/null || fail "stat"
	rm "$mnt/name" "$mnt/other" || fail "rm"
}
if command -v bindfs >/dev/null; then
	echo hello >"$src/name"
	ln "$src/name" "$src/other"
	record visit 1M "${passthrough[@]}"
	# (INIT is another one.)
	replay 1 -- bindfs -f SRC MNT
	differences 1
	says '^record [0-9]+ unique [0-9]+ INIT'
fi

echo "--- f91: what could not be tried is told"
visit()
{
	t 20 cat "$mnt/data" >/dev/null || fail "cat"
}
change()
{
	rm "$1/data"
}
record visit 1M "${passthrough[@]}"
replay 1 -- "${passthrough[@]}"
says '^[0-9]+ of [0-9]+ requests compared, [0-9]+ skipped \(those that name a node which there is not'
change()
{
	:
}

echo "--- what can't be replayed"
expect 125 fuserelay replay session.pcap
expect 125 fuserelay replay session.pcap -- 
expect 125 fuserelay replay absent.pcap -- true
expect 125 fuserelay replay --session=9 session.pcap -- true
says 'no request in this capture, or not of that session'
expect 125 fuserelay replay "$src/data" -- true
expect 125 fuserelay replay --fragment=7-1 session.pcap -- true
expect 127 fuserelay replay session.pcap -- absent-program
# a program that never mounts, and one that ends early
expect 125 fuserelay replay session.pcap -- true
says 'the file system was gone before'
expect 3 fuserelay replay session.pcap -- sh -c 'exit 3'
