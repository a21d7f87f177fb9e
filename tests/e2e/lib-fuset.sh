#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# For tests with clients of FUSE-T.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

# Clients of FUSE-T: tests/helpers/fuset-client starts fuset-relay, which
# starts the emulator.  How its data channel reaches it:
#	seqpacket, dgram	libfuset-attach is preloaded
#	stream			it is not; only patched readers survive
client=			# process id of the client in the background
client_log=$TMP/client.log
fuset_log=$TMP/fuset-relay.log
fuset_report=$TMP/report.log

# fuset_words TRANSPORT OPTION...: the client's command line in $words.
fuset_words()
{
	local attach=libfuset-attach.so transport=$1
	shift
	[ -e "$BUILD/$attach" ] || attach=libfuset-attach.dylib
	attach=$BUILD/$attach
	[ -z "$SANITIZED" ] ||
		attach="$(gcc -print-file-name=libasan.so) $attach"
	words=(env "FUSERELAY_LOG=$fuset_log"
		"FUSE_NFSSRV_PATH=$BUILD/fuset-relay"
		"FUSERELAY_FUSET_SERVER=$BUILD/fuset-emulator")
	[ "$transport" = stream ] ||
		words+=("FUSERELAY_ATTACH=$transport" "LD_PRELOAD=$attach")
	words+=(fuset-client "$@" "--arg=--log-fd=9" "--arg=--report-fd=9"
		--arg=--seed=1 "$src" "$mnt")
}

# fuset_workload TRANSPORT NAME OPTION...: the built-in client behind the
# emulator; all rows pass, nothing is left of it.
fuset_workload()
{
	local transport=$1 workload=$2
	shift 2
	dirs_new
	fuset_words "$transport" "--arg=--workload=$workload" "$@"
	rm -f "$fuset_log"
	expect 0 "${words[@]}" 9>"$fuset_report"
	says '^mount status 0$'
	grep -q '^stream: ' "$fuset_report" || {
		cat "$fuset_report"
		fail "no report of the workload"
	}
	[ -z "$(ls -A "$src")" ] || fail "files left in the source"
}

# fuset_start TRANSPORT OPTION...: with a kernel mount, in the background;
# the process ids in $client, $fuset_relay and $emulator.
fuset_start()
{
	dirs_new
	fuset_words "$@"
	rm -f "$fuset_log"
	"${words[@]}" >"$client_log" 2>&1 9>"$fuset_report" </dev/null &
	client=$!
	relay_log=$client_log
	wait_for 20 fuset_settled || fail "not mounted in 20 s"
	mounted "$mnt" || fail "no mount"
	wait_for 10 grep -q '^mount status 0$' "$client_log" ||
		fail "the client does not know of its mount"
	fuset_relay=$(sed -n 's/^pid //p' "$client_log")
	# shellcheck disable=SC2034 # for the tests
	emulator=$(pgrep -P "$fuset_relay") || fail "no server"
}

fuset_settled()
{
	mounted "$mnt" || ended "$client"
}
