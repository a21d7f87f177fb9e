#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F73: what is cut from a capture can be read alone: a cut by operation, path,
# caller, time or outcome tells of its calls what the whole tells, names and
# all; it can be cut again, and replayed.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need python3
dirs_new

words_fill --workload=quick --snaplen=64 --chunks -w x.pcap \
    --fragment=1000-9000 --seed=1 -- fuserelay-passthrough -f SRC MNT
expect 0 fuserelay emulate "${words[@]}"
whole=$(wc -c <x.pcap)

echo "--- nothing chosen, all of it"
expect 0 fuserelay decode -w all.pcap x.pcap
cmp all.pcap x.pcap || fail "a copy differs"
fuserelay decode -w - x.pcap | cmp - x.pcap || fail "so does one to a pipe"
fuserelay decode -w - - <all.pcap | cmp - x.pcap || fail "and one from a pipe"

# same FILTER...: the cut of $from by them tells the same as the whole.
from=x.pcap
same()
{
	echo "--- $from $*"
	expect 0 fuserelay decode -w cut.pcap "$@" $from
	size=$(wc -c <cut.pcap)
	[ "$size" -lt "$(wc -c <$from)" ] || fail "nothing was cut away"
	fuserelay decode --json "$@" $from >whole.json
	fuserelay decode --json "$@" cut.pcap >cut.json
	diff whole.json cut.json >diff.txt || {
		head diff.txt
		fail "the cut tells otherwise"
	}
	grep -c '"type":"call"' cut.json || fail "nothing is in it"
	# Of what else it has no path is unknown (a directory may be
	# forgotten before what was in it).
	fuserelay decode cut.pcap >cut.txt
	grep -v FORGET cut.txt | grep '"#' && fail "a node without a name"
	grep -q ' INIT(' cut.txt || fail "no INIT"
	grep -q 'what was not recorded' cut.txt && fail "half a call"
	return 0
}

fuserelay decode x.pcap >all.txt
dir=$(sed -n 's/.*MKDIR("\([^"]*\)".*/\1/p' all.txt | head -n 1)
file=$(sed -n 's/.*WRITE("\([^"]*\)".*/\1/p' all.txt | tail -n 1)
moved=$(sed -n 's/.*RENAME2*("[^"]*", "\([^"]*\)".*) = 0.*/\1/p' all.txt |
    tail -n 1)
[ -n "$dir" ] || fail "no directory"
[ -n "$file" ] || fail "no file"
[ -n "$moved" ] || fail "nothing moved"
same -e write
same -e read,unlink
same -e forget,batch_forget
same -P "$file"
same -P "$moved"
same -e status=failed
same -P "$file" -e '!getattr,lookup'
same --slower=0.2

echo "--- by time"
fuserelay decode --json x.pcap | grep '"call"' >calls.json
t 20 python3 - calls.json >times.txt <<'PYTHON'
import json, sys
ts = sorted(json.loads(line)["ts"] for line in open(sys.argv[1]))
for i in len(ts) // 3, 2 * len(ts) // 3:
    print(ts[i])
PYTHON
{ read -r since; read -r until; } <times.txt
same "--since=$since" "--until=$until"
TZ=UTC same "--since=${since:11:18}" "--until=${until:11:18}" -e '!getattr'
n=$(grep -c '"type":"call"' cut.json)
[ "$n" -lt "$(($(wc -l <calls.json) / 2))" ] || fail "$n are too many"
for time in noon 25:00 12:7 2026-13-01T00:00 1e9 2026-01-01 12:00:00.; do
	expect 125 fuserelay decode --since=$time x.pcap
	says 'should be HH:MM:SS'
done

echo "--- a cut of a cut, from a pipe"
same -e write,mkdir
cp cut.pcap first.pcap
fuserelay decode -w - -e write - <first.pcap >second.pcap
fuserelay decode --json -e write x.pcap >whole.json
fuserelay decode --json -e write second.pcap | diff whole.json - ||
	fail "the second cut"

echo "--- of a later file of a rotated capture"
words_fill --workload=quick -w r.pcap --rotate-size=40K \
    -- fuserelay-passthrough -f SRC MNT
expect 0 fuserelay emulate "${words[@]}"
[ -e r.pcap.2 ] || fail "not three files"
from=r.pcap.1
file=$(fuserelay decode $from | sed -n 's/.*\(WRITE\|READ\)("\([^"]*\)".*/\2/p' |
    tail -n 1)
same -P "$file"
same -e write
for change in --anonymize --normalize; do
	fuserelay decode $change $from >changed.txt
	grep '"#' changed.txt && fail "$change loses paths"
	[ "$(wc -l <changed.txt)" = "$(fuserelay decode $from | wc -l)" ] ||
		fail "$change loses lines"
done
fuserelay decode --json -e write r.pcap r.pcap.1 >whole.json
fuserelay decode -w - -e write r.pcap r.pcap.1 | fuserelay decode --json \
    -e write - | diff whole.json - || fail "a cut of two files"

echo "--- it can be replayed: nodes and handles are those of calls before"
expect 0 fuserelay decode -w cut.pcap -e write,read x.pcap
mkdir -p to
t 60 fuserelay replay --stats cut.pcap -- fuserelay-passthrough -f to "$mnt" \
    >replay.txt 2>&1 || cat replay.txt
tail -n 3 replay.txt
grep -E 'skipped.*(node|handle)' replay.txt && fail "requests of the unknown"

echo "--- what can't be"
expect 125 fuserelay decode -w x.pcap -e write x.pcap
says 'which is to be read'
[ "$(wc -c <x.pcap)" = "$whole" ] || fail "the file that is read was written"
ln -s x.pcap link
expect 125 fuserelay decode -w cut.pcap -w link x.pcap
says 'which is to be read'
expect 125 fuserelay decode -w /dev/full x.pcap
says 'No space'
for option in -t -c -C --json --perfetto --fragments --full -ofile; do
	expect 125 fuserelay decode -w cut.pcap "$option" x.pcap
	says 'writes no lines'
done
expect 1 fuserelay decode -w cut.pcap absent.pcap
expect 125 fuserelay decode --snaplen=3 x.pcap
says 'need -w'
