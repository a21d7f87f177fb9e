#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# What decode tells of a capture made behind the emulator: how the stream was
# cut, a table, a trace for Perfetto; each agrees with what the relay and the
# JSON of the same capture say.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need python3
dirs_new

number()
{
	sed -n "s/$1/\\1/p" "$2" | grep -x '[0-9][0-9]*' || fail "no $1 in $2"
}

# cut_stream WORKLOAD SHAPE...: run it behind such a stream; decode tells of the
# stream what the relay's own figures tell.
cut_stream()
{
	local load=$1
	shift
	echo "--- $load, $*"
	words_fill --stats --chunks -w x.pcap --seed=1 "$@" -- \
	    fuserelay-passthrough -f SRC MNT
	expect 0 fuserelay emulate --workload="$load" "${words[@]}"
	mv out.txt relay.txt
	fuserelay decode --fragments x.pcap >cut.txt
	all=$(number '.*: \([0-9]*\) requests, [0-9]* in more than.*' relay.txt)
	several=$(number '.*requests, \([0-9]*\) in more than one.*' relay.txt)
	joined=$(number '.*in all), \([0-9]*\) glued.*' relay.txt)
	largest=$(number '.*largest \([0-9]*\) bytes$' relay.txt)
	grep "^$all requests: $((all - several)) in one piece, $several in" \
	    cut.txt || fail "not $several of $all requests in pieces"
	grep "^largest: $largest bytes, " cut.txt || fail "not $largest"
	grep "^requests that began in one read: $((all - joined)), " cut.txt ||
		fail "not $joined requests glued to others"
}

cut_stream quick --fragment=1-64 --coalesce=64
[ "$joined" -gt 0 ] || fail "none was joined to another"
grep -q ', [1-9][0-9]* of those cut within the header$' cut.txt ||
	fail "none was cut within its header"
cut_stream quick --fragment=100000-400000 --coalesce=64
[ "$joined" -gt 0 ] || fail "none was joined to another"
grep -q '^largest: 1048656 bytes, WRITE ' cut.txt ||
	fail "the largest is not a WRITE of 1 MiB"

echo "--- the time line: a WRITE of 1 MiB in its pieces"
fuserelay decode --fragments --full x.pcap >line.txt
t 20 python3 - line.txt <<'PYTHON'
import re, sys
line = re.compile(r" *[0-9.]+ (read|message) +(\d+) \.\. (\d+) +(\d+) bytes"
                  r"(?:, (?:(\d+) pieces, the first of (\d+)|no\. (\d+) of "
                  r"its read|whole): (\S+) unique=\d+)?")
reads, messages, end = [], [], 0
for text in open(sys.argv[1], encoding="utf-8"):
    if not text.strip():
        break
    m = line.fullmatch(text.rstrip())
    assert m, text
    begin, until, size = int(m[2]), int(m[3]), int(m[4])
    assert until - begin == size, text
    if m[1] == "read":
        assert begin == (reads[-1][1] if reads else 0), text
        reads.append((begin, until))
        continue
    assert begin == end, text           # nothing between two messages
    end = until
    pieces = [r for r in reads if r[1] > begin and r[0] < until]
    assert len(pieces) == int(m[5] or 1), (text, pieces)
    if m[5]:
        assert pieces[0][1] - begin == int(m[6]), (text, pieces)
    messages.append((m[8], size, len(pieces)))
large = [m for m in messages if m[0] == "WRITE" and m[1] == 1048656]
assert large and all(m[2] > 1 for m in large), large
assert end == reads[-1][1]
print("%d messages in %d reads, %d WRITEs of 1 MiB in pieces" %
      (len(messages), len(reads), len(large)))
PYTHON

echo "--- the table is the sum of the calls"
fuserelay decode -c x.pcap >table.txt
fuserelay decode --json x.pcap >calls.json
fuserelay decode --perfetto x.pcap >perfetto.json
t 60 python3 - table.txt calls.json perfetto.json <<'PYTHON'
import json, sys
calls = [json.loads(line) for line in open(sys.argv[2], encoding="utf-8")]
calls = [c for c in calls if c["type"] == "call"]
rows = open(sys.argv[1], encoding="utf-8").read().splitlines()
names = "share seconds count errors bytes min mean p50 p90 p99 max op".split()
table = {}
for row in rows[1:-1]:
    words = row.split()
    table[words[-1]] = dict(zip(names, (float(w) if w != "-" else None
                                        for w in words[:-1])))
