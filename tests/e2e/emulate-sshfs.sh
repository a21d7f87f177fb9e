#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# sshfs (libfuse 3, unpatched) behind the relay, on a kernel mount, with
# every shape of the stream.  Its other side is a real ssh server on a port
# of its own, or, where none is installed, the sftp server on a pipe.
# limit: 300
# sanitized: no
# shellcheck source=lib-shapes.sh
. "$TOP/tests/e2e/lib-shapes.sh"
# shellcheck source=lib-programs.sh
. "$TOP/tests/e2e/lib-programs.sh"

need sshfs
need_mount
dirs_new
if command -v sshd >/dev/null; then
	sshd_start
	emulate_shapes sshfs -f -F "$TMP/ssh/config" "test:$src" MNT
	sshd_stop
elif [ -x /usr/lib/openssh/sftp-server ]; then
	printf '#!/bin/sh\nexec /usr/lib/openssh/sftp-server\n' >pipe
	chmod +x pipe
	emulate_shapes sshfs -f -o "ssh_command=$TMP/pipe" "test:$src" MNT
else
	skip "neither sshd nor sftp-server is there"
fi
