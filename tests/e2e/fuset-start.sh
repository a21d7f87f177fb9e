#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# fuset-relay can't find a server, finds itself, or is not started by a
# client: it says so in its log, and the client is not left waiting.
# shellcheck source=lib-fuset.sh
. "$TOP/tests/e2e/lib-fuset.sh"

dirs_new

# one SERVER REGEX: the client ends, the log says REGEX
one()
{
	fuset_words "${transport:-stream}" --patched
	words=("${words[@]//$BUILD\/fuset-emulator/$1}")
	rm -f "$fuset_log"
	expect 1 "${words[@]}" 9>"$fuset_report"
	says '^no mount status'
	says '^server status 1$'
	grep -q -E -e "$2" "$fuset_log" || {
		cat "$fuset_log"
		fail "the log does not say: $2"
	}
}

one /absent/server '/absent/server can.t be executed'
transport=seqpacket
one /absent/server '/absent/server can.t be executed'
transport=dgram
one /absent/server '/absent/server can.t be executed'
one "$BUILD/fuset-relay" 'is this program itself'
ln -s "$BUILD/fuset-relay" link
one "$TMP/link" 'is this program itself'
cp "$BUILD/fuset-relay" copy
one "$TMP/copy" 'started by another fuset-relay'
printf '#!/bin/sh\nexit 1\n' >script
chmod 755 script
one "$TMP/script" 'server ended with status 1'

# without a variable: the user's own copy, unless that is us
mkdir -p home/.fuse-t/usr/local/bin
ln -s "$BUILD/fuset-relay" home/.fuse-t/usr/local/bin/go-nfsv4
if [ ! -e /usr/local/bin/go-nfsv4 ]; then
	expect 1 env -u FUSERELAY_FUSET_SERVER HOME="$TMP/home" \
	    FUSERELAY_LOG="$fuset_log" \
	    FUSE_NFSSRV_PATH="$BUILD/fuset-relay" \
	    fuset-client "$src" "$mnt" 9>"$fuset_report"
	grep -q '/usr/local/bin/go-nfsv4 can.t be executed' "$fuset_log" ||
		fail "the default was not tried"
fi

# not a client's child
expect 0 fuset-relay --version
says '[0-9]+\.[0-9]+'
expect 1 env -u _FUSE_COMMFD FUSERELAY_LOG="$fuset_log" fuset-relay "$mnt"
grep -q '_FUSE_COMMFD does not name a socket' "$fuset_log" ||
	fail "the log does not tell what is missing"
expect 1 env _FUSE_COMMFD=9 _FUSE_MONFD=9 FUSERELAY_LOG="$fuset_log" \
    fuset-relay "$mnt" 9</dev/null