assert abs(table["all"]["share"] - 100) < .1
apart = ("INIT", "DESTROY")             # nobody's time
total = sum(c.get("lat_ns", 0) for c in calls if c["op"] not in apart)
for op in {c["op"] for c in calls} | {"all"}:
    mine = [c for c in calls if op == c["op"] or
            (op == "all" and c["op"] not in apart)]
    t = table[op]
    lat = sorted(c["lat_ns"] / 1000 for c in mine if "lat_ns" in c)
    assert t["count"] == len(mine), (op, t)
    assert t["errors"] == sum((c["ret"] or 0) < 0 for c in mine), (op, t)
    assert t["bytes"] == sum(c["len"] + c.get("reply_len", 0)
                             for c in mine), (op, t)
    if not lat:
        continue
    assert abs(t["min"] - lat[0]) < .1 and abs(t["max"] - lat[-1]) < .1
    assert abs(t["mean"] - sum(lat) / len(lat)) < .1, (op, t)
    assert abs(t["seconds"] - sum(lat) / 1e6) < 1e-5, (op, t)
    if op in apart:
        assert t["share"] is None, (op, t)
        continue
    assert abs(t["share"] - 100 * sum(lat) * 1000 / total) < .01, (op, t)
    for name, part in ("p50", .5), ("p90", .9), ("p99", .99):
        want = lat[max(int(part * len(lat) + .5), 1) - 1]
        assert want - .1 <= t[name] <= want * 1.07 + .1, (op, name, t, want)
assert all(op in table for op in apart), table.keys()
events = json.load(open(sys.argv[3], encoding="utf-8"))["traceEvents"]
spans, names = {}, {}
for e in events:
    assert e["ph"] in ("b", "e", "M"), e
    if e["ph"] == "M":
        names[e["pid"]] = e["args"]["name"]
        continue
    key = (e["cat"], e["id"])
    spans.setdefault(key, {})[e["ph"]] = e
assert len(spans) == sum("lat_ns" in c for c in calls)
for s in spans.values():
    b, e = s["b"], s["e"]
    assert b["args"]["len"] >= 40 and e["args"]["reply_len"] >= 16, s
    assert e["args"]["by"] == "daemon" and b["args"]["mount"], s
    assert b["name"] == e["name"] and b["pid"] == e["pid"]
    assert e["ts"] >= b["ts"]
assert names and all(names.values()), names
ops = sorted(c["op"] for c in calls if "lat_ns" in c)
assert sorted(s["b"]["name"] for s in spans.values()) == ops
PYTHON

echo "--- F53, a packet that is no record: the others are told, and how many are not"
expect 0 fuserelay decode --json x.pcap
sort out.txt >whole.txt
t 20 python3 - <<'PYTHON' || fail "cannot spoil the capture"
import struct
data = bytearray(open("x.pcap", "rb").read())
at, n = 24, 0
while at < len(data):
    caplen, = struct.unpack_from("=I", data, at + 8)
    # The version of a record, and the name of its dissector.
    if n in (90, 91, 200):
        data[at + 16 + (4 if n == 91 else 20)] ^= 0x55
    at, n = at + 16 + caplen, n + 1
open("spoilt.pcap", "wb").write(data)
PYTHON
expect 1 fuserelay decode --json spoilt.pcap
says 'spoilt.pcap: packets passed over: 3, the first: not a packet of'
grep '"op":"DESTROY"' out.txt >last.txt || fail "the last call is not told"
grep -q -F -x -f last.txt whole.txt || fail "the last call is told otherwise"
lines=$(wc -l <out.txt)
[ $(($(wc -l <whole.txt) - lines)) -le 3 ] || fail "$lines lines are left"

echo "--- f80: the same by path and by caller"
fuserelay decode -c --by=path x.pcap >path.txt
fuserelay decode -c --by=caller x.pcap >caller.txt
t 20 python3 - table.txt path.txt caller.txt calls.json <<'PYTHON'
import json, sys
calls = [json.loads(line) for line in open(sys.argv[4], encoding="utf-8")]
calls = [c for c in calls if c["type"] == "call" and
         c["op"] not in ("INIT", "DESTROY")]
