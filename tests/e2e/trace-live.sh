#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# The live trace of an unmodified program on a kernel mount: lines as strace
# writes them, where they go, what is shown of them; JSON; and the same
# again from a capture of the session.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need bindfs python3
need_mount
dirs_new
out=$TMP/lines.txt

# line REGEX: the trace has such a line.
line()
{
	grep -q -E -e "$1" "$out" || {
		[ "$out" = "$relay_log" ] || cat "$out"
		fail "no line like: $1"
	}
}

no_line()
{
	if grep -E -e "$1" "$out"; then
		fail "a line like: $1"
	fi
}

echo "--- lines on standard error"
out=$relay_log
mkdir "$src/dir"
echo hello >"$src/dir/greeting"
cp "$(command -v tail)" "$src/busy"
"$src/busy" -f /dev/null &
busy=$!
relay_start run -t -- bindfs -f SRC MNT
t 20 ls -l "$mnt" >/dev/null
t 20 cat "$mnt/dir/greeting" >/dev/null
t 20 cat "$mnt/absent" 2>/dev/null && fail "absent is there"
# an open that the program refuses, since the file runs
t 20 sh -c "echo x >>'$mnt/busy'" 2>/dev/null && fail "busy was opened"
kill "$busy"
t 20 umount "$mnt"			# (the lines have words like "error")
child_wait 20 "$relay"
[ "$code" = 0 ] || fail "status $code after a clean unmount"
time='[0-2][0-9]:[0-5][0-9]:[0-6][0-9]'
line "^$time \+\+\+ \"$mnt\" \+\+\+\$"
line "^$time kernel INIT\(major=7, .*flags=.*\|.*\) = major=7"
line "^$time fuserelay INIT\(.*\) is what the daemon gets\$"
line "^$time ls\[[0-9]+\] READDIR(PLUS)?\(\"/\", fh=.*\"busy\""
line "^$time ls\[[0-9]+\] LOOKUP\(\"/dir\"\) = nodeid=[0-9]+, .*mode=040"
line "cat\[[0-9]+\] OPEN\(\"/dir/greeting\", flags=O_RDONLY.*\) = fh=0x"
line "cat\[[0-9]+\] READ\(\"/dir/greeting\", .*size=4096.*\) = 6\$"
line "cat\[[0-9]+\] LOOKUP\(\"/absent\"\) = -ENOENT\$"
line "sh\[[0-9]+\] OPEN\(\"/busy\", flags=O_WRONLY.*\) = -ETXTBSY\$"
line "^$time \+\+\+ \"$mnt\": the front is gone \+\+\+\$"

echo "--- a file: its owner's alone, no link is followed, -A appends"
out=$TMP/lines.txt
echo old >"$out"
chmod 644 "$out"
relay_start run -o "$out" -T -e trace=%file -- bindfs -f SRC MNT
t 20 cat "$mnt/dir/greeting" >/dev/null
relay_stop
[ "$(stat -c %a "$out")" = 600 ] || fail "others may read the trace"
no_line '^old'
no_line ' (READ|GETATTR|INIT)'
line "^cat\[[0-9]+\] OPEN\(.*\) = fh=0x[0-9a-f]* <[0-9]+\.[0-9]{6}>\$"
relay_start run -o "$out" -A -ttt -e read -s 3 -- bindfs -f SRC MNT
t 20 cat "$mnt/dir/greeting" >/dev/null
relay_stop
line '^cat\[[0-9]+\] OPEN'
line '^1[0-9]{9}\.[0-9]{6} cat\[.*READ\(.*\) = 6 "hel"\.\.\.$'
mkdir other
: >other/victim
ln -s other/victim link
expect 125 fuserelay run -o link -- bindfs -f "$src" "$mnt"
says 'link: .*[sS]ymbolic'
expect 125 fuserelay run -o absent/lines -- bindfs -f "$src" "$mnt"
says 'absent/lines'

echo "--- a command; its caller, its path"
# shellcheck disable=SC2016 # for the relay's shell
relay_start run -o '|sed s/^/got:/ >piped.txt' -tt -P /dir -- \
    bindfs -f SRC MNT
t 20 cat "$mnt/dir/greeting" "$mnt/busy" >/dev/null
relay_stop
out=$TMP/piped.txt
line "^got:$time\.[0-9]{6} cat\[[0-9]+\] READ\(\"/dir/greeting\""
no_line 'INIT|busy'
out=$TMP/lines.txt
mkfifo go
bash -c 'read -r file <go; [ -e "$file" ]' &
looker=$!
relay_start run -o "$out" -p $looker -- bindfs -f SRC MNT
t 20 cat "$mnt/dir/greeting" >/dev/null
t 20 sh -c "echo '$mnt/busy' >go"
child_wait 20 $looker
[ "$code" = 0 ] || fail "busy is not there"
relay_stop
line "^bash\[$looker\] LOOKUP\(\"/busy\"\) = nodeid="
no_line '^cat'

echo "--- failed ones alone"
relay_start run -o "$out" -e status=failed -- bindfs -f SRC MNT
t 20 cat "$mnt/dir/greeting" "$mnt/absent" >/dev/null 2>&1 || :
relay_stop
line "LOOKUP\(\"/absent\"\) = -ENOENT\$"
no_line 'OPEN|INIT'

echo "--- JSON, live and from a capture"
relay_start run -o "$out" --json -w x.pcap --snaplen=8 -s 8 -- \
    bindfs -f SRC MNT
t 20 sh -c "cat '$mnt/dir/greeting'; ls -la '$mnt'; mkdir '$mnt/new'
    mv '$mnt/new' '$mnt/renamed'; echo more >'$mnt/renamed/file'
    rm -r '$mnt/renamed'; cat '$mnt/absent'" >/dev/null 2>&1 || :
relay_stop
fuserelay decode --json -s 8 x.pcap >decoded.json
diff "$out" decoded.json || fail "decode differs from the live trace"
t 20 python3 - "$out" <<'PYTHON'
import json, sys
keys = {"v", "type", "ts", "conn", "mount", "unique", "op", "opcode",
        "nodeid", "uid", "gid", "pid", "len", "args", "ret"}
ops = set()
for line in open(sys.argv[1], encoding="utf-8"):
    o = json.loads(line)
    if o["type"] != "call":
        continue
    ops.add((o["op"], o.get("path"), o.get("errno")))
    missing = keys - o.keys()
    assert not missing, (missing, o)
    if o["ret"] is not None:
        assert {"errno", "result", "reply_len", "lat_ns", "by"} <= o.keys()
    if o["op"] == "READ" and o["path"] == "/dir/greeting":
        assert o["result"]["data"] == "hello\n", o
        assert o["args"]["size"] == 4096, o
        assert o["comm"] == "cat", o
assert ("LOOKUP", "/absent", "ENOENT") in ops, ops
assert ("MKDIR", "/new", None) in ops, ops
PYTHON

echo "--- text, from a capture"
relay_start run -o "$out" -tt -T -C -w x.pcap -- bindfs -f SRC MNT
t 20 sh -c "cat '$mnt/dir/greeting'; ls -la '$mnt'" >/dev/null
relay_stop
fuserelay decode -tt -T -C x.pcap >decoded.txt
grep -q resumed "$out" || diff "$out" decoded.txt ||
	fail "decode differs from the live trace"
line '^%time +seconds +count +errors +bytes +min_us .*operation$'
line '^ *[0-9.]+ +[0-9.]+ +[0-9]+ +0 +[0-9]+ .* READ$'
line '^100\.00 .* all$'
