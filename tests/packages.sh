#!/bin/sh
# SPDX-License-Identifier: ISC
# The one list of Debian 12 packages, and the way to install what is missing.
#
#	tests/packages.sh build		what building needs
#	tests/packages.sh test		what ./test.sh needs on top of it
#	tests/packages.sh install build [test]	install those that are missing
#
# A program that is still missing afterwards makes a test skip, with a line
# that says so; a library makes configure stop and name its package.
set -eu

BUILD="gcc libc6-dev make autoconf automake pkg-config xz-utils
	libevent-dev libfuse3-dev libpcap-dev libseccomp-dev uthash-dev check
	fuse3"

# File systems to put behind the relay, then tools.  openssh-sftp-server is
# enough for sshfs; a whole ssh server only where nobody minds one (CI).
TEST="bindfs sshfs unionfs-fuse encfs python3 python3-fusepy python3-pyfuse3
	bubblewrap fuse-overlayfs gocryptfs rclone mergerfs tup
	afuse fuse-zip python3-llfuse libnbd-bin nbdkit borgbackup restic davfs2
	openssh-client openssh-sftp-server acl attr
	clang clang-format shellcheck mandoc tshark curl procps strace faketime"
if [ "${CI:-}" = true ]; then
	TEST="$TEST openssh-server"
fi

list()
{
	for set in "$@"; do
		case $set in
		build)	words=$BUILD ;;
		test)	words=$TEST ;;
		*)	echo "packages.sh: no set named $set" >&2; exit 2 ;;
		esac
		for p in $words; do
			echo "$p"
		done
	done
}

missing()
{
	list "$@" | while read -r p; do
		case $(dpkg-query -W -f '${Status}' "$p" 2>/dev/null) in
		"install ok installed") ;;
		*) printf ' %s' "$p" ;;
		esac
	done
}

install()
{
	if ! command -v apt-get >/dev/null 2>&1; then
		echo "packages.sh: no apt-get here, nothing is installed;" \
		    "needed are the equivalents of:" "$(list "$@" | xargs)" >&2
		return 0
	fi
	want=$(missing "$@")
	[ -n "$want" ] || return 0
	sudo=
	if [ "$(id -u)" != 0 ]; then
		if ! command -v sudo >/dev/null 2>&1; then
			echo "packages.sh: not root and no sudo;" \
			    "please run: apt-get install$want" >&2
			return 1
		fi
		sudo=sudo
	fi
	echo "installing with apt-get:$want"
	log=$(mktemp)
	# shellcheck disable=SC2086 # $sudo and $want are lists of words
	if ! {
		$sudo apt-get update &&
		$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y \
		    --no-install-recommends -o Dpkg::Use-Pty=0 $want
	} >"$log" 2>&1 </dev/null; then
		tail -n 20 "$log" >&2
		rm -f "$log"
		echo "packages.sh: apt-get failed" >&2
		return 1
	fi
	rm -f "$log"
}

case ${1:-} in
install)
	shift
	install "$@"
	;;
build|test)
	list "$@"
	;;
*)
	echo "usage: packages.sh [install] build|test..." >&2
	exit 2
	;;
esac
