#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# An ordinary user, who mounts with fusermount3's help on both sides, runs
# file systems behind the emulator with a kernel mount.  The FUSE device
# that the user may open is one of the test's own, in a mount namespace.
# limit: 180
# shellcheck source=lib-users.sh
. "$TOP/tests/e2e/lib-users.sh"

own_device

# Only the user may look into the mount.
one()
{
	echo "--- $*"
	words_fill "$@"
	with_user fuserelay emulate --fragment=79-81 --coalesce=8 --seed=1 \
	    -- "${words[@]}" >"$relay_log" 2>&1 </dev/null &
	relay=$!
	wait_for 20 relay_settled || fail "not mounted in 20 s"
	mounted "$mnt" || fail "ended before a mount"
	random_file data 10
	chmod 644 data
	with_user sh -euc '
		cp ../data mnt/data
		cmp ../data mnt/data
		mkdir mnt/d
		mv mnt/data mnt/d/renamed
		cmp ../data mnt/d/renamed
		rm -r mnt/d
		fusermount3 -u mnt
	' || fail "as the user"
	child_wait 20 "$relay"
	[ "$code" = 0 ] || fail "status $code after a clean unmount"
	mounted "$mnt" && fail "still mounted"
	relay_quiet
}
one fuserelay-passthrough -f SRC MNT
if command -v bindfs >/dev/null; then
	one bindfs -f --no-allow-other SRC MNT
fi
