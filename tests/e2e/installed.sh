#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# The installed programs find each other and do what those in the build
# tree do.
# sanitized: no
# shellcheck source=lib-tshark.sh
. "$TOP/tests/e2e/lib-tshark.sh"

prefix=$BUILD/installed
[ -d "$prefix/bin" ] || skip "nothing installed in $prefix"
PATH=$prefix/bin:${PATH#"$BUILD:"}
[ "$(command -v fuserelay)" = "$prefix/bin/fuserelay" ] ||
	fail "no fuserelay in $prefix/bin"
command -v fuset-emulator >/dev/null && fail "the emulator is in PATH"
dirs_new
workload quick --seed=1 -- fuserelay-passthrough -f SRC MNT

if (need_tshark); then
	echo "--- Wireshark loads the dissector from such a folder by itself"
	fuserelay emulate --workload=quick -w x.pcap -- \
	    fuserelay-passthrough -f "$src" "$mnt"
	own=$(HOME=$TMP tshark -G folders 2>tshark.err |
	    sed -n 's/^Personal Lua Plugins:[[:space:]]*//p')
	mkdir -p "${own%/*}"
	ln -s "$prefix/lib/wireshark/plugins" "$own"
	expect 0 env HOME="$TMP" tshark -r x.pcap -c 20 \
	    -Y 'fuserelay.opcode == 26'
	says 'INIT'
fi
