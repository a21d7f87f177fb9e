#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# Access control lists give the same in a bare directory, on a mount of the
# passthrough, and behind the relay: who may do what, what new files
# inherit, and what becomes of the mode.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need_mount
need setfacl getfacl setpriv
dirs_new
chmod 755 "$TMP" "$src" "$mnt"
mkdir -m 755 "$TMP/bare"
setfacl -m u:65531:r "$TMP/bare" 2>/dev/null ||
	skip "no access control lists in $TMP"
setfacl -b "$TMP/bare"

cat >acts.sh <<'ACTS'
cd "$1"
as()
{
	setpriv --reuid "$1" --regid "$1" --clear-groups -- bash -c "$2" \
	    2>&1 | sed 's/.*: //'
}
list()
{
	for f in "$@"; do
		stat -c '%a %F' "$f"
		getfacl -n -c -E "$f" 2>&1
	done
}
echo text >f
chmod 600 f
as 65531 'cat f'
setfacl -m u:65531:r f
as 65531 'cat f; echo more >>f'
as 65532 'cat f'
list f
chmod 640 f
list f
as 65531 'cat f'
chmod 600 f
list f
as 65531 'cat f'
setfacl -m u:65531:rw,g:65532:r,m::rw f
as 65531 'echo more >>f'
as 65532 'cat f; echo more >>f'
cp -p f copied
list copied
setfacl -b f
list f
as 65531 'cat f'

umask 077
mkdir d
setfacl -d -m u::rwx,g::rx,o::rx,u:65531:rwx d
setfacl -m u:65531:rwx d
as 65531 'umask 077; mkdir d/sub; echo text >d/file; mkfifo d/pipe'
list d d/sub d/file d/pipe
stat -c '%u:%g' d/sub d/file d/pipe
touch d/sub/deep
list d/sub/deep
umask 022
mkdir plain
as 65531 'echo text >plain/f'
setfacl -m u:65531:x plain
as 65531 'ls plain; cat plain/none'

# A set-group-id bit goes when who sets the list is not in the group.
touch g
chown 65531:65532 g
chmod 2755 g
as 65531 'setfacl -m u:65532:r g'
list g
ACTS

run_in()
{
	t 60 bash -eu acts.sh "$1" >"$2" 2>&1 || {
		cat "$2"
		fail "in $1"
	}
}

same_lists()
{
	diff bare.txt "$1" || fail "$1 differs from the bare directory"
}

run_in "$TMP/bare" bare.txt
grep -q 'Permission denied' bare.txt || fail "nothing was denied"
for options in cache=auto cache=never; do
	passthrough_start -o "allow_other,$options"
	run_in "$mnt" mount.txt
	relay_stop
	same_lists mount.txt
	rm -rf "${src:?}"/*
done
relay_start run -- fuserelay-passthrough -f -o allow_other SRC MNT
run_in "$mnt" relay.txt
relay_stop
same_lists relay.txt
