#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# What end-to-end tests share.  Each sources it first:
#
#	. "$TOP/tests/e2e/lib.sh"
#
# Set by tests/e2e/run: TMP (private directory, also the working directory),
# BUILD, TOP, SANITIZED (not empty in a sanitizer build).  Scripts run under
# bash -eu -o pipefail.
#
# Nothing here can hang: what may touch a mount runs under t(), waiting is
# wait_for() with a deadline.  A path below a mount is never looked at
# outside t().

src=$TMP/src		# the directory that file systems show
mnt=$TMP/mnt		# where they show it
relay=			# process id of the program in the background
relay_log=$TMP/relay.log
code=			# exit status found by child_wait
export src

fail()
{
	echo "FAIL: $*"
	if [ -s "$relay_log" ]; then
		echo "--- end of relay.log"
		tail -n 30 "$relay_log"
	fi
	exit 1
}

skip()
{
	echo "SKIP: $*"
	exit 77
}

need()
{
	local p
	for p in "$@"; do
		command -v "$p" >/dev/null || skip "$p is missing"
	done
}

# strace on programs of ours: leaks can't be looked for meanwhile
need_strace()
{
	need strace
	export ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0"
}

need_root()
{
	[ "$(id -u)" = 0 ] || skip "needs root"
}

# A kernel mount: root, and a device that can be opened.
need_mount()
{
	need_root
	( : <>/dev/fuse ) 2>/dev/null || skip "no usable /dev/fuse"
}

# t SECONDS COMMAND...
t()
{
	timeout -k 5 "$@"
}

[ -p "$TMP/.never" ] || mkfifo "$TMP/.never"
nap()
{
	read -r -t 0.02 <>"$TMP/.never" || :
}

# wait_for SECONDS COMMAND...: until the command succeeds; else status 1.
wait_for()
{
	local end=$((SECONDS + $1 + 1))
	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		nap
	done
}

# Read from the kernel's table, so that a dead mount does no harm.
mounted()
{
	awk -v p="$1" '$5 == p { found = 1 } END { exit !found }' \
	    /proc/self/mountinfo
}

# In a mount namespace of the test's own: drop its copies of other people's
# FUSE mounts, which would keep those alive after their unmount.
drop_copies()
{
	local at
	awk '/ - fuse(\.[^ ]*|blk)? / { print $5 }' /proc/self/mountinfo |
	    while read -r at; do
		umount -l "$at" || :
	done
}

not_mounted()
{
	! mounted "$1"
}

# True while the process runs (a zombie does not).
alive()
{
	case $(sed 's/.*) //; s/ .*//' "/proc/$1/stat" 2>/dev/null) in
	""|Z|X) return 1 ;;
	esac
}

ended()
{
	! alive "$1"
}

# child_wait SECONDS PID: the child ends in time; its status in $code.
child_wait()
{
	wait_for "$1" ended "$2" || fail "process $2 did not end in $1 s"
	code=0
	wait "$2" || code=$?
}

# expect STATUS COMMAND...: it ends with that status within two minutes;
# what it prints is in out.txt.
expect()
{
	local want=$1
	shift
	code=0
	if [ "$(type -t "$1")" != function ]; then
		set -- t 120 "$@"
	fi
	"$@" >out.txt 2>&1 </dev/null || code=$?
	[ "$code" = "$want" ] || {
		cat out.txt
		fail "status $code instead of $want: $*"
	}
}

# says REGEX: the last expect's output has such a line.
says()
{
	grep -q -E -e "$1" out.txt || {
		cat out.txt
		fail "output does not say: $1"
	}
}

# random_file PATH MIB
random_file()
{
	[ -f "$1" ] || dd if=/dev/urandom of="$1" bs=1M count="$2" \
	    status=none
}

# same FILE FILE: equal in length and content.
same()
{
	local a b
	a=$(t 120 sha256sum <"$1") || fail "cannot read $1"
	b=$(t 120 sha256sum <"$2") || fail "cannot read $2"
	[ "$a" = "$b" ] || fail "$2 differs from $1"
}

# holds FILE SUM: its content has that SHA-256 sum.
holds()
{
	local sum
	sum=$(t 120 sha256sum <"$1") || fail "cannot read $1"
	[ "$sum" = "$2" ] || fail "$1 differs from what was written"
}

