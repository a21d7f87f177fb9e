#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F74: a capture for strangers: no name, no value, no data, no target is left
# of it, but operations, nodes, sizes, results and times are; it can be read
# by all that read captures, and replayed.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib-tshark.sh"

need_mount
need python3
need setfattr
dirs_new

mkdir -p "$src/geheim-dir/geheimnis"
echo "geheim data" >"$src/geheim-dir/geheim.txt"
ln -s ../geheim-dir/geheimnis "$src/geheim-link"
cp /bin/cat ./geheimprog
mkdir -p geheim-mount
relay_start run --snaplen=4096 -w x.pcap -- fuserelay-passthrough -f SRC MNT
(
	here=$PWD
	cd "$mnt" || exit 1
	t 20 "$here/geheimprog" geheim-dir/geheim.txt geheim-link/nothing || :
	echo "more geheim data" >geheim-dir/geheimnis/new-geheim
	t 20 mv geheim-dir/geheimnis/new-geheim geheim-dir/moved-geheim
	t 20 setfattr -n user.geheim-name -v geheim-value geheim-dir
	t 20 getfattr -d geheim-dir
	t 20 ls -lR .
	t 20 ln -s /home/geheim/elsewhere a-geheim-link
	t 20 readlink a-geheim-link
	t 20 rm geheim-dir/moved-geheim
) >/dev/null 2>&1
relay_stop

# tells_nothing FILE: of what was secret.
tells_nothing()
{
	local word
	for word in geheim elsewhere moved "${mnt##*/}" "$(basename "$PWD")"; do
		[ "$(LC_ALL=C grep -a -c -e "$word" x.pcap)" -gt 0 ] ||
			fail "not even the whole has $word"
		LC_ALL=C grep -a -e "$word" "$1" && fail "$1 has $word"
	done
	return 0
}

for keep in '' length extension length,extension; do
	echo "--- ${keep:-neither length nor extension}"
	words_fill --anonymize ${keep:+--anonymize-keep=$keep}
	fuserelay decode "${words[@]}" -w a.pcap x.pcap || fail "status $?"
	tells_nothing a.pcap
	fuserelay decode "${words[@]}" --json x.pcap >direct.json
	fuserelay decode --json a.pcap >a.json
	diff a.json direct.json || fail "printed otherwise than written"
	grep malformed a.json && fail "not in order"
	fuserelay decode --json x.pcap >x.json
	t 20 python3 - x.json a.json "$keep" <<'PYTHON'
import json, re, sys
def calls(name):
    return [o for o in map(json.loads, open(name, encoding="utf-8"))
            if o["type"] == "call"]
was, now, keep = calls(sys.argv[1]), calls(sys.argv[2]), sys.argv[3]
assert len(was) == len(now)
words = {}
def same(a, b, key=None):
    """The same numbers, and one word for each word."""
    if isinstance(a, dict):
        assert a.keys() == b.keys(), (a, b)
        for k in a:
            same(a[k], b[k], k)
    elif isinstance(a, list):
        assert len(a) == len(b), (a, b)
        for x, y in zip(a, b):
            same(x, y, key)
    elif key in ("path", "newpath", "name", "newname", "target", "mount"):
        a, b = a.split("/"), b.split("/")
        assert len(a) == len(b), (a, b)
        for x, y in zip(a, b):
            assert words.setdefault(x, y) == y, (x, y, words)
            assert len(y) <= len(x)
            if "length" in keep:
                assert len(x.split(" ")[0]) == len(y.split(" ")[0]), (x, y)
            if "extension" in keep and x == "geheim.txt":
                assert y.endswith(".txt"), y
    elif key not in ("comm", "xattr", "len", "reply_len", "bytes",
                     "first_bytes"):
        assert a == b, (key, a, b)
for a, b in zip(was, now):
    assert a["comm"] != b["comm"] if "comm" in a else True
    if a["op"] != "READDIRPLUS" and a["op"] != "LISTXATTR":
        same(a, b)
    assert b["len"] <= a["len"] and b.get("reply_len", 0) <= a.get("reply_len", 0)
assert len(set(words.values())) == len(words), words
PYTHON
done

echo "--- with a filter, which is about what was"
fuserelay decode --anonymize -w a.pcap -P geheim-dir/geheim.txt x.pcap ||
	fail "status $?"
tells_nothing a.pcap
n=$(fuserelay decode --json -e read a.pcap | grep -c '"call"')
[ "$n" = "$(fuserelay decode --json -e read -P geheim-dir/geheim.txt x.pcap |
    grep -c '"call"')" ] || fail "$n READs are left"
fuserelay decode --anonymize -e read -P geheim-dir/geheim.txt x.pcap |
    grep -c 'READ(' | grep -x "$n" || fail "printed otherwise"

echo "--- it can be replayed"
mkdir -p to
t 60 fuserelay replay a.pcap -- fuserelay-passthrough -f to "$mnt" \
    >replay.txt 2>&1 || :
tail -n 2 replay.txt
grep -q '^[1-9][0-9]* requests' replay.txt || fail "nothing was replayed"

echo "--- what has nothing to do"
expect 125 fuserelay decode --anonymize -s 3 x.pcap
says 'leaves no data'
expect 125 fuserelay decode --anonymize-keep=length x.pcap
says 'needs --anonymize'
expect 125 fuserelay decode --anonymize --anonymize-keep=size x.pcap
says 'length, extension or both'

echo "--- Wireshark"
need tshark
fuserelay decode --anonymize -w a.pcap x.pcap
tshark_run a.pcap -Y 'fuserelay.path' -T fields -e fuserelay.path >paths.txt
[ -s paths.txt ] || fail "no path"
grep geheim paths.txt && fail "a name in Wireshark"
tshark_run a.pcap -Y _ws.malformed >bad.txt
[ ! -s bad.txt ] || fail "malformed in Wireshark"
