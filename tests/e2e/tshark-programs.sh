#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# Captures of real programs in Wireshark: the same requests as fuserelay
# decode shows, and the same WRITEs as the program got.
# sanitized: no
# shellcheck source=lib-tshark.sh
. "$TOP/tests/e2e/lib-tshark.sh"
# shellcheck source=../helpers/programs.sh
. "$TOP/tests/helpers/programs.sh"

need_tshark
need python3
need_mount
dirs_new
export WORK=$TMP/work
mkdir "$WORK"
programs_prepare
head -c 262144 /dev/urandom >"$TMP/data"

# frames COUNT FILTER: so many packets of the capture match.
frames()
{
	local n
	tshark_run x.pcap -Y "$2" >frames.txt
	n=$(wc -l <frames.txt)
	[ "$n" = "$1" ] || fail "$n packets instead of $1: $2"
}

# capture_program NAME HOW OPTION...: use the program's mount with -w.
capture_program()
{
	local name=$1 how=$2 command
	shift 2
	command=$(awk -F'|' -v n="$name" '$1 == n { print $3 "|" $4 }' \
	    <<<"$programs")
	program_can "$name" "${command%%|*}" || {
		echo "note: $name is not here"
		return 0
	}
	program_source "$name"
	command=${command#*|}
	command=${command//WORK/$WORK}
	# shellcheck disable=SC2086 # words
	relay_start "$how" -w x.pcap "$@" -- ${command//HELPERS/}
	t 20 mkdir "$mnt/dir"
	t 20 dd if="$TMP/data" of="$mnt/dir/file" bs=1M status=none
	t 20 mv "$mnt/dir/file" "$mnt/dir/other"
	t 20 cat "$mnt/dir/other" >/dev/null
	t 20 ls -la "$mnt/dir" >/dev/null
	t 20 cat "$mnt/absent" 2>/dev/null || :
	relay_stop
	fuserelay decode --json x.pcap >x.json
	grep -q '"opcode":16,' x.json || fail "$name: no WRITE"
	tshark_pdml x.pcap >x.pdml
	if grep -m 5 -i 'lua error' x.pdml; then
		fail "$name: the dissector fails"
	fi
	expect 0 python3 "$TOP/tests/helpers/tshark-agrees.py" x.pdml x.json
	echo "$name, $how: $(cat out.txt)"
}

for name in bindfs sshfs gocryptfs; do
	capture_program "$name" run
done
capture_program fuserelay-passthrough emulate --fragment=1-70000 \
    --coalesce=64 --chunks --seed=1


echo "--- display filters, and as many WRITEs as the daemon counts"
rm -rf "$src"
relay_start run -w x.pcap -- fuserelay-passthrough -d SRC MNT
t 20 mkdir "$mnt/dir"
t 20 dd if="$TMP/data" of="$mnt/dir/file" bs=4K conv=fsync status=none
t 20 cat "$mnt/dir/absent" 2>/dev/null || :
# (-d prints a line for each request; nothing is wrong in it)
t 20 umount "$mnt"
child_wait 20 "$relay"
got=$(grep -c 'opcode: WRITE (16)' "$relay_log")
[ "$got" -ge 64 ] || fail "the daemon tells of $got WRITEs"
frames "$got" 'fuserelay.opcode == 16'
frames $((2 * got)) 'fuserelay.op == "WRITE"'
fuserelay decode --json x.pcap >x.json
[ "$(grep -c '"opcode":16,' x.json)" = "$got" ] ||
	fail "not $got WRITEs in decode --json"
first_write()
{
	sed -n '/"op":"WRITE"/ { s/.*"'"$1"'":\([0-9]*\).*/\1/p; q; }' x.json
}
unique=$(first_write unique)
node=$(first_write nodeid)
frames 2 "fuserelay.unique == $unique && fuserelay.op == \"WRITE\""
frames "$got" "fuserelay.nodeid == $node && fuserelay.opcode == 16 &&
    fuserelay.path == \"/dir/file\" && fuserelay.reply_in"
frames 1 'fuserelay.errno == -2 && fuserelay.path == "/dir/absent" &&
    fuserelay.time > 0 && fuserelay.request_in'

echo "--- f90: a reply tells who asked, a request what came of it"
hostile=$(printf 'a\033[31m\nb\302\233c')
rm -rf "$src"
relay_start run -w x.pcap -- fuserelay-passthrough -o cache=never SRC MNT
touch "$mnt/$hostile"
t 20 dd if="$TMP/data" of="$mnt/file" bs=4K count=2 status=none
t 20 dd if="$mnt/file" of="$TMP/copy" bs=4K status=none
t 20 stat "$mnt/gone" 2>/dev/null || :
relay_stop
frames 2 'fuserelay.comm == "stat" && fuserelay.errno == -2 &&
    fuserelay.path == "/gone" && fuserelay.op == "LOOKUP" &&
    fuserelay.nodeid == 1 && fuserelay.uid == 0 && fuserelay.gid == 0 &&
    fuserelay.pid > 0 && fuserelay.time > 0'
frames 1 'fuserelay.comm == "stat" && fuserelay.errno == -2 &&
    fuserelay.opcode == 1 && fuserelay.reply_in'

# shows REGEX: a line about one of these packets is this.
shows()
{
	grep -q -E "$1" lines.txt || {
		cat -v lines.txt
		fail "no line is $1"
	}
}

tshark_run x.pcap >lines.txt
shows ' WRITE /file offset=4096 size=4096$'
shows ' WRITE = 4096  /file offset=4096 size=4096$'
shows ' READ = 4096  /file offset=0 size=[0-9]+$'
shows ' LOOKUP = -ENOENT  /gone$'
echo "--- f90: what a terminal would obey is escaped"
shows ' CREATE /a\\x1b\[31m\\x0ab\\xc2\\x9bc$'
tshark_run x.pcap -T fields -e fuserelay.path -e fuserelay.name >>lines.txt
tshark_run x.pcap -V -O fuserelay >>lines.txt
if LC_ALL=C grep -q -P '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' lines.txt
then
	LC_ALL=C grep -P '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' lines.txt |
		cat -v
	fail "control characters of a name come through"
fi