# uncached FILE: drop its pages, so that the next read asks the daemon.
uncached()
{
	t 60 dd of="$1" oflag=nocache conv=notrunc,fdatasync count=0 \
	    status=none || fail "cannot drop the cache of $1"
}

dirs_new()
{
	mkdir -p "$src" "$mnt"
}

# Replace the words SRC and MNT of a command line; the result in $words.
words_fill()
{
	local w
	words=()
	for w in "$@"; do
		w=${w//SRC/$src}
		words+=("${w//MNT/$mnt}")
	done
}

# relay_start ARG...: fuserelay in the background, SRC and MNT filled in;
# returns when the mount is there.
relay_start()
{
	dirs_new
	relay_spawn "$@"
	wait_for 20 relay_settled || fail "not mounted in 20 s: ${words[*]}"
	mounted "$mnt" || {
		child_wait 5 "$relay"
		fail "status $code before a mount: ${words[*]}"
	}
}

# relay_spawn ARG...: the same without waiting for anything.
relay_spawn()
{
	words_fill "$@"
	# a job in the background would ignore SIGINT
	env --default-signal=INT fuserelay "${words[@]}" \
	    >"$relay_log" 2>&1 </dev/null &
	relay=$!
}

relay_settled()
{
	mounted "$mnt" || ended "$relay"
}

# passthrough_start ARG...: the reference file system without a relay, in
# the place of relay_start; SRC MNT are added.  The words of passthrough_as
# stand before it.
passthrough_as=()
passthrough_start()
{
	dirs_new
	"${passthrough_as[@]}" fuserelay-passthrough -f "$@" "$src" "$mnt" \
	    >"$relay_log" 2>&1 </dev/null &
	relay=$!
	wait_for 20 relay_settled || fail "not mounted in 20 s: $*"
	mounted "$mnt" || {
		child_wait 5 "$relay"
		fail "status $code before a mount: $*"
	}
}

# Without the right to open files by handle it finds them by their names.
passthrough_by_names()
{
	need setpriv
	passthrough_as=(setpriv --bounding-set=-dac_read_search --)
}

# daemon_of PID NAME: the process that serves the mount: the relay's child with
# that name.
daemon_of()
{
	pgrep -P "$1" -x "$2" || fail "no $2 below process $1"
}

# relay_stop: unmount from outside; the end must be clean.
relay_stop()
{
	t 20 umount "$mnt" || fail "umount failed"
	child_wait 20 "$relay"
	[ "$code" = 0 ] || fail "status $code after a clean unmount"
	mounted "$mnt" && fail "still mounted"
	relay_quiet
}

# Nothing in the log that would worry a user.
relay_quiet()
{
	if grep -i -n -e 'short read' -e desync -e 'error' -e 'warn' \
	    -e 'fail' "$relay_log"; then
		fail "the log has lines that it should not have"
	fi
}

# files_check DIR MIB: write, read back, rename, link, remove below DIR.
files_check()
{
	local dir=$1 mib=$2 data=$TMP/data.$2 sum
	random_file "$data" "$mib"
	[ -s "$data.sum" ] || sha256sum <"$data" >"$data.sum"
	sum=$(cat "$data.sum")
	t 120 dd if="$data" of="$dir/big" bs=1M conv=fsync status=none ||
		fail "cannot write $dir/big"
	uncached "$dir/big"
	holds "$dir/big" "$sum"
	t 20 mkdir -p "$dir/a/b/c" || fail "mkdir"
	t 20 mv "$dir/big" "$dir/a/b/c/renamed" || fail "rename"
	holds "$dir/a/b/c/renamed" "$sum"
	t 20 mv "$dir/a" "$dir/moved" || fail "rename of a directory"
	# shellcheck disable=SC2016 # for the inner shell
	t 60 bash -euc '
		trap "echo \"failed: \$BASH_COMMAND\"" ERR
		cd "$1"
		for i in {1..40}; do
			echo "$i" >"file $i"
		done
		for i in {1..40}; do
			echo more >>"file $i"
			[ "$(cat "file $i")" = "$i"$'\''\nmore'\'' ]
			chmod 600 "file $i"
			[ "$(stat -c %a "file $i")" = 600 ]
			mv "file $i" "$i"
		done
		[ "$(find . -type f | wc -l)" = 41 ]
		truncate -s 3 1
		[ "$(stat -c %s 1)" = 3 ]
		rm -r moved
		rm [1-9]*
		[ -z "$(ls -A)" ]
	' bash "$dir" || fail "small files"
}

# The shapes a stream can have: name, options, MiB to write through it.
shapes="
default||100
fine|--fragment=1-64 --coalesce=64|4
header-only|--fragment=40-40|8
header-write|--fragment=79-81|8
pages|--fragment=4096-65536|50
large|--fragment=100000-400000 --short-writes|100
"

# each_shape FUNCTION: called with MIB and the options, for each shape and
# transport.
each_shape()
{
	local name opts mib transport
	for transport in seqpacket dgram; do
		while IFS='|' read -r name opts mib; do
			[ -n "$name" ] || continue
			[ -z "$SANITIZED" ] || mib=$(((mib + 7) / 8))
			echo "--- $name, $transport, $mib MiB"
			# shellcheck disable=SC2086 # words
			"$1" "$mib" --transport=$transport $opts
		done <<<"$shapes"
	done
}

# emulate_shapes COMMAND...: the command (words SRC, MNT) behind the
# emulator with a kernel mount, in every shape, over both transports.
# FILES_DIR: where below the mount to work (words as above).
emulate_shapes()
{
	need_mount
	command_line=("$@")
	each_shape emulate_one
}

emulate_one()
{
	local mib=$1
	shift
	relay_start emulate "$@" --seed=1 -- "${command_line[@]}"
	words_fill "${FILES_DIR:-MNT}"
	files_check "${words[0]}" "$mib"
	relay_stop
}

# workload NAME ARG...: fuserelay emulate with the built-in client; it ends
# with status 0 and leaves the source empty.
workload()
{
	local name=$1
	shift
	words_fill "$@"
	expect 0 fuserelay emulate --workload="$name" "${words[@]}"
	[ -z "$(ls -A "$src")" ] || fail "files left in the source"
	mounted "$mnt" && fail "left mounted"
	return 0
}

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

# with_user COMMAND...: as a new ordinary user who owns $TMP/user (also the
# working directory) and finds the programs in $TMP/bin.  The user goes
# away with the test.
with_user()
{
	need_root
	need setpriv useradd userdel
	if [ -z "${user:-}" ]; then
		user=frt$$
		# tests side by side wait for the lock of /etc/passwd
		wait_for 20 useradd --no-create-home \
		    --home-dir "$TMP/user" --shell /bin/sh "$user" ||
			fail "useradd"
		trap user_remove EXIT
		mkdir -p "$TMP/bin" "$TMP/user"
		chown "$user:" "$TMP/user"
		find "$BUILD" -maxdepth 1 -type f -name 'fuse*' \
		    -perm /111 -exec install -m 755 -t "$TMP/bin" {} +
	fi
	t 120 env -C "$TMP/user" PATH="$TMP/bin:$PATH" HOME="$TMP/user" \
	    TMPDIR="$TMP/user" setpriv --reuid "$user" --regid "$user" \
	    --clear-groups -- "$@"
}

# own_device: the test goes on in a mount namespace where an ordinary user may
# open the FUSE device, which may be closed to users on this machine; $src and
# $mnt are such a user's (with_user).
own_device()
{
	need_mount
	need fusermount3
	if [ -z "${OWN_NAMESPACE:-}" ]; then
		export OWN_NAMESPACE=yes
		exec unshare --mount --propagation slave \
		    bash -eu -o pipefail "$0"
	fi
	drop_copies
	mknod -m 666 device c 10 229
	mount --bind device /dev/fuse
	src=$TMP/user/src
	mnt=$TMP/user/mnt
	with_user mkdir "$src" "$mnt"
	with_user sh -c ': <>/dev/fuse' 2>/dev/null ||
		skip "device files do not work in $TMP"
}

user_remove()
{
	local p
	for p in $(ps -o pid= -u "$user" 2>/dev/null); do
		kill -KILL "$p" 2>/dev/null || :
	done
	wait_for 20 user_deleted || {
		echo "FAIL: the user $user stays"
		exit 1
	}
}

user_deleted()
{
	userdel "$user" >/dev/null 2>&1 || ! id "$user" >/dev/null 2>&1
}

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
