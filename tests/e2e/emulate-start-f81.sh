#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F81: behind the emulator mount(2) returns when the mount is there and not
# before, or fails as the kernel's does; a mount that is undone at once, or
# whose INIT fails, leaves nothing.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need_mount
need gcc bindfs
dirs_new
echo hello >"$src/file"
gcc -O1 -o mounter "$TOP/tests/helpers/mounter.c" || fail "gcc"

echo "--- there when mount(2) returns"
for _ in 1 2 3 4; do
	relay_start emulate -- ./mounter seen MNT fuserelay-passthrough -f SRC {}
	[ "$(t 10 cat "$mnt/file")" = hello ] || fail "cannot read"
	relay_stop
done

echo "--- undone before it is served"
for _ in 1 2 3 4; do
	t 20 fuserelay emulate -- ./mounter leave "$mnt" true ||
		fail "status $?"
	mounted "$mnt" && fail "left mounted"
done

echo "--- what a program does as soon as it is up"
for _ in 1 2; do
	# shellcheck disable=SC2016 # for the inner shell
	expect 5 fuserelay emulate -- sh -c '
		bindfs "$1" "$2" && [ "$(cat "$2/file")" = hello ] &&
			fusermount3 -u "$2" && exit 5
	' sh "$src" "$mnt"
	mounted "$mnt" && fail "left mounted"
done

echo "--- in use: busy, and served until it is closed"
echo more >"$src/more"
for front in run emulate; do
	# shellcheck disable=SC2016 # for the inner shell
	expect 5 fuserelay $front -- sh -c '
		bindfs "$1" "$2" && exec 8<"$2/file" 9<"$2/more" || exit 9
		umount "$2" && exit 8
		[ "$(cat <&8)" = hello ] || exit 7
		umount -l "$2" || exit 6
		grep -F " $2 " /proc/self/mountinfo && exit 4
		[ "$(cat <&9)" = more ] || exit 3
		exec 8<&- 9<&-
		exit 5
	' sh "$src" "$mnt"
	says 'busy'
	relay_start $front -- bindfs -f SRC MNT
	exec 9<"$mnt/more"
	t 20 umount -l "$mnt" || fail "umount -l"
	[ "$(t 10 cat <&9)" = more ] || fail "not served after umount -l"
	alive "$relay" || fail "ended while a file is open"
	exec 9<&-
	child_wait 20 "$relay"
	[ "$code" = 0 ] || fail "status $code"
	relay_quiet
done

echo "--- told to end while it is undone and in use"
relay_start emulate -- bindfs -f SRC MNT
mkfifo go
( exec 9<"$mnt/more"; : >held; read -r _ <go ) &
holder=$!
wait_for 10 test -e held || fail "cannot open"
t 20 umount -l "$mnt" || fail "umount -l"
mount -t tmpfs none "$mnt"
kill -TERM "$relay"
child_wait 20 "$relay"
mounted "$mnt" || fail "what was mounted there later is gone"
umount "$mnt"
echo >go
wait "$holder"

echo "--- the kernel's errno"
true >file
for front in run emulate; do
	expect 1 fuserelay $front -- ./mounter direct "$TMP/file" true
	says '^mounter: direct: Not a directory'
	expect 1 fuserelay $front -- ./mounter direct "$TMP/none" true
	says '^mounter: direct: No such file'
done

echo "--- INIT fails: undone, and the program told"
t 30 fuserelay emulate -- ./mounter refuse "$mnt" true >out.txt 2>&1 &&
	fail "status 0"
says 'the daemon refused INIT'
says "$mnt: the server could not mount"
not_mounted "$mnt" || fail "left mounted"
