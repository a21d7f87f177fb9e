#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# For tests with Wireshark.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

# It may be built without Lua, or refuse scripts to root.
need_tshark()
{
	need tshark capinfos
	echo 'print("scripts run")' >"$TMP/probe.lua"
	t 60 tshark -X "lua_script:$TMP/probe.lua" -v >"$TMP/probe.txt" 2>&1 ||
		:
	grep -q '^scripts run' "$TMP/probe.txt" ||
		skip "tshark runs no Lua scripts"
}

# tshark_run FILE ARG...: with our dissector, request and reply linked.
tshark_run()
{
	t 60 tshark -2 -X "lua_script:$BUILD/fuserelay.lua" -r "$@" \
	    2>tshark.err || {
		cat tshark.err
		fail "tshark $*"
	}
}

tshark_pdml()
{
	tshark_run "$1" -T pdml
}

# The length of a capture in packets, as libpcap counts them.
capture_packets()
{
	t 60 capinfos -r -T -c -m "$1" | cut -d , -f 2
}
