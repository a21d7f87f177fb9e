#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# An ordinary user's passthrough gives what the bare directory gives, also
# behind the relay: handles go on working where the user may not open the
# file again.  The FUSE device that the user may open is one of the test's
# own, in a mount namespace.
# limit: 180
# sanitized: no
if [ -z "${OWN_NAMESPACE:-}" ] && [ "$(id -u)" = 0 ]; then
	export OWN_NAMESPACE=yes
	exec unshare --mount --propagation slave \
	    bash -eu -o pipefail "$0"
fi
# shellcheck source=lib-users.sh
. "$TOP/tests/e2e/lib-users.sh"

[ -z "${OWN_NAMESPACE:-}" ] || drop_copies
need_mount
need fusermount3
built posix-suite posix-storm
need_device_files
mknod -m 666 device c 10 229
mount --bind device /dev/fuse
with_user mkdir src mnt bare
with_user sh -c ': <>/dev/fuse' 2>/dev/null ||
	skip "device files do not work in $TMP"
install -m 755 -t "$TMP/bin" "$(command -v posix-suite)" \
    "$(command -v posix-storm)"

suite()
{
	local status=0
	with_user posix-suite -v "$1" >suite.txt || status=$?
	[ $status -le 1 ] || fail "posix-suite ended with $status"
	tail -n 1 suite.txt
	grep -E '^(FAIL|SKIP)' suite.txt | sort >"$1.txt" || :
}

# mounted_suite COMMAND...: mounts src on mnt.
mounted_suite()
{
	echo "--- $*"
	with_user "$@" >"$relay_log" 2>&1 || fail "status $?"
	suite mnt
	comm -13 bare.txt mnt.txt | grep -v -F 'RW|TMPFILE' >more.txt || :
	[ ! -s more.txt ] || {
		cat more.txt
		fail "differs from the bare directory"
	}
	with_user mkdir mnt/storm
	with_user posix-storm -n 1000 mnt/storm src/storm || fail "storm"
	with_user rm -r mnt/storm
	with_user fusermount3 -u mnt
	wait_for 20 not_mounted "$TMP/user/mnt" || fail "still mounted"
}

suite bare
if grep FAIL bare.txt; then
	fail "cases fail without any mount"
fi
mounted_suite fuserelay-passthrough src mnt
mounted_suite fuserelay run -d -- fuserelay-passthrough -f src mnt
