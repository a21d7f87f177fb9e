#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F44, F48: every way a program mounts is caught: from a relative path, by a
# helper of any name without environment, statically linked, after the newer
# calls failed, twice, below another mount; and the program's own mount(2) never
# reaches the kernel.  It gets no descriptor of the relay's.
# limit: 180
# shellcheck source=lib-ways.sh
. "$TOP/tests/e2e/lib-ways.sh"

need setpriv bindfs fusermount3
try direct
try magic
try relative
try fsopen
if gcc -O1 -static -o mounter-static "$TOP/tests/helpers/mounter.c"; then
	try direct ./mounter-static
fi
cp "$(command -v fusermount3)" other-name
try "helper:$TMP/other-name"

echo "--- below another root directory"
# shellcheck disable=SC2016 # for the inner shell
t 60 unshare --mount --propagation private bash -euc '
	src=$1 mnt=$2
	mkdir root
	mount --rbind / root
	chroot root fuserelay run -d -- fuserelay-passthrough -f "$src" "$mnt"
	[ "$(cat "root$mnt/file")" = hello ]
	[ ! -e "$mnt/file" ]
	umount "root$mnt"
' chroot "$src" "$mnt" || fail "mounted elsewhere"

cat >unmounter.c <<'C'
#include <stdio.h>
#include <sys/mount.h>
int
main(int argc, char *argv[])
{
	if (umount2(argv[argc - 1], 0) == 0)
		return 0;
	perror("umount2");
	return 1;
}
C
gcc -O1 -o unmounter unmounter.c || fail "gcc"

echo "--- who may not unmount, may not either with root's relay"
relay_start run -- bindfs -f SRC MNT
relay_stop
# shellcheck disable=SC2016 # for the inner shell
expect 1 fuserelay run -- sh -c '
	bindfs "$1" "$2"
	setpriv --reuid 65534 --clear-groups -- ./unmounter "$2"
	code=$?
	mountpoint -q "$2" && umount "$2"
	exit $code
' sh "$src" "$mnt"
says 'Operation not permitted'

echo "--- two mounts of one command, the second below the first"
mkdir "$src/below" "$TMP/src2"
echo second >"$TMP/src2/file"
# shellcheck disable=SC2016 # for the inner shell
relay_start run -- sh -c '
	bindfs "$1" "$2" && bindfs "$3" "$2/below" && exit 0
	exit 9
' sh SRC MNT "$TMP/src2"
wait_for 20 mounted "$mnt/below" || fail "no second mount"
[ "$(t 10 cat "$mnt/file")" = hello ] || fail "first"
[ "$(t 10 cat "$mnt/below/file")" = second ] || fail "second"
t 20 umount "$mnt/below" || fail "umount of the second"
[ "$(t 10 cat "$mnt/file")" = hello ] || fail "the first went with it"
alive "$relay" || fail "the relay went with it"
relay_stop

echo "--- auto_unmount: killed, and nothing is left mounted"
# killed: is it unmounted then?  Not where fusermount3 asked before the kernel
# knew of the death: its request was in flight, and has another error than those
# of a dead mount.  That may be so on a busy machine, without the relay, too.
killed()
{
	relay_start run -- fuserelay-passthrough -f -o auto_unmount SRC MNT
	kill -KILL "$(pgrep -P "$relay" -x fuserelay-passt)"
	child_wait 20 "$relay"
	[ "$code" = 137 ] || fail "status $code instead of 137"
	not_mounted "$mnt" && return 0
	grep -q 'OPENDIR("/", .*-ECONNABORTED (by the relay)' "$relay_log" ||
		fail "still mounted"
	expect 0 fuserelay cleanup
	return 1
}
for _ in {1..10}; do
	killed && break
done
not_mounted "$mnt" || fail "still mounted"

echo "--- the program unmounts itself"
# shellcheck disable=SC2016 # for the inner shell
expect 5 fuserelay run -- sh -c '
	bindfs "$1" "$2" && [ "$(cat "$2/file")" = hello ] || exit 9
	fusermount3 -u "$2" || exit 8
	exit 5
' sh "$src" "$mnt"
mounted "$mnt" && fail "still mounted"

echo "--- what is not FUSE is the kernel's business"
# shellcheck disable=SC2016 # for the inner shell
expect 0 unshare --mount --propagation slave fuserelay run -- sh -c '
	mount -t tmpfs none "$1" && touch "$1/x" && umount "$1"
' sh "$mnt"

echo "--- descriptors of the relay do not reach the program"
relay_start run -- bindfs -f SRC MNT
pid=$(pgrep -P "$relay" -x bindfs)
for fd in /proc/"$pid"/fd/*; do
	case $(readlink "$fd") in
	*seccomp*|*eventpoll*) fail "inherited $fd: $(readlink "$fd")" ;;
	esac
done
[ "$(find /proc/"$pid"/fd -lname 'socket:*' | wc -l)" = 1 ] ||
	fail "sockets: $(ls -l /proc/"$pid"/fd)"
relay_stop