def table(name):
    rows = open(name, encoding="utf-8").read().splitlines()[1:-1]
    return {r.split(None, 11)[11]: r.split(None, 11)[:11] for r in rows}
ops, paths, callers = (table(name) for name in sys.argv[1:4])
assert ops["all"] == paths["all"] == callers["all"]
want = {}
for c in calls:
    path = c.get("path", "(no path)")
    want[path] = want.get(path, 0) + 1
for path in want:
    assert int(paths[path][2]) == want[path], (path, paths[path], want[path])
assert len(paths) == len(want) + 3, (paths.keys(), want.keys())
print(sorted(callers))
PYTHON
expect 125 fuserelay decode --by=path x.pcap
says 'about the table of -c'
expect 125 fuserelay decode -c --by=color x.pcap
says 'op, path or caller'

echo "--- filters"
fuserelay decode -e write --json x.pcap | grep '"call"' >some.json
grep '"op":"WRITE"' calls.json | diff - some.json || fail "-e write"
fuserelay decode -e 'status=failed' --json x.pcap | grep '"call"' >some.json
grep -v -e '"ret":0' -e '"ret":null' calls.json | grep '"call"' |
    diff - some.json || fail "-e status=failed"
expect 125 fuserelay decode -e trace=wrte x.pcap
says 'what is "wrte"'
expect 125 fuserelay decode -e status=bad x.pcap
expect 125 fuserelay decode

echo "--- f80: a path, as one may mean it"
dir=$(fuserelay decode -e mkdir x.pcap | sed -n 's/.*MKDIR("\([^"]*\)".*/\1/p' |
    head -n 1)
[ -n "$dir" ] || fail "no directory"
fuserelay decode -P "$dir" x.pcap | grep -v '^+++' >some.txt
grep -q MKDIR some.txt || fail "-P $dir"
for path in "${dir#/}" ".$dir/" "$mnt$dir"; do
	fuserelay decode -P "$path" x.pcap | grep -v '^+++' | diff some.txt - ||
		fail "-P $path"
done
for path in '' '..' "x/..$dir"; do
	expect 125 fuserelay decode -P "$path" x.pcap
	says 'no path looks so; give one'
done
expect 0 fuserelay decode -P ./nowhere x.pcap
says "P /nowhere: no request is about it; paths are as seen within the mount, or"

echo "--- f80: each line at once"
mkfifo gate
{ cat x.pcap; read -r _ <gate; } | fuserelay decode -l -e init - >line.txt &
wait_for 20 grep -q '^[a-z]* INIT(' line.txt || fail "no line before the end"
echo >gate
wait $!

echo "--- what has nothing to do beside another option is refused"
for pair in '--fragments --json' '--fragments --perfetto' \
    '--json --perfetto'; do
	# shellcheck disable=SC2086 # words
	expect 125 fuserelay decode $pair x.pcap
	says 'only one at a time'
done
for option in -t -T -r -s9 -ewrite; do
	expect 125 fuserelay decode --fragments "$option" x.pcap
	says 'fragments: writes no lines'
done
expect 0 fuserelay decode --fragments -c -e write x.pcap
says 'WRITE'
expect 125 fuserelay decode -c --json x.pcap
says 'writes no lines'
for pair in '--json -t' '--json -T' '--perfetto -r' '--perfetto -s9' '-t -r' \
    '-c -T' '-c --full'; do
	# shellcheck disable=SC2086 # words
	expect 125 fuserelay decode $pair x.pcap
done
expect 0 fuserelay decode -c --fragments --full x.pcap
expect 1 fuserelay decode -c absent.pcap
grep -q count out.txt && fail "a table of nothing"
expect 0 fuserelay decode -C --json x.pcap
expect 125 fuserelay decode -A x.pcap
says 'needs -o'

echo "--- a dialect that is given"
fuserelay decode --dialect=linux --json x.pcap | diff - calls.json ||
	fail "Linux is not what was found out"
fuserelay decode --dialect=darwin --json -e getattr x.pcap >some.json
grep -q '"op":"GETATTR".*"crtime":' some.json || fail "not the layouts given"
grep -q '"op":"GETATTR".*"malformed":' some.json || fail "no complaint"
expect 125 fuserelay decode --dialect=mac x.pcap
says 'linux, darwin or darwin3'
