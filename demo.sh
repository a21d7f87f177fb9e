#!/bin/sh
# SPDX-License-Identifier: ISC
# Show what the relay is for, in under three minutes.
#
# From a fresh clone on Debian 12, as root or with sudo: installs what
# building needs, builds in build-demo/, then runs the reference passthrough
# against the bundled emulator of FUSE-T's server: (1) on the raw stream,
# where it breaks, (2) behind the relay, where it works, (3) with the
# relay's report on the stream, (4) as a real mount, where one is possible.
# The exit status is 0 only if all of it happened as said.
set -u
cd "$(dirname "$0")" || exit 2

LIMIT=120	# seconds that one run may take; they take a few
dir=
trap 'cleanup' EXIT
trap 'exit 1' HUP INT TERM

cleanup()
{
	[ -n "$dir" ] || return
	if [ -n "${relay:-}" ]; then
		kill "$relay" 2>/dev/null
		wait "$relay" 2>/dev/null
	fi
	# not below the mount point, should it still be mounted
	rm -rf --one-file-system "$dir/src" "$dir/log" "$dir/copy"
	rmdir "$dir/mnt" "$dir"
}

say()
{
	printf '\n== %s\n' "$*"
}

die()
{
	printf '\ndemo.sh: %s\n' "$*" >&2
	exit 1
}

# emulate OPTION...: the passthrough behind the emulator; its output, and
# its exit status in $code.
emulate()
{
	echo "\$ fuserelay emulate $* -- fuserelay-passthrough -f src mnt"
	timeout -k 5 $LIMIT build-demo/fuserelay emulate "$@" -- \
	    build-demo/fuserelay-passthrough -f "$dir/src" "$dir/mnt" \
	    >"$dir/log" 2>&1 </dev/null
	code=$?
	tail -n 30 "$dir/log"
	echo "exit status $code"
	rm -rf "${dir:?}"/src/*
}

say "Installing what building needs, and building"
tests/packages.sh install build || die "no packages"
mkdir -p build-demo
(
	set -e
	[ -x configure ] || ./autogen.sh
	cd build-demo
	[ -f Makefile ] || ../configure --disable-dependency-tracking
	make -j"$(nproc)" all
) >build-demo/build.log 2>&1 </dev/null || {
	tail -n 30 build-demo/build.log
	die "the build failed"
}
echo "built in build-demo/"

dir=$(mktemp -d)
mkdir "$dir/src" "$dir/mnt"

say "1. The raw stream"
cat <<'TEXT'
FUSE-T speaks FUSE over a stream: a request may arrive in pieces, or glued
to the next one.  A file system that reads one request at a time, as on
/dev/fuse, breaks:
TEXT
emulate --direct --workload=basic --seed=1
[ $code -ne 124 ] || die "the raw stream hangs"
[ $code -ne 0 ] || die "the raw stream did no harm"
echo "It broke, as it does in the field."

say "2. The same program behind the relay"
echo "The relay puts the messages together again:"
emulate --workload=basic --seed=1
[ $code -eq 0 ] || die "the workload failed behind the relay"
echo "Every operation gave the right result."

say "3. What the relay saw"
echo "Smaller files in very small pieces, with a report on the stream:"
emulate --workload=quick --fragment=1-64 --coalesce=64 --short-writes \
    --seed=1 --stats
[ $code -eq 0 ] || die "the workload failed with small pieces"

say "4. A real mount"
if ! { [ "$(id -u)" = 0 ] && ( : <>/dev/fuse ) 2>/dev/null; }; then
	echo "Left out: needs root and a working /dev/fuse.  What was shown" \
	    "used the built-in client only."
	say "All of it happened as said."
	exit 0
fi
mounted()
{
	awk -v p="$dir/mnt" '$5 == p { f = 1 } END { exit !f }' \
	    /proc/self/mountinfo
}
echo "The kernel is the client now; the stream is cut as above."
build-demo/fuserelay emulate --fragment=1-64 --coalesce=64 -- \
    build-demo/fuserelay-passthrough -f "$dir/src" "$dir/mnt" \
    >"$dir/log" 2>&1 </dev/null &
relay=$!
tries=100
until mounted || [ $tries -eq 0 ] || ! kill -0 $relay 2>/dev/null; do
	tries=$((tries - 1))
	sleep 0.1
done
mounted || {
	cat "$dir/log"
	die "not mounted"
}
head -c 10000000 /dev/urandom >"$dir/copy"
# shellcheck disable=SC2016 # for the inner shell
timeout -k 5 $LIMIT sh -euxc '
	cp "$1/copy" "$1/mnt/file"
	sha256sum "$1/copy" "$1/mnt/file" "$1/src/file"
	ls -l "$1/mnt"
' sh "$dir" 2>&1 | sed "s|$dir/||g" | tee "$dir/log.sum"
sums=$(grep -o '^[0-9a-f]\{64\}' "$dir/log.sum" | sort | uniq -c | awk '{ print $1 }')
rm -f "$dir/log.sum"
timeout -k 5 $LIMIT umount "$dir/mnt" || die "umount failed"
wait $relay
code=$?
relay=
[ "$sums" = 3 ] || die "the copies differ"
[ $code -eq 0 ] || die "status $code after unmounting"
echo "Equal; unmounted; the relay and the file system ended with status 0."
say "All of it happened as said."
