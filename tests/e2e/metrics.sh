#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# Figures for Prometheus: where they are served, to whom, what they say.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need curl python3
need_mount
dirs_new

# get SOCKET: the figures, in got.txt.
get()
{
	t 20 curl -s -S -f --unix-socket "$1" http://relay/metrics >got.txt
}

# value REGEX: the value of the one figure with such a name and labels.
value()
{
	awk -v re="^$1\$" '{ name = $0; sub(/ [^ ]*$/, "", name) }
	    name ~ re { print $NF; n++ } END { exit n != 1 }' got.txt || {
		cat got.txt >&2
		echo "not one $1"
	}
}

echo "--- a socket of its own"
relay_start run --metrics="unix:$TMP/sock" --label=mount=one \
    --label='note=a "quoted" \ word' -- fuserelay-passthrough -f SRC MNT
[ "$(stat -c %a sock)" = 600 ] || fail "others may connect"
t 20 sh -c "echo hello >'$mnt/file'; cat '$mnt/file'; cat '$mnt/absent' ||
    rm '$mnt/file'" >/dev/null 2>&1
get sock || fail "no answer"
labels='mount="one",note="a ..quoted.. .. word"'
[ "$(value "fuserelay_requests_total{$labels,op=\"WRITE\"}")" = 1 ] ||
	fail "not one WRITE"
errors="fuserelay_request_errors_total{$labels,op=\"LOOKUP\",errno=\"ENOENT\"}"
[ "$(value "$errors")" -ge 2 ] || fail "no failed LOOKUP"
time=fuserelay_request_duration_seconds
[ "$(value "${time}_bucket{$labels,op=\"WRITE\",le=\"[+]Inf\"}")" = 1 ] ||
	fail "no histogram"
[ "$(value "${time}_count{$labels,op=\"WRITE\"}")" = 1 ] || fail "no count"
[ "$(value "fuserelay_bytes_total{$labels,direction=\"request\"}")" -gt 300 ] ||
	fail "no bytes"
[ "$(value "fuserelay_inflight_requests{$labels}")" = 0 ] ||
	fail "something in flight"
[ "$(value "fuserelay_trace_dropped_total{$labels}")" = 0 ] ||
	fail "something dropped"
[ "$(value "fuserelay_build_info{$labels,version=\"[0-9.]*\"}")" = 1 ] ||
	fail "no build_info"
if grep -F -e /file -e absent got.txt; then
	fail "a path in the figures"
fi
if command -v promtool >/dev/null; then
	promtool check metrics <got.txt || fail "promtool objects"
else
	echo "note: promtool is not here"
fi

echo "--- the format, every line of it"
t 20 python3 - got.txt <<'PYTHON'
import re, sys
types, seen, last = {}, set(), {}
name = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
label = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
sample = re.compile(r"(%s)(?:\{(%s(?:,%s)*)\})? (\S+)" % (name, label, label))
for line in open(sys.argv[1], encoding="utf-8").read().splitlines():
    words = line.split(" ", 3)
    if line.startswith("# HELP "):
        assert words[2] not in types and len(words) == 4, line
        types[words[2]] = None
        continue
    if line.startswith("# TYPE "):
        assert types[words[2]] is None, line
        types[words[2]] = words[3]
        continue
    m = sample.fullmatch(line)
    assert m, line
    family = re.sub("_(bucket|sum|count)$", "", m[1])
    family = family if types.get(family) == "histogram" else m[1]
    assert types[family], line
    assert (m[1], m[2]) not in seen, line
    seen.add((m[1], m[2]))
    v = float(m[3])
    assert v >= 0, line
    if types[family] == "counter":
        assert family.endswith("_total"), line
    if m[1].endswith("_bucket"):
        series = re.sub(r'le="[^"]*"', "", m[2])
        assert last.get(series, 0) <= v, line
        last[series] = v
assert len(seen) > 50
PYTHON

echo "--- a client that asks and never reads, one that never asks"
t 60 python3 - sock <<'PYTHON' &
import socket, sys, time
a = socket.socket(socket.AF_UNIX)
a.connect(sys.argv[1])
b = socket.socket(socket.AF_UNIX)
b.connect(sys.argv[1])
try:
    while True:
        a.send(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
except OSError:
    pass
print("done", flush=True)
PYTHON
reader=$!
for _ in {1..20}; do
	t 20 stat -c %n "$mnt/absent" >/dev/null 2>&1 || :
done
get sock || fail "no answer beside a client that does not read"
t 20 sh -c "echo hello >'$mnt/file'; rm '$mnt/file'" || fail "the mount"
kill "$reader" 2>/dev/null || :
expect 22 curl -s -S -f --unix-socket sock http://relay/other
expect 22 curl -s -S -f --unix-socket sock -d x http://relay/metrics

echo "--- another relay cannot take the place of a living one"
expect 125 fuserelay run --metrics="unix:$TMP/sock" -- true
says 'sock: Address already in use'
get sock || fail "no answer"

echo "--- nor is anything removed that is no socket"
echo precious >file
expect 125 fuserelay run --metrics="unix:$TMP/file" -- true
says 'file: Address already in use'
[ "$(cat file)" = precious ] || fail "the file is gone"

echo "--- no descriptor left"
limit=$(prlimit --pid "$relay" --nofile --output=SOFT --noheadings)
free=0
while [ -e "/proc/$relay/fd/$free" ]; do
	free=$((free + 1))
done
prlimit --pid "$relay" --nofile="$free:"
began=$SECONDS
timeout "$(patient 20)" curl -s --unix-socket sock \
    http://relay/metrics >none.txt &
asking=$!
wait_for 20 grep -q "metrics: accept: Too many open files" "$relay_log" ||
	fail "a descriptor was left"
[ ! -s none.txt ] || fail "answered without a descriptor"
kill "$asking"
prlimit --pid "$relay" --nofile="$((limit)):"
wait_for 5 get sock || fail "no answer after descriptors were short"
lines=$(grep -c "metrics: accept: Too many open files" "$relay_log" || :)
took=$((SECONDS - began))
[ "$lines" -le $((took + 2)) ] || fail "$lines lines of it in $took s"
sed -i '/metrics: accept:/d' "$relay_log"
relay_stop
[ ! -e sock ] || fail "the socket is left"

echo "--- the socket of a dead one is replaced"
python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("sock")'
relay_start run --metrics="unix:$TMP/sock" -- fuserelay-passthrough -f \
    SRC MNT
get sock || fail "no answer"
relay_stop

echo "--- what is in flight"
relay_start run --metrics="unix:$TMP/sock" -- fuserelay-passthrough -f \
    SRC MNT
daemon=$(pgrep -P "$relay" -x fuserelay-passt) || fail "no daemon"
kill -STOP "$daemon"
t 60 stat "$mnt/absent" >/dev/null 2>&1 &
one_waits()
{
	get sock && [ "$(value fuserelay_inflight_requests)" = 1 ]
}
wait_for 20 one_waits || fail "nothing in flight"
older()
{
	get sock && value fuserelay_oldest_request_age_seconds |
	    grep -q -E '^([1-9]|0\.[1-9])'
}
wait_for 20 older || fail "it has no age"
kill -CONT "$daemon"
none_waits()
{
	get sock && [ "$(value fuserelay_inflight_requests)" = 0 ]
}
wait_for 20 none_waits || fail "still in flight"
relay_stop

echo "--- the loopback and nothing else"
expect 125 fuserelay run --metrics=0.0.0.0:9999 -- true
says 'not an address of the loopback'
expect 125 fuserelay run --metrics='[::]:9999' -- true
says 'not an address of the loopback'
for where in nonsense 127.0.0.1 unix; do
	expect 125 fuserelay run --metrics=$where -- true
	says 'ADDRESS:PORT'
done
expect 125 fuserelay run --label=nonsense -- true
says 'NAME=VALUE'
port=$(python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])')
relay_start run --metrics="127.0.0.1:$port" -- fuserelay-passthrough -f \
    SRC MNT
t 20 curl -s -S -f "http://127.0.0.1:$port/metrics" >got.txt ||
	fail "no answer"
grep -q '^fuserelay_requests_total{op="INIT"} 1$' got.txt || fail "no INIT"
relay_stop
