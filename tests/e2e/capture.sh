#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F28, F49: captures of a mount: whose they are, what of the data is in them,
# in several files, after the relay was killed, and what is said of files that
# are none.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need_mount
dirs_new
canary=canary-$$-$RANDOM-of-the-data

# use: some requests, and the canary written and read.
use()
{
	t 20 sh -c "echo '$canary' >'$mnt/file'" || fail "cannot write"
	uncached "$mnt/file"
	t 20 cat "$mnt/file" >/dev/null || fail "cannot read"
	t 20 mkdir "$mnt/dir"
	t 20 rmdir "$mnt/dir"
	t 20 rm "$mnt/file"
}

# calls FILE...: how many calls decode finds.
calls()
{
	fuserelay decode --json "$@" >calls.json || fail "decode $*"
	grep -c '"type":"call"' calls.json
}

echo "--- no data in capture, trace and log"
relay_start run -w x.pcap -o lines.txt -v -v -- fuserelay-passthrough -f \
    SRC MNT
use
relay_stop
[ "$(stat -c %a x.pcap)" = 600 ] || fail "others may read the capture"
grep -q 'WRITE("/file"' lines.txt || fail "no WRITE in the trace"
if grep -l "$canary" x.pcap lines.txt "$relay_log"; then
	fail "data where none was asked for"
fi
fuserelay decode -s 100 x.pcap >decoded.txt
if grep "$canary" decoded.txt; then
	fail "data in a capture without data"
fi

echo "--- data where it was asked for"
relay_start run -w x.pcap --snaplen=65536 -- fuserelay-passthrough -f \
    SRC MNT
use
relay_stop
grep -q "$canary" x.pcap || fail "no data in the capture"
fuserelay decode x.pcap >decoded.txt
if grep "$canary" decoded.txt; then
	fail "decode shows data by itself"
fi
fuserelay decode -s 100 x.pcap >decoded.txt
grep -q "WRITE(.*data=\"$canary\\\\x0a\") = " decoded.txt ||
	fail "decode -s does not show what was written"
grep -q "READ(.* \"$canary\\\\x0a\"" decoded.txt ||
	fail "decode -s does not show what was read"

echo "--- an old file is replaced whole, no link is followed"
mkdir other
echo old >other/victim
ln -s other/victim link
chmod 644 x.pcap
exec 8<x.pcap
expect 125 fuserelay run -w link -- fuserelay-passthrough -f "$src" "$mnt"
says 'link: .*[sS]ymbolic'
[ "$(cat other/victim)" = old ] || fail "the link was followed"
relay_start run -w x.pcap -- fuserelay-passthrough -f SRC MNT
relay_stop
[ "$(stat -c %a x.pcap)" = 600 ] || fail "others may read the new capture"
[ "$(stat -c %i x.pcap)" != "$(stat -L -c %i /dev/fd/8)" ] ||
	fail "the old file was written over"
exec 8<&-

echo "--- on standard output, which the program does not share"
relay_start run -w x.pcap -- fuserelay-passthrough -f SRC MNT
use
relay_stop
want=$(calls x.pcap)
fuserelay run -w - -- sh -c 'echo words; exec "$@"' sh \
    fuserelay-passthrough -f "$src" "$mnt" 2>"$relay_log" </dev/null |
    cat >y.pcap &
relay=$!
wait_for 20 mounted "$mnt" || fail "not mounted"
use
t 20 umount "$mnt"
child_wait 20 "$relay"
grep -q '^words$' "$relay_log" || fail "the program's words are lost"
# (the requests of umount(8) depend on what the kernel still knows)
got=$(calls y.pcap)
if [ "$got" -lt $((want - 3)) ] || [ "$got" -gt $((want + 3)) ]; then
	fail "$got calls instead of about $want"
fi
fuserelay decode - <y.pcap >decoded.txt
grep -q 'WRITE("/file"' decoded.txt || fail "decode - reads nothing"

echo "--- in several files"
rm -f x.pcap*
relay_start run -w x.pcap --rotate-size=8K -o all.json --json -- \
    fuserelay-passthrough -f SRC MNT
for _ in {1..10}; do
	use
done
relay_stop
n=$(find . -name 'x.pcap*' | wc -l)
[ "$n" -ge 4 ] || fail "$n files of 8K"
files=(x.pcap)
for ((i = 1; i < n; i++)); do
	files+=("x.pcap.$i")
	[ "$(stat -c %a "x.pcap.$i")" = 600 ] || fail "others may read one"
	[ "$(stat -c %s "x.pcap.$i")" -le 8192 ] || fail "x.pcap.$i is large"
	fuserelay decode "x.pcap.$i" >decoded.txt || fail "x.pcap.$i alone"
	grep -q '^kernel INIT(major=7.*) = major=7' decoded.txt ||
		fail "x.pcap.$i begins without INIT"
done
fuserelay decode --json "${files[@]}" >decoded.json
diff all.json decoded.json || fail "the files together are not the session"
rm -f x.pcap*
relay_start run -w x.pcap --rotate-size=8K --rotate-count=2 -- \
    fuserelay-passthrough -f SRC MNT
for _ in {1..10}; do
	use
done
relay_stop
ls x.pcap*
[ "$(find . -name 'x.pcap*' | wc -l)" = 2 ] || fail "not 2 files left"
[ ! -e x.pcap ] || fail "the first file was left"

echo "--- after kill -9: whole to its last record"
rm -f x.pcap*
relay_start run -w x.pcap -- fuserelay-passthrough -f SRC MNT
use
seen()
{
	fuserelay decode x.pcap 2>/dev/null | grep -q 'UNLINK("/file") = 0'
}
wait_for 20 seen || fail "the capture does not grow"
kill -KILL "$relay"
child_wait 20 "$relay"
expect 0 fuserelay decode x.pcap
says 'WRITE[(]"/file"'
if command -v capinfos >/dev/null; then
	expect 0 capinfos -c x.pcap
fi
t 20 fuserelay cleanup >/dev/null
wait_for 20 not_mounted "$mnt" || fail "cleanup left the mount"

echo "--- cut short, and foreign files: said where and why"
size=$(stat -c %s x.pcap)
head -c $((size - 5)) x.pcap >cut.pcap
expect 1 fuserelay decode cut.pcap
says 'cut.pcap: .*at byte [0-9]+$'
says 'WRITE'
expect 1 fuserelay decode "$BUILD/fuserelay"
says 'fuserelay: .*at byte 0$'
expect 1 fuserelay decode /dev/null
says '/dev/null: .*at byte 0$'
expect 1 fuserelay decode absent.pcap
says 'absent.pcap: No such file'
expect 1 fuserelay decode --from=fusedump x.pcap
says 'not a fusedump'
# an Ethernet capture
printf '\324\303\262\241\2\0\4\0\0\0\0\0\0\0\0\0\0\0\4\0\1\0\0\0' >eth.pcap
expect 1 fuserelay decode eth.pcap
says 'eth.pcap: link type 1, not 252'
