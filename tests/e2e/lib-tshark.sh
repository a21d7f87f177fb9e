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

# tshark_run FILE ARG...: with our dissector, request and reply linked.  (One
# that is installed would be loaded first, and ours refused.)
tshark_run()
{
	local installed
	installed=$(t 60 tshark -G folders 2>/dev/null |
	    sed -n 's/^Global Lua Plugins:[[:space:]]*//p')/fuserelay.lua
	set -- tshark -2 -X "lua_script:$BUILD/fuserelay.lua" -r "$@"
	if [ -f "$installed" ] && [ "$(id -u)" = 0 ]; then
		# shellcheck disable=SC2016 # for the inner shell
		set -- unshare --mount sh -c 'mount --bind /dev/null "$0"
		    exec "$@"' "$installed" "$@"
	fi
	t 60 "$@" 2>tshark.err || {
		cat tshark.err
		fail "$*"
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
