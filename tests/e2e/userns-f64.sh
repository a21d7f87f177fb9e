#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F64: an ordinary user's program that makes user and mount namespaces of its
# own gets its mount in there, with its own options and the rights that it has
# in there: as without the relay, or refused as without it.
# limit: 180
# shellcheck source=lib-users.sh
. "$TOP/tests/e2e/lib-users.sh"

own_device
need_userns_as with_user
with_user sh -c 'mkdir -p src; echo hello >src/file'
# What is done within: mount, read, and see who may.
with_user tee inside.sh >/dev/null <<'SH'
set -eu
"$@" fuserelay-passthrough -f -o "$OPTIONS" src mnt &
daemon=$!
until [ -e mnt/file ]; do
	kill -0 $daemon 2>/dev/null || { wait $daemon; exit; }
done
cat mnt/file
grep -c " $PWD/mnt .* - fuse" /proc/self/mountinfo
grep " $PWD/mnt .* - fuse" /proc/self/mountinfo |
    sed 's/.* - //; s/,max_read=[0-9]*//'
umount mnt
wait $daemon
echo "unmounted"
SH
sees_nothing()
{
	! grep -q "$TMP/user/mnt" /proc/self/mountinfo ||
		fail "$1: mounted outside"
}

# compare NAME COMMAND...: bare, and behind the relay
compare()
{
	local name=$1
	shift
	echo "--- $name"
	code=0
	OPTIONS=$options with_user env OPTIONS="$options" "$@" \
	    >"$TMP/bare.txt" 2>&1 </dev/null || code=$?
	sed "s/mount: .*: /mount: /" "$TMP/bare.txt"
	expect $code with_user env OPTIONS="$options" fuserelay run -- "$@"
	sees_nothing "$name"
	diff "$TMP/bare.txt" out.txt || fail "$name: differs from bare"
}

options=fsname=one
compare "unshare" unshare --user --map-root-user --mount \
    sh inside.sh
grep -q '^unmounted$' out.txt || fail "it did not run"
options=fsname=one,allow_other
compare "allow_other as the namespace's root" \
    unshare --user --map-root-user --mount sh inside.sh

options=fsname=one
if command -v bwrap >/dev/null; then
	sandbox=(bwrap --unshare-user --dev-bind / /
	    --dev-bind /dev/fuse /dev/fuse)
	compare "bwrap with CAP_SYS_ADMIN" "${sandbox[@]}" \
	    --cap-add CAP_SYS_ADMIN sh inside.sh
	grep -q '^unmounted$' out.txt || fail "it did not run"
	compare "bwrap without capabilities" "${sandbox[@]}" sh inside.sh
	grep -q '^unmounted$' out.txt && fail "it ran"
	# rights that the sandbox dropped do not come back
	with_user sh -c 'mkdir -p closed/mnt; chmod 0 closed'
	compare "bwrap, a directory that may not be searched" \
	    "${sandbox[@]}" --cap-add CAP_SYS_ADMIN sh -c \
	    'fuserelay-passthrough -f src closed/mnt'
	with_user chmod 700 closed
fi

echo "--- as root, a program that goes to namespaces of its own"
expect 0 env -C "$TMP/user" PATH="$TMP/bin:$PATH" OPTIONS=fsname=one \
    fuserelay run -- unshare --user --map-root-user --mount sh inside.sh
says '^unmounted$'
sees_nothing "root"
