#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# For tests as an ordinary user.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

# with_user COMMAND...: as a new ordinary user who owns $TMP/user (also the
# working directory) and finds the programs in $TMP/bin.  The user goes
# away with the test.
with_user()
{
	need_root
	need setpriv useradd userdel
	if [ -z "${user:-}" ]; then
		[ -w /etc/passwd ] || skip "users can't be made"
		user=frt$$
		# tests side by side wait for the lock of /etc/passwd
		wait_for 20 useradd --no-create-home \
		    --home-dir "$TMP/user" --shell /bin/sh "$user" ||
			fail "useradd"
		trap user_remove EXIT
		mkdir -p "$TMP/bin" "$TMP/user"
		chown "$user:" "$TMP/user"
		find "$BUILD" -maxdepth 1 -type f -name 'fuse*' \
		    -perm /111 -exec install -m 755 -t "$TMP/bin" {} +
	fi
	t 120 env -C "$TMP/user" PATH="$TMP/bin:$PATH" HOME="$TMP/user" \
	    TMPDIR="$TMP/user" setpriv --reuid "$user" --regid "$user" \
	    --clear-groups -- "$@"
}

# own_device: the test goes on in a mount namespace where an ordinary user may
# open the FUSE device, which may be closed to users on this machine; $src and
# $mnt are such a user's (with_user).
own_device()
{
	need_mount
	need fusermount3
	if [ -z "${OWN_NAMESPACE:-}" ]; then
		export OWN_NAMESPACE=yes
		exec unshare --mount --propagation slave \
		    bash -eu -o pipefail "$0"
	fi
	drop_copies
	need_device_files
	mknod -m 666 device c 10 229
	mount --bind device /dev/fuse
	src=$TMP/user/src
	mnt=$TMP/user/mnt
	with_user mkdir "$src" "$mnt"
	with_user sh -c ': <>/dev/fuse' 2>/dev/null ||
		skip "a user can't open a device file in $TMP"
	# shellcheck disable=SC2016 # for the inner shell
	with_user sh -c 'fuserelay-passthrough "$1" "$2" &&
	    fusermount3 -u "$2"' sh "$src" "$mnt" >bare.txt 2>&1 ||
		skip "users can't mount: $(tail -n 1 bare.txt)"
}

user_remove()
{
	local p
	for p in $(ps -o pid= -u "$user" 2>/dev/null); do
		kill -KILL "$p" 2>/dev/null || :
	done
	wait_for 20 user_deleted || {
		echo "FAIL: the user $user stays"
		exit 1
	}
}

user_deleted()
{
	userdel "$user" >/dev/null 2>&1 || ! id "$user" >/dev/null 2>&1
}
