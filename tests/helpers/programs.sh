# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# shellcheck disable=SC2154 # src, mnt, relay_log are lib.sh's
# FUSE programs of Debian, by the library they were written with:
#
#	NAME|LIBRARY|PACKAGE'S PROGRAM|COMMAND, with the words SRC and MNT[|USE]
#
# USE is the script that uses the mount, where it is not use-mount.sh MNT.
# WORK is a directory of the test's own; HELPERS is a copy of tests/helpers,
# which ordinary users may not be able to reach; PORT is where program_serve
# listens.
programs="
bindfs|libfuse 2|bindfs|bindfs -f --no-allow-other SRC MNT
bindfs-background|libfuse 2|bindfs|bindfs --no-allow-other SRC MNT
unionfs|libfuse 2|unionfs|unionfs -f SRC=RW MNT
encfs|libfuse 2, C++|encfs|encfs -f --standard --extpass=WORK/pass SRC MNT
fusepy|libfuse 2, Python|python3|/usr/bin/python3 HELPERS/fusepy-passthrough.py SRC MNT
sshfs|libfuse 3|sshfs|sshfs -f -o ssh_command=WORK/pipe test:SRC MNT
pyfuse3|libfuse 3, Python|python3|/usr/bin/python3 HELPERS/pyfuse3-passthrough.py SRC MNT
fuse-overlayfs|libfuse 3|fuse-overlayfs|fuse-overlayfs -f -o lowerdir=WORK/lower,upperdir=SRC,workdir=WORK/work MNT
gocryptfs|Go, go-fuse|gocryptfs|gocryptfs -fg -q -nosyslog -passfile WORK/pw SRC MNT
gocryptfs-background|Go, go-fuse|gocryptfs|gocryptfs -q -nosyslog -passfile WORK/pw SRC MNT
rclone|Go, bazil|rclone|rclone mount --config WORK/rclone.conf --cache-dir WORK/cache --vfs-cache-mode writes --vfs-write-back 0s --dir-cache-time 0s SRC MNT
mergerfs|its own libfuse, root only|mergerfs|mergerfs -f SRC MNT
afuse|libfuse 2, mounts bindfs|afuse|WORK/afuse SRC MNT|use-mount.sh MNT/x
fuse-zip|libfuse 2|fuse-zip|fuse-zip -f SRC/a.zip MNT
llfuse|libfuse 2, Python|python3|/usr/bin/python3 HELPERS/llfuse-passthrough.py SRC MNT
nbdfuse|libfuse 3|nbdfuse|nbdfuse MNT/nbd --command nbdkit -s memory 24M|use-file.sh write MNT/nbd
borg|libfuse 3, pyfuse3|borg|borg mount -f WORK/borg::one MNT|use-file.sh read MNT/data
borg-llfuse|libfuse 2, llfuse|borg|env BORG_FUSE_IMPL=llfuse borg mount -f WORK/borg::one MNT|use-file.sh read MNT/data
restic|Go, bazil|restic|restic --no-cache -r WORK/restic mount --no-lock MNT|use-file.sh read MNT/snapshots/latest/data
davfs2|its own, root only|mount.davfs|mount.davfs -o conf=WORK/davfs.conf http://127.0.0.1:PORT/ MNT|use-file.sh write MNT/file
fuserelay-passthrough|libfuse 3|fuserelay-passthrough|fuserelay-passthrough -f SRC MNT
"

# What some of them need to be there first; run as who will use them.
programs_prepare()
{
	mkdir -p "$WORK/lower" "$WORK/work" "$WORK/cache"
	echo secret >"$WORK/pw"
	: >"$WORK/rclone.conf"
	printf '#!/bin/sh\nexec /usr/lib/openssh/sftp-server\n' >"$WORK/pipe"
	printf '#!/bin/sh\necho secret\n' >"$WORK/pass"
	cat >"$WORK/afuse" <<-'AFUSE'
	#!/bin/sh
	exec afuse -f -o unmount_template='fusermount3 -u %m' \
	    -o mount_template="bindfs --no-allow-other $1/%r %m" "$2"
	AFUSE
	printf '%s 0\n' ask_auth use_locks delay_upload gui_optimize \
	    >"$WORK/davfs.conf"
	chmod +x "$WORK/pipe" "$WORK/pass" "$WORK/afuse"
}

# For restic and borg, which ask for nothing then.
export RESTIC_PASSWORD=secret
export BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes

# program_save NAME DATA: what has to be done once, with the data.
program_save()
{
	case $1 in
	borg*)
		[ -d "$WORK/borg" ] || {
			borg init -e none "$WORK/borg"
			borg create --stdin-mode 644 --stdin-name data "$WORK/borg::one" - <"$2"
		} ;;
	restic)
		restic -q --no-cache -r "$WORK/restic" init
		restic -q --no-cache -r "$WORK/restic" backup --stdin \
		    --stdin-filename data <"$2" ;;
	esac
}

# program_serve NAME: a server for the program, of $src, on $port; its process
# id in $server.
program_serve()
{
	server=
	port=
	[ "$1" = davfs2 ] || return 0
	rclone serve webdav "$src" --config /dev/null --addr 127.0.0.1:0 \
	    --dir-cache-time 0s >server.log 2>&1 </dev/null &
	server=$!
	wait_for 10 grep -q 'Server started' server.log || {
		cat server.log
		fail "no server"
	}
	port=$(sed -n 's|.*http://127.0.0.1:\([0-9]*\)/.*|\1|p' server.log)
}

