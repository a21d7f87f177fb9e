#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F58: a library asks its device, by poll(), whether the mount is gone before
# it unmounts.  A socket can't say that: the umount of who served the mount
# does nothing then, and that of others fails as always.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need_mount
dirs_new
# polite.py MOUNTPOINT WHO: a child unmounts it when INIT is answered, or
# nobody does.  Then it unmounts as libfuse does.
cat >polite.py <<'PYTHON'
import ctypes, errno, os, select, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
target = sys.argv[1].encode()

def check(what, r):
    if r != 0:
        sys.exit("failed to %s: %s" % (what, os.strerror(ctypes.get_errno())))

def child_unmounts():
    if os.fork() == 0:
        os.close(dev)
        check("unmount in a child", libc.umount2(target, 2))  # MNT_DETACH
        os._exit(0)

dev = os.open("/dev/fuse", os.O_RDWR)
check("mount", libc.mount(b"polite", target, b"fuse", 0,
    b"fd=%d,rootmode=40000,user_id=0,group_id=0" % dev))
while True:
    try:
        _, opcode, unique = struct.unpack("IIQ", os.read(dev, 1 << 20)[:16])
    except OSError as e:
        if e.errno != errno.ENODEV:
            raise
        break
    if opcode == 26:            # INIT
        os.write(dev, struct.pack("IiQIIIIHHII36x", 80, 0, unique,
            7, 31, 0, 0, 16, 12, 65536, 0))
        if sys.argv[2] == "child":
            child_unmounts()
    elif opcode == 38:          # DESTROY
        os.write(dev, struct.pack("IiQ", 16, 0, unique))
    elif opcode not in (2, 36, 42):
        os.write(dev, struct.pack("IiQ", 16, -errno.ENOSYS, unique))
poll = select.poll()
poll.register(dev, 0)
over = any(event & select.POLLERR for _, event in poll.poll(0))
os.close(dev)
if not over:
    check("unmount", libc.umount2(target, 0))
PYTHON
polite=(/usr/bin/python3 polite.py "$mnt")

# unmounts HOW: the program ends in peace.
unmounts()
{
	# shellcheck disable=SC2086 # words
	t 20 $1 "${polite[@]}" child >"$relay_log" 2>&1 </dev/null ||
		fail "${1:-bare}: status $?"
	relay_quiet
}

for how in "" "fuserelay run --" "fuserelay emulate --"; do
	echo "--- ${how:-bare}"
	unmounts "$how"
	not_mounted "$mnt" || fail "still mounted"
	echo "--- ${how:-bare}: what lies below stays"
	mount -t tmpfs below "$mnt"
	unmounts "$how"
	mounted "$mnt" || fail "what lay below was unmounted"
	umount "$mnt"
done

echo "--- told by the relay"
for signal in TERM HUP; do
	for front in run emulate; do
		relay_start $front -- "${polite[@]}" nobody
		kill -$signal "$relay"
		child_wait 20 "$relay"
		[ "$code" = 0 ] || fail "status $code"
		relay_quiet
	done
done

echo "--- who did not serve it is told the truth"
cat >others.sh <<'SH'
"$@"
umount "$3" 2>/dev/null
echo "others: $?"
SH
for front in run emulate; do
	expect 0 fuserelay $front -- sh others.sh "${polite[@]}" child
	says "^others: 32$"
done

command -v tup >/dev/null || {
	echo "note: tup is not here"
	exit 0
}
for how in "" "fuserelay run --" "fuserelay emulate --"; do
	echo "--- tup, ${how:-bare}"
	rm -rf project
	mkdir project
	echo ': |> echo made >%o |> out.txt' >project/Tupfile
	(cd project && t 10 tup init >/dev/null)
	code=0
	# shellcheck disable=SC2086 # words
	(cd project && t 60 $how tup) >out.txt 2>&1 </dev/null || code=$?
	[ "$code" = 0 ] || { cat out.txt; fail "status $code"; }
	! grep -i -e fail -e warn -e error out.txt || fail "tup: noise"
	[ "$(cat project/out.txt)" = made ] || fail "tup made nothing"
done
