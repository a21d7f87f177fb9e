# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# shellcheck disable=SC2154 # src, mnt, relay_log are lib.sh's
# FUSE programs of Debian, by the library they were written with:
#
#	NAME|LIBRARY|PACKAGE'S PROGRAM|COMMAND, with the words SRC and MNT
#
# Commands stay in the foreground unless "background" is in the name.  WORK
# is a directory of the test's own; HELPERS is a copy of tests/helpers, which
# ordinary users may not be able to reach.
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
	chmod +x "$WORK/pipe" "$WORK/pass"
}

# Before each start: an empty source of the kind the program wants.
program_source()
{
	rm -rf "$src" "$WORK/work" "$WORK/cache"
	mkdir -p "$src" "$WORK/work" "$WORK/cache"
	case $1 in
	gocryptfs*)
		gocryptfs -init -q -nosyslog -passfile "$WORK/pw" "$src" ;;
	esac
}

# program_can NAME PROGRAM: is it there, with what it needs?
program_can()
{
	command -v "$2" >/dev/null || return 1
	case $1 in
	pyfuse3) /usr/bin/python3 -c 'import pyfuse3' 2>/dev/null ;;
	fusepy) /usr/bin/python3 -c 'import fusepy' 2>/dev/null ;;
	sshfs) [ -x /usr/lib/openssh/sftp-server ] ;;
	esac
}

# program_use HOW NAME COMMAND: start it ("bare", or the words before it),
# use the mount, unmount from outside; what came of each is in HOW.txt.
program_use()
{
	local how=$1 name=$2 stop=(umount)
	# shellcheck disable=SC2086 # words
	words_fill $3
	words=("${words[@]//WORK/$WORK}")
	words=("${words[@]//HELPERS/$helpers}")
	[ "$how" = bare ] || words=(fuserelay "$how" -- "${words[@]}")
	"$as" bash -c '"$@" </dev/null' program "${words[@]}" \
	    >"$relay_log" 2>&1 &
	relay=$!
	wait_for 20 mounted "$mnt" || fail "$name, $how: not mounted"
	"$as" "$helpers/use-mount.sh" "$mnt" "$mib" "$data" >"$how.txt"
	[ "$as" != with_user ] || stop=(fusermount3 -u)
	# encfs and others look once more at files that were just closed
	wait_for 10 "$as" "${stop[@]}" "$mnt" 2>/dev/null ||
		fail "$name, $how: cannot unmount"
	child_wait 30 "$relay"
	echo "status: $code" >>"$how.txt"
	mounted "$mnt" && fail "$name, $how: still mounted"
	return 0
}

# programs_compare AS MIB: each program (those in $PROGRAMS, or all) bare, with run, with emulate; all
# must say the same, and the end must be clean.
programs_compare()
{
	local name library program command how tried=0
	as=$1
	mib=$2
	data=$TMP/data
	helpers=$TMP/helpers
	cp -r "$TOP/tests/helpers" "$helpers"
	chmod -R a+rX "$helpers"
	random_file "$data" "$mib"
	chmod 644 "$data"
	while IFS='|' read -r name library program command <&3; do
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
		for how in bare run emulate; do
			"$as" bash -euc "$(declare -f program_source)"'
				src=$1 WORK=$2
				program_source $3
			' prepare "$src" "$WORK" "$name"
			program_use "$how" "$name" "$command"
			if [ "$how" = bare ]; then
				continue
			fi
			diff bare.txt "$how.txt" ||
				fail "$name: $how differs from bare"
			grep -q "status: 0" "$how.txt" ||
				fail "$name: $how ends with $(tail -1 "$how.txt")"
			relay_quiet
		done
		echo "$name ($library): $(grep -c ': ok' bare.txt) steps" \
		    "ok, bare, run and emulate"
	done 3<<<"$programs"
	[ $tried -gt 0 ] || skip "none of the programs is here"
}
