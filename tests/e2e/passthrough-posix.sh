#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# The POSIX suite gives the same in a bare directory, on a mount of the
# passthrough, and on one behind the relay.  What may differ is in the
# table below, and in the manual page under CAVEATS.
# limit: 600
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need_mount
built posix-suite
dirs_new
chmod 755 "$TMP" "$src" "$mnt"

# Lines "FAIL|SKIP section: script: reason" of the suite, without reasons.
suite()
{
	local status=0
	t 300 posix-suite -v "$1" >suite.txt 2>&1 || status=$?
	[ $status -le 1 ] || {
		tail suite.txt
		fail "posix-suite ended with $status"
	}
	grep -E '^(FAIL|SKIP)' suite.txt | sort || :
	tail -n 1 suite.txt >&2
}

# same_as_bare FILE KNOWN...: no lines but those of the bare directory and
# those with one of the known texts.
same_as_bare()
{
	local file=$1 k
	shift
	comm -13 bare.txt "$file" >more.txt
	for k in "$@"; do
		grep -v -F -e "$k" more.txt >rest.txt || :
		mv rest.txt more.txt
	done
	[ ! -s more.txt ] || {
		cat more.txt
		fail "$file differs from the bare directory"
	}
}

mkdir -m 777 "$TMP/bare"
suite "$TMP/bare" >bare.txt
if grep FAIL bare.txt; then
	fail "cases fail without any mount"
fi

# The protocol of libfuse 3.14 has no O_TMPFILE.
tmpfile='RW|TMPFILE'

direct()
{
	echo "--- mount, $*"
	passthrough_start -o "allow_other,$1"
	suite "$mnt" >direct.txt
	relay_stop
	same_as_bare direct.txt "$tmpfile"
}

for options in cache=auto cache=never cache=always,node_fds=16; do
	direct "$options"
done
passthrough_by_names
direct cache=auto,node_fds=3 "by names"
passthrough_as=()

# What is only in the kernel's cache yet is a hole to the source.
echo "--- mount, writeback"
passthrough_start -o allow_other,writeback
suite "$mnt" >direct.txt
relay_stop
same_as_bare direct.txt "$tmpfile" "lseek 1 0 data -> 1048576"

behind()
{
	echo "--- behind the relay: $*"
	relay_start "$@" -- fuserelay-passthrough -f -o allow_other SRC MNT
	suite "$mnt" >relay.txt
	relay_stop
}

behind run
same_as_bare relay.txt "$tmpfile"

behind emulate --fragment=1-5000 --seed=3
same_as_bare relay.txt "$tmpfile"
