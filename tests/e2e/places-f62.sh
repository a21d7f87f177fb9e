#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F62: what root's relay mounts and unmounts for another user's program is where
# that user mounted it, whatever is renamed or linked in its place meanwhile,
# and never a directory of root's.
# limit: 240
# shellcheck source=lib-users.sh
. "$TOP/tests/e2e/lib-users.sh"

own_device
need gcc setpriv python3
rounds=200
victim=$TMP/victim	# root's: something mounted, and a bare directory
mkdir -p "$victim/m"
mount -t tmpfs -o mode=700 victim "$victim/m"
echo secret >"$victim/m/file"
gcc -O1 -o "$TMP/bin/place-racer" "$TOP/tests/helpers/place-racer.c" ||
	fail "gcc"
chmod 755 "$victim"
home=$TMP/user

as_user=(setpriv --reuid "$user" --regid "$user" --clear-groups --
    env -C "$home" "PATH=$TMP/bin:$PATH" "HOME=$home")

victim_is_well()
{
	[ "$(awk -v p="$victim/m" '$5 == p { print / - tmpfs / }' \
	    /proc/self/mountinfo)" = 1 ] ||
		fail "$1: $(grep "$victim" /proc/self/mountinfo || echo \
		    "unmounted")"
	[ "$(cat "$victim/m/file")" = secret ] || fail "$1: hidden"
}

echo "--- renamed after it was mounted, a link in its place"
with_user mkdir -p x/m
with_user sh -c 'mkdir -p src; echo hello >src/file'
fuserelay run -- "${as_user[@]}" fuserelay-passthrough -f src x/m \
    >"$relay_log" 2>&1 </dev/null &
relay=$!
wait_for 20 mounted "$home/x/m" || fail "not mounted"
[ "$(with_user cat x/m/file)" = hello ] || fail "cannot read"
with_user sh -c "mv x z && ln -s '$victim' x"
kill -TERM "$relay"
child_wait 20 "$relay"
[ "$code" = 0 ] || fail "status $code"
victim_is_well "after the relay's unmount"
mounted "$home/z/m" && fail "still mounted"
with_user sh -c 'rm x; mv z x'


# One that mounts and unmounts while paths change: with bare fusermount3
# nothing of root's is ever touched.
with_user sh -c "rm -rf a b; mkdir -p a/m; ln -s '$victim' b"
umount "$victim/m"
mkdir -p "$victim/m"
echo "--- $rounds mounts, each while its path is exchanged"
expect 0 fuserelay run -- "${as_user[@]}" place-racer mount $rounds
says '^mounted [1-9]'
grep -q "$victim" /proc/self/mountinfo &&
	fail "mounted: $(grep "$victim" /proc/self/mountinfo)"
cat out.txt

echo "--- $rounds unmounts, each while its path is exchanged"
mount -t tmpfs -o mode=700 victim "$victim/m"
echo secret >"$victim/m/file"
expect 0 fuserelay run -- "${as_user[@]}" place-racer unmount $rounds
says '^mounted [1-9]'
victim_is_well "after $rounds unmounts"
cat out.txt
umount "$victim/m"

echo "--- root's emulator mounts nothing for another user, as it does it by path"
expect 3 fuserelay emulate -- "${as_user[@]}" fuserelay-passthrough -f src a/m
says "not mounted: the emulator of root mounts nothing for user"
not_mounted "$home/a/m" || fail "mounted"
expect 3 fuserelay emulate -- setpriv --bounding-set -sys_admin \
    --inh-caps -sys_admin fuserelay-passthrough -f "$home/src" "$home/a/m"
not_mounted "$home/a/m" || fail "mounted without the capability"

echo "--- a device that is a file which the relay itself serves"
cat >no-device.py <<'PY'
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
fd = os.open(sys.argv[1], os.O_RDWR)
options = b"fd=%d,rootmode=40000,user_id=0,group_id=0" % fd
r = libc.mount(b"x", sys.argv[2].encode(), b"fuse.x", 0, options)
print("mount:", r, os.strerror(ctypes.get_errno()))
PY
mkdir served other
export FR_FROM=$home/src FR_AT=$TMP/served FR_OTHER=$TMP/other
# shellcheck disable=SC2016 # for the inner shell
expect 0 fuserelay run -- sh -c '
	fuserelay-passthrough "$FR_FROM" "$FR_AT" &&
	    python3 no-device.py "$FR_AT/file" "$FR_OTHER"; umount "$FR_AT"'
says '^mount: -1 Invalid argument'
