#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F23: a mount that is forced away under its users, or aborted: callers get an
# errno at once, the program ends well, and what is left is said and cleaned
# up.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need_mount
need_fusectl
need bindfs
need pgrep
dirs_new
echo hello >"$src/file"

# busy: a caller waits for a stopped daemon
busy_start()
{
	relay_start run -- \
	    bindfs -f -o attr_timeout=0,entry_timeout=0 SRC MNT
	daemon=$(pgrep -P "$relay" -x bindfs) || fail "no daemon"
	connection=$(awk -v p="$mnt" '$5 == p { sub(/.*:/, "", $3); print $3 }' \
	    /proc/self/mountinfo)
	kill -STOP "$daemon"
	t 30 stat "$mnt/file" >stat.txt 2>&1 &
	caller=$!
	mkdir -p ctl
	mounted "$TMP/ctl" || mount -t fusectl none ctl
	wait_for 10 grep -q '^[1-9]' "ctl/$connection/waiting" ||
		fail "nobody waits"
}

# over: the caller has its errno, the relay ends, the dead mount is cleaned up
over()
{
	child_wait 5 "$caller"
	[ "$code" = 1 ] || fail "the caller ended with $code"
	grep -q -i -e 'connection abort' -e 'not connected' stat.txt || fail "$(cat stat.txt)"
	kill -CONT "$daemon"
	child_wait 20 "$relay"
	[ "$code" = 0 ] || fail "status $code"
	if mounted "$mnt"; then
		grep -q 'a dead mount was left' "$relay_log" ||
			fail "nothing said of the dead mount"
		expect 0 fuserelay cleanup
		says "^$mnt: unmounted"
	fi
	not_mounted "$mnt" || fail "still mounted"
}

echo "--- umount -f"
busy_start
t 10 umount -f "$mnt" 2>/dev/null || :
over
echo "--- aborted from outside"
busy_start
echo 1 >"ctl/$connection/abort"
over
echo "--- umount -f, nobody uses it"
relay_start run -- bindfs -f SRC MNT
t 10 stat "$mnt/file" >stat.txt || fail "not served"
t 10 umount -f "$mnt" || fail "umount -f"
child_wait 20 "$relay"
[ "$code" = 0 ] || fail "status $code"
not_mounted "$mnt" || fail "still mounted"
relay_quiet
umount ctl
