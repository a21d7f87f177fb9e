#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# Clients of FUSE-T behind fuset-relay, with the emulator as their server:
# every way in which they read, over every kind of data channel.
# limit: 300
# shellcheck source=lib-fuset.sh
. "$TOP/tests/e2e/lib-fuset.sh"

# logged yes|no: the relay's log tells that it can't hide fragmentation
logged()
{
	local found=no
	! grep -q 'is a byte stream' "$fuset_log" || found=yes
	[ $found = "$1" ] || {
		cat "$fuset_log"
		fail "told of a byte stream: $found"
	}
}

for transport in seqpacket dgram; do
	for shape in "" --arg=--fragment=40-40 \
	    "--arg=--fragment=1-64 --arg=--coalesce=64"; do
		echo "--- $transport $shape"
		# an unpatched reader, and one that takes the header first
		# shellcheck disable=SC2086 # words
		fuset_workload $transport quick $shape
		logged no
		# shellcheck disable=SC2086 # words
		fuset_workload $transport quick --patched $shape
		logged no
	done
	# the Go libraries take streams alone; theirs is left alone
	fuset_workload $transport quick --go
	logged yes
done
fuset_workload seqpacket basic
fuset_workload stream basic --patched
logged yes
fuset_workload stream quick --go --arg=--fragment=40-40
logged yes
grep -E 'quests, [1-9][0-9]* in more than one piece' "$fuset_log" ||
	fail "the log does not tell how the stream came"
