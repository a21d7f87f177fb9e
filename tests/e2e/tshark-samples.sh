#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# The Wireshark dissector on a capture of every message there is a sample
# of: each field as fuserelay decode has it, request and reply linked; and
# on packets that no relay writes: no error of the script.
# sanitized: no
# shellcheck source=lib-tshark.sh
. "$TOP/tests/e2e/lib-tshark.sh"

need_tshark
need python3
built sample-capture
sample-capture samples.pcap broken.pcap 1 40
fuserelay decode --json samples.pcap >samples.json
tshark_pdml samples.pcap >samples.pdml
expect 0 python3 "$TOP/tests/helpers/tshark-agrees.py" samples.pdml \
    samples.json
says '^[1-9][0-9]* requests, [1-9][0-9]* replies, [1-9][0-9]* notifi'
cat out.txt

echo "--- broken packets"
packets=$(capture_packets broken.pcap)
tshark_run broken.pcap -V -O fuserelay >broken.txt
[ "$(grep -c '^Frame ' broken.txt)" = "$packets" ] ||
	fail "tshark did not show all of $packets packets"
if grep -m 5 -i 'lua error' broken.txt; then
	fail "the dissector fails on a broken packet"
fi
# (It stops at the first packet that is none of ours.)
expect 1 fuserelay decode broken.pcap
says 'at byte [0-9]'
