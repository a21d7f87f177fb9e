#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F75: two runs of the same programs over two copies of the same files differ
# in every number and time; normalized, they are the same line for line.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need_mount

# run_once FILE: what is done is done by one process after the other.
run_once()
{
	rm -rf "$src"
	mkdir -p "$src/dir/sub"
	echo one >"$src/dir/one"
	echo two >"$src/dir/sub/two"
	relay_start run -w "$1" -- fuserelay-passthrough -f SRC MNT
	t 20 cat "$mnt/dir/one" "$mnt/dir/sub/two" >/dev/null
	t 20 mv "$mnt/dir/one" "$mnt/dir/sub/moved"
	t 20 cat "$mnt/dir/sub/moved" "$mnt/dir/sub/two" >/dev/null
	relay_stop
}

# The kernel sends these when it likes; the unmount asks what it likes.
only=(-e '!release,releasedir,forget,batch_forget,statfs,init,destroy')

run_once a.pcap
run_once b.pcap
fuserelay decode "${only[@]}" a.pcap >a.txt
fuserelay decode "${only[@]}" b.pcap >b.txt
diff a.txt b.txt >diff.txt && fail "they are the same as they are"
for f in a b; do
	fuserelay decode --normalize "${only[@]}" $f.pcap |
	    grep -v -e '^+++' -e '^umount\[' >$f.txt
done
diff a.txt b.txt || fail "they differ"
[ "$(wc -l <a.txt)" -gt 10 ] || fail "nothing was compared"
grep -q '^cat\[1\] LOOKUP("/dir") = nodeid=2, ' a.txt ||
	fail "no numbers from 1 on"
fuserelay decode --normalize -ttt a.pcap | grep -v -E '^0\.0[0-9]{5} ' &&
	fail "other times"

echo "--- written, and read again"
fuserelay decode --normalize -w n.pcap a.pcap
fuserelay decode -tt n.pcap >n.txt
fuserelay decode --normalize -tt a.pcap | diff - n.txt ||
	fail "written otherwise than printed"