program_serve_end()
{
	local at
	[ -n "$server" ] || return 0
	kill "$server"
	wait_for 10 ended "$server" || fail "the server stays"
	at=${mnt#/}
	rm -rf "/var/cache/davfs2/127.0.0.1+${at//\//-}+root"
}

# Before each start: an empty source of the kind the program wants.
program_source()
{
	rm -rf "$src" "$WORK/work" "$WORK/cache"
	mkdir -p "$src" "$WORK/work" "$WORK/cache"
	case $1 in
	gocryptfs*)
		gocryptfs -init -q -nosyslog -passfile "$WORK/pw" "$src" ;;
	afuse)
		mkdir "$src/x" ;;
	esac
}

# program_can NAME PROGRAM: is it there, with what it needs?
program_can()
{
	command -v "$2" >/dev/null || return 1
	case $1 in
	pyfuse3) /usr/bin/python3 -c 'import pyfuse3' 2>/dev/null ;;
	fusepy) /usr/bin/python3 -c 'import fusepy' 2>/dev/null ;;
	llfuse) /usr/bin/python3 -c 'import llfuse' 2>/dev/null ;;
	borg-llfuse) /usr/bin/python3 -c 'import llfuse' 2>/dev/null ;;
	sshfs) [ -x /usr/lib/openssh/sftp-server ] ;;
	afuse) command -v bindfs >/dev/null ;;
	nbdfuse) command -v nbdkit >/dev/null ;;
	davfs2) command -v rclone >/dev/null ;;
	esac
}

# program_words COMMAND: its words, all filled in, in $words.
program_words()
{
	# shellcheck disable=SC2086 # words
	words_fill $1
	words=("${words[@]//WORK/$WORK}")
	words=("${words[@]//HELPERS/$helpers}")
	words=("${words[@]//PORT/$port}")
}

# program_use HOW NAME COMMAND USE: start it ("bare", or the words before it),
# use the mount, unmount from outside; what came of each is in HOW.txt, and
# what it said in HOW.log.
program_use()
{
	local how=$1 name=$2 stop=(umount) use
	program_words "$4"
	use=("${words[@]}")
	program_words "$3"
	[ "$how" = bare ] || words=(fuserelay "$how" -- "${words[@]}")
	"$as" bash -c '"$@" </dev/null' program "${words[@]}" \
	    >"$relay_log" 2>&1 &
	relay=$!
	wait_for 20 mounted "$mnt" || fail "$name, $how: not mounted"
	"$as" "$helpers/${use[0]}" "${use[@]:1}" "$mib" "$data" >"$how.txt"
	[ "$as" != with_user ] || stop=(fusermount3 -u)
	# encfs and others look once more at files that were just closed
	wait_for 10 "$as" "${stop[@]}" "$mnt" 2>/dev/null ||
		fail "$name, $how: cannot unmount"
	child_wait 30 "$relay"
	echo "status: $code" >>"$how.txt"
	cp "$relay_log" "$how.log"
	mounted "$mnt" && fail "$name, $how: still mounted"
	return 0
}

# program_quiet HOW: of what it said, nothing but what the bare program says
# too would worry a user.
program_quiet()
{
	sort -u bare.log >said
	grep -v -x -F -f said "$1.log" >"$relay_log" || :
	relay_quiet
}

# program_compare NAME LIBRARY COMMAND USE: bare, with run, with emulate: all
# say the same, and the end is clean.
program_compare()
{
	local name=$1 how
	# shellcheck disable=SC2016 # for the inner shell
	"$as" bash -euc "$(declare -f program_save)"'
		WORK=$1
		program_save "$2" "$3"
	' save "$WORK" "$name" "$data" </dev/null || fail "$name: nothing saved"
	program_serve "$name"
	for how in bare run emulate; do
		# shellcheck disable=SC2016 # for the inner shell
		"$as" bash -euc "$(declare -f program_source)"'
			src=$1 WORK=$2
			program_source $3
		' prepare "$src" "$WORK" "$name"
		program_use "$how" "$name" "$3" "$4"
		[ "$how" != bare ] || continue
		diff bare.txt "$how.txt" || fail "$name: $how differs from bare"
		grep -q "status: 0" "$how.txt" ||
			fail "$name: $how ends with $(tail -1 "$how.txt")"
		program_quiet "$how"
	done
	program_serve_end
	echo "$name ($2): $(grep -c ': ok' bare.txt) steps ok," \
	    "bare, run and emulate"
}

# programs_compare AS MIB: each program that is here, of those in $PROGRAMS,
# or of all.
programs_compare()
{
	local name library program command use tried=0
	as=$1
	mib=$2
	data=$TMP/data
	helpers=$TMP/helpers
	export BORG_BASE_DIR=$WORK
	cp -r "$TOP/tests/helpers" "$helpers"
	chmod -R a+rX "$helpers"
	random_file "$data" "$mib"
	chmod 644 "$data"
	while IFS='|' read -r name library program command use <&3; do
		[ -n "$name" ] || continue
		case $as$library in
		with_user*"root only") continue ;;
		esac
		case " ${PROGRAMS:-$name} " in
		*" $name "*) ;;
		*) continue ;;
		esac
		program_can "$name" "$program" || {
			echo "note: $name is not here"
			continue
		}
		tried=$((tried + 1))
		program_compare "$name" "$library" "$command" \
		    "${use:-use-mount.sh MNT}"
	done 3<<<"$programs"
	[ $tried -gt 0 ] || skip "none of the programs is here"
}
