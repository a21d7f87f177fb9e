#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# Files that appear in the source while the mount still holds that they are
# not there: who is to create one opens it only if he may.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need_mount
need setpriv
dirs_new
chmod 755 "$TMP" "$mnt"
chmod 777 "$src"

# as USER COMMAND
as()
{
	t 60 setpriv --reuid "$1" --regid "$1" --clear-groups -- bash -c "$2"
}

# appear NAME MODE [USER]: the mount looks for it in vain before.
appear()
{
	expect 1 test -e "$mnt/$1"
	echo text >"$src/$1"
	chmod "$2" "$src/$1"
	chown "${3:-0}" "$src/$1"
}

# denied USER COMMAND
denied()
{
	expect 1 as "$@"
	says 'Permission denied$'
}

try()
{
	appear secret 600
	denied 65531 "cat <>$mnt/secret"
	denied 65531 ": >$mnt/secret"
	appear truncated 600
	denied 65531 ": >$mnt/truncated"
	appear readable 644
	denied 65531 "echo more >>$mnt/readable"
	appear link 600
	ln -sf secret "$src/link"
	denied 65531 "cat <>$mnt/link"
	for f in secret truncated readable; do
		[ "$(cat "$src/$f")" = text ] || fail "$f was changed"
	done

	appear mine 600 65531
	expect 0 as 65531 "cat <>$mnt/mine"
	says '^text$'
	appear append 600 65531
	expect 0 as 65531 "echo more >>$mnt/append"
	[ "$(cat "$src/append")" = $'text\nmore' ] || fail "append"
	appear cut 600 65531
	expect 0 as 65531 "echo more >$mnt/cut"
	[ "$(cat "$src/cut")" = more ] || fail "cut"
	appear other 600 65531
	expect 0 as 0 "cat <>$mnt/other"
	says '^text$'

	appear excl 666
	expect 1 as 65531 "dd if=/dev/null of=$mnt/excl conv=excl"
	says 'File exists$'
	rm "$src"/*
}

for options in "" ,writeback ,cache=never; do
	passthrough_start -o "allow_other,negative_timeout=60$options"
	try
	relay_stop
done
relay_start run -- fuserelay-passthrough -f \
    -o allow_other,negative_timeout=60 SRC MNT
try
relay_stop
