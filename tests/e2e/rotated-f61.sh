#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F61: every file of a rotated capture read alone tells the same of each request,
# path, caller and result among it, as the whole; under a load whose requests
# overlap, with files that are renamed and removed while they are open.
# shellcheck source=lib-tshark.sh
. "$TOP/tests/e2e/lib-tshark.sh"

need python3
need_mount
dirs_new
seq 2000 >"$src/numbers"

# load NAME: what several of at a time do, each in directories of its own.
load()
{
	local d=$mnt/$1 i
	t 60 mkdir -p "$d/deep/er/and/deeper"
	for i in {1..4}; do
		t 60 bash -c "
			exec 3>'$d/deep/er/and/deeper/kept' 4<'$mnt/numbers'
			mv '$d/deep/er' '$d/moved'
			head -c 100 <&4 >&3
			rm '$d/moved/and/deeper/kept'
			echo more >&3
			cat '$mnt/numbers' >'$d/moved/copy'
			ls -lR '$d' >/dev/null
			ln '$d/moved/copy' '$d/deep/link'
			cat '$d/deep/link' >/dev/null
			mv '$d/moved' '$d/deep/er'
			rm '$d/deep/link'
			sort '$d/deep/er/copy' '$d/absent' >/dev/null 2>&1" || :
	done
}

for size in 8K 64K; do
	rm -f x.pcap*
	relay_start run -w x.pcap --rotate-size=$size -o all.json --json -- \
	    fuserelay-passthrough -f SRC MNT
	loads=()
	for name in one two three; do
		load $name &
		loads+=($!)
	done
	wait "${loads[@]}"
	relay_stop
	rm -rf "${src:?}"/one "$src"/two "$src"/three
	n=$(find . -name 'x.pcap*' | wc -l)
	files=(x.pcap)
	for ((i = 1; i < n; i++)); do
		files+=("x.pcap.$i")
	done
	for file in "${files[@]}"; do
		fuserelay decode --json "$file" || fail "$file alone"
	done >alone.json
	t 60 python3 - all.json "$n" <<'PYTHON' || fail "files of $size"
import json, sys
whole = set(open(sys.argv[1], encoding="utf-8"))
left, bad = set(whole), 0
for line in open("alone.json", encoding="utf-8"):
    left.discard(line)
    if line in whole or json.loads(line).get("unfinished"):
        continue
    bad += 1
    if bad < 10:
        print(line[:300])
print("%d lines in %s files, %d differ, %d are missing" %
      (len(whole), sys.argv[2], bad, len(left)))
for line in list(left)[:3]:
    print(line[:300])
sys.exit(bad > 0 or len(left) > 0 or len(whole) < 700)
PYTHON
	fuserelay decode --json "${files[@]}" >together.json
	diff -q all.json together.json || fail "the files together differ"
done

( need_tshark >/dev/null ) || exit 0
echo "--- in Wireshark: no node without a name, no reply without a request"
tshark_run x.pcap.2 -Y 'fuserelay.path matches "^#"' >unknown.txt
tshark_run x.pcap.2 -Y 'fuserelay.kind == 2 && fuserelay.flags == 0 &&
    !fuserelay.request_in' >>unknown.txt
tshark_run x.pcap.2 -Y fuserelay.request_in >replies.txt
[ ! -s unknown.txt ] || {
	head unknown.txt
	fail "Wireshark does not know what an earlier file told"
}
[ "$(wc -l <replies.txt)" -ge 50 ] || fail "no replies in x.pcap.2"
