#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F60: the names of callers that fork and exec all the time, as make with bash
# for its shell: each is what the kernel's own tracepoints say, live and in a
# capture.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need make bash python3
need_mount
dirs_new

tracefs=/sys/kernel/tracing
instance=
own_tracefs=
tracing_end()
{
	[ -z "$instance" ] || rmdir "$instance" || :
	[ -z "$own_tracefs" ] || umount "$own_tracefs" || :
}
trap tracing_end EXIT
if [ ! -d "$tracefs/events" ]; then
	mkdir tracefs
	mount -t tracefs none tracefs 2>/dev/null ||
		skip "the kernel has no tracefs"
	own_tracefs=$TMP/tracefs
	tracefs=$own_tracefs
fi
[ -d "$tracefs/events/fuse/fuse_request_send" ] ||
	skip "the kernel has no tracepoint of FUSE requests"
mkdir "$tracefs/instances/fuserelay-test-$$" 2>/dev/null ||
	skip "no tracing instance can be made"
instance=$tracefs/instances/fuserelay-test-$$
echo 16384 >"$instance/buffer_size_kb"
for event in fuse/fuse_request_send task/task_newtask task/task_rename; do
	echo 1 >"$instance/events/$event/enable"
done

cat >"$src/Makefile" <<'MAKEFILE'
SHELL = /bin/bash
all: $(addsuffix .out,1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20)
%.out: in
	test -e $<; cp $< $@.new && mv $@.new $@
	wc <$@ >$@.count; head -c 3 <$@ >/dev/null; (ls -l $@; cat $@) | sort >/dev/null; rm $@.count
MAKEFILE
echo input >"$src/in"
relay_start run --json -o lines.json -w x.pcap -- fuserelay-passthrough -f \
    SRC MNT
t 60 make -s -j4 -C "$mnt" >/dev/null || fail "make failed"
relay_stop
cat "$instance/trace" >events.txt
t 20 python3 "$TOP/tests/helpers/callers-agree.py" events.txt lines.json 400 ||
	fail "names differ from the kernel's"

echo "--- the same from the capture, and marked in text"
fuserelay decode --json x.pcap >decoded.json
diff lines.json decoded.json >/dev/null || fail "decode tells other names"
t 20 python3 - lines.json >marked.txt <<'PYTHON'
import json, sys
for line in open(sys.argv[1], encoding="utf-8"):
    o = json.loads(line)
    if o.get("comm_certain") is False:
        print("%s~[%u] %s(" % (o["comm"], o["pid"], o["op"]))
PYTHON
fuserelay decode x.pcap | grep -o '^[^ ]*~\[[0-9]*\] [A-Z_0-9]*(' >text.txt || :
[ -s marked.txt ] || fail "no name is marked"
diff <(sort marked.txt) <(sort text.txt) || fail "the text marks others"
fuserelay decode --perfetto x.pcap >perfetto.json
grep -q '"comm_certain":false' perfetto.json ||
	fail "no name is marked for Perfetto"
