#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# The trace and the capture of fuset-relay, which has no command line: what
# FUSERELAY_TRACE asks for; and what is wrong with it harms no mount.
# shellcheck source=lib-fuset.sh
. "$TOP/tests/e2e/lib-fuset.sh"

export FUSERELAY_TRACE="--json -o '$TMP/lines of %p.json' -w $TMP/x.pcap"
for transport in seqpacket dgram; do
	echo "--- $transport"
	rm -f lines* x.pcap
	fuset_workload "$transport" quick
	lines=$(echo "$TMP"/lines*of*.json)
	grep -E "/lines of [0-9]+\.json$" <<<"$lines"
	grep -q '"type":"begin".*"mount":"'"$mnt"'"' "$lines" ||
		fail "no begin"
	grep -q '"op":"WRITE".*"path":"/.*"ret":0' "$lines" || fail "no WRITE"
	grep -q '"type":"end".*"bad":false' "$lines" || fail "no end"
	fuserelay decode --json x.pcap | diff - "$lines" ||
		fail "the capture differs from the trace"
	fuserelay decode --fragments x.pcap >cut.txt
	grep -q ' requests: .* in several' cut.txt || fail "no fragments"
	grep -q 'capture: [0-9]* records$' "$fuset_log" ||
		fail "the log does not tell of the capture"
done

echo "--- wrong ones"
rm -f lines* x.pcap
wrong()
{
	export FUSERELAY_TRACE=$1
	fuset_workload seqpacket quick
	grep -q "$2" "$fuset_log" || {
		cat "$fuset_log"
		fail "the log does not say: $2"
	}
	[ ! -e x.pcap ] || fail "a capture"
}
wrong '--nonsense' 'FUSERELAY_TRACE: --nonsense: not an option'
wrong '-e trace=wrte -o x' 'FUSERELAY_TRACE: -e trace=wrte: what is "wrte"'
wrong '-t' 'FUSERELAY_TRACE: lines need a file'
wrong "-w $TMP/absent/x.pcap" 'going on without a trace'
