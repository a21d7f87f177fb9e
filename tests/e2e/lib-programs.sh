#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# For tests with the examples of libfuse, or with an ssh server.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

examples=/usr/share/doc/libfuse3-dev/examples

has_example()
{
	[ -f "$examples/$1.c" ] && command -v gcc >/dev/null
}

# example NAME: compile that example of libfuse 3 to ./NAME.
example()
{
	has_example "$1" || skip "no example $1 of libfuse3-dev, or no gcc"
	# shellcheck disable=SC2046 # words
	gcc -O1 -w -o "$1" "$examples/$1.c" \
	    $(pkg-config --cflags --libs fuse3) || fail "gcc $1.c"
}

# sshd_start: an ssh server for this test alone on a free port of the
# loopback; $TMP/ssh/config makes the host "test" reach it.
sshd_start()
{
	local port config=$TMP/ssh/config
	mkdir -m 700 "$TMP/ssh"
	mkdir -m 755 /run/sshd 2>/dev/null && run_sshd_made=yes
	ssh-keygen -q -t ed25519 -N '' -f "$TMP/ssh/host"
	ssh-keygen -q -t ed25519 -N '' -f "$TMP/ssh/user"
	cp "$TMP/ssh/user.pub" "$TMP/ssh/authorized"
	for port in $(shuf -i 20000-60000 -n 20); do
		"$(command -v sshd)" -D -e -f /dev/null -p "$port" \
		    -o ListenAddress=127.0.0.1 \
		    -o HostKey="$TMP/ssh/host" \
		    -o AuthorizedKeysFile="$TMP/ssh/authorized" \
		    -o StrictModes=no -o UsePAM=no -o PidFile=none \
		    -o PermitRootLogin=prohibit-password \
		    -o Subsystem="sftp internal-sftp" \
		    2>"$TMP/ssh/log" </dev/null &
		sshd=$!
		wait_for 10 sshd_settled
		alive "$sshd" && break
	done
	alive "$sshd" || {
		cat "$TMP/ssh/log"
		fail "sshd does not start"
	}
	cat >"$config" <<-CONFIG
	Host test
	    HostName 127.0.0.1
	    Port $port
	    IdentityFile $TMP/ssh/user
	    IdentitiesOnly yes
	    StrictHostKeyChecking no
	    UserKnownHostsFile $TMP/ssh/known
	    BatchMode yes
	    LogLevel ERROR
	CONFIG
}

sshd_settled()
{
	grep -q 'Server listening' "$TMP/ssh/log" || ended "$sshd"
}

sshd_stop()
{
	kill "$sshd"
	child_wait 10 "$sshd"
	[ -z "${run_sshd_made:-}" ] || rmdir /run/sshd
}
