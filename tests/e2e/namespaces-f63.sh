#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F63: mount namespaces: an unmount in another one is not taken for one of the
# mount that was made; what is mounted over it, and taken off again, is
# something else; and a namespace whose last process ends takes its mount
# along, which no relay keeps.
# limit: 180
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need_mount
need gcc
dirs_new
echo hello >"$src/file"
gcc -O1 -o mounter "$TOP/tests/helpers/mounter.c" || fail "gcc"

reads()
{
	[ "$(t 10 cat "$mnt/file")" = hello ] || fail "$1: cannot read"
}

ends_well()
{
	kill -TERM "$relay"
	child_wait 20 "$relay"
	[ "$code" = 0 ] || fail "$1: status $code"
	mounted "$mnt" && fail "$1: still mounted"
	relay_quiet
}

# What a program does while its file system is mounted.
export FR_MNT=$mnt FR_SRC=$src
for front in run emulate; do
	echo "--- $front: unmounts in a namespace of the program's own"
	cat >within.sh <<'SH'
set -eu
fuserelay-passthrough -f "$FR_SRC" "$FR_MNT" &
until [ -e "$FR_MNT/file" ]; do :; done
unshare --mount --propagation private sh -euc '
	mount -t tmpfs over "$FR_MNT"
	umount "$FR_MNT"
	[ "$(cat "$FR_MNT/file")" = hello ] || echo hidden
' || echo "status $?"
unshare --mount --propagation private sh -euc '
	umount -l "$FR_MNT"
	[ ! -e "$FR_MNT/file" ] || echo "still there"
' || echo "status $?"
touch finished
wait
SH
	relay_start $front -- sh within.sh
	wait_for 20 test -e finished || fail "$front: not done"
	rm finished
	reads $front
	ends_well $front

	echo "--- $front: something else over it, and off again"
	cat >within.sh <<'SH'
set -eu
fuserelay-passthrough -f "$FR_SRC" "$FR_MNT" &
until [ -e "$FR_MNT/file" ]; do :; done
mount -t tmpfs over "$FR_MNT"
umount "$FR_MNT"
[ "$(cat "$FR_MNT/file")" = hello ] || echo "gone, too"
touch finished
wait
SH
	relay_start $front -- sh within.sh
	wait_for 20 test -e finished || fail "$front: not done"
	rm finished
	reads $front
	ends_well $front
done

echo "--- undone from outside, its daemon killed: the next umount is one"
cat >within.sh <<'SH'
set -eu
fuserelay-passthrough -f "$FR_SRC" "$FR_MNT" &
daemon=$!
until [ -e "$FR_MNT/file" ]; do :; done
kill -STOP $daemon
touch up
until [ -e undone ]; do :; done
kill -KILL $daemon
wait $daemon || :
mount -t tmpfs next "$FR_MNT"
umount "$FR_MNT"
grep "$FR_MNT" /proc/self/mountinfo || touch finished
exec sleep 60
SH
relay_start run -- sh within.sh
wait_for 20 test -e up || fail "not up"
t 20 umount -l "$mnt"
touch undone
wait_for 20 test -e finished || fail "the umount did nothing"
kill -TERM "$relay"
child_wait 20 "$relay"

echo "--- the last process of a namespace ends"
words_fill ./mounter elsewhere MNT fuserelay-passthrough -f SRC {}
fuserelay run -- "${words[@]}" >"$relay_log" 2>&1 </dev/null &
relay=$!
there()
{
	other=$(pgrep -x elsewhere) && grep -q " $mnt .* - fuse" \
	    "/proc/$other/mountinfo"
}
wait_for 20 there || fail "not mounted"
mounted "$mnt" && fail "mounted here"
t 10 nsenter --mount --target "$other" cat "$mnt/file" >out.txt ||
	fail "cannot read in the namespace"
kill -KILL "$other"
child_wait 20 "$relay"
[ "$code" = 0 ] || fail "status $code"
