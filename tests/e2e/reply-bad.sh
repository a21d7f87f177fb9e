#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F32, F34, F35, F70: replies that the kernel would refuse: the caller gets EIO
# (or the right answer, where one follows), the session goes on, the log and the
# trace tell.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need_mount
need python3
for fault in none stranger twice; do
	echo "--- $fault"
	relay_start emulate -- odd-daemon $fault MNT
	t 10 stat -f "$mnt" >out.txt || fail "$fault: no answer"
	t 10 stat -f "$mnt" >out.txt || fail "$fault: no second answer"
	t 20 umount "$mnt"
	child_wait 20 "$relay"
	[ "$code" = 0 ] || fail "status $code"
done
for fault in len-above len-below long cut positive huge-error; do
	echo "--- $fault"
	relay_start emulate -- odd-daemon $fault MNT
	expect 1 stat -f "$mnt"
	says 'Input/output error'
	expect 1 stat "$mnt/absent"
	says 'No such file'
	expect 1 stat -f "$mnt"
	t 20 umount "$mnt"
	child_wait 20 "$relay"
	[ "$code" = 0 ] || fail "status $code"
	grep -q -i -e statfs "$relay_log" || fail "nothing in the log"
done

# over WORDS: the mount ends, and log, trace and a capture of it say so.
over()
{
	t 20 umount "$mnt"
	child_wait 20 "$relay"
	[ "$code" = 0 ] || fail "status $code"
	grep -q -e "$1" "$relay_log" || fail "not in the log: $1"
	grep -q -e "$2" lines.txt || fail "not in the trace: $2"
	fuserelay decode x.pcap >lines.txt
	grep -q -e "$2" lines.txt || fail "not decoded: $2"
	fuserelay decode --json x.pcap >lines.txt
	grep -q -e "$3" lines.txt || fail "no JSON: $3"
}

echo "--- F70, a file that becomes a directory"
relay_start run --trace -o lines.txt -w x.pcap -- odd-daemon other-type MNT
expect 1 stat "$mnt/file"
says 'Input/output error'
over 'bad reply to GETATTR .*another file type than before' \
    'GETATTR("/file".* = .*mode=040755 (another file type: the kernel' \
    '"op":"GETATTR".*"spoilt":"another file type'

echo "--- F70, a WRITE of nothing"
relay_start run --trace -o lines.txt -w x.pcap -- odd-daemon write-nothing MNT
expect 1 dd if=/dev/zero of="$mnt/file" bs=5 count=1 conv=notrunc
says 'Input/output error'
over 'bad reply to WRITE .*nothing was written' \
    'WRITE("/file", .*size=5.* = 0 (nothing written: EIO' \
    '"op":"WRITE".*"spoilt":"nothing written'

echo "--- F70, a lock that ends before it begins"
relay_start run --trace -o lines.txt -w x.pcap -- odd-daemon bad-lock MNT
expect 1 python3 -c 'import fcntl, struct, sys
fcntl.fcntl(open(sys.argv[1]), fcntl.F_GETLK,
            struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 9, 0))' "$mnt/file"
says 'Input/output error'
over 'bad reply to GETLK .*lock whose end is before its start' \
    'daemon GETLK = .* is not passed on: a bad reply: lock whose end' \
    '"op":"GETLK".*"why":"lock whose end'
