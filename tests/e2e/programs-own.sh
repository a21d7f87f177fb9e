#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F44: programs that mount for themselves alone, as root and as an ordinary
# user: what they do and say behind the relay is what they do and say bare.
# A container's mount is in namespaces of its own, where no emulator mounts.
# limit: 180
# shellcheck source=lib-users.sh
. "$TOP/tests/e2e/lib-users.sh"

own_device

as_root()
{
	t 120 env -C "$TMP/user" PATH="$TMP/bin:$PATH" TMPDIR="$TMP" "$@"
}

# same_as_bare NAME "HOW..." COMMAND...: with each way to start the relay.
same_as_bare()
{
	local name=$1 ways=$2 as how
	shift 2
	for as in with_user as_root; do
		"$as" "$@" >bare.txt 2>&1 </dev/null || {
			echo "note: $name, $as, not even bare:" \
			    "$(tail -n 1 bare.txt)"
			continue
		}
		for how in $ways; do
			echo "--- $name, $as, $how"
			expect 0 "$as" fuserelay "$how" -- "$@"
			diff bare.txt out.txt ||
				fail "$name: $how differs from bare"
		done
	done
}

if command -v tup >/dev/null; then
	with_user mkdir project
	with_user tee project/Tupfile >/dev/null <<<': |> echo made >%o |> out'
	with_user tee make.sh >/dev/null <<-'MAKE'
	set -e
	cd project
	rm -rf .tup out
	tup init >/dev/null
	tup >log 2>&1 || { cat log; exit 1; }
	! grep -i -e fail -e warn -e error log
	cat out
	MAKE
	same_as_bare tup "run emulate" sh make.sh
fi

# An image with one program and its libraries.
image()
{
	local f
	mkdir -p image/{bin,dev,etc,home,lib64,mnt,proc,root,run,sys,tmp,usr/bin}
	for f in /bin/cat $(ldd /bin/cat | grep -o '/lib[^ ]*'); do
		mkdir -p "image${f%/*}"
		cp -L "$f" "image$f"
	done
	touch image/etc/{passwd,group,hosts,resolv.conf}
	echo hello >image/file
	mksquashfs image "$TMP/user/image.sqfs" -quiet -no-progress >/dev/null
	chmod 644 "$TMP/user/image.sqfs"
}

if command -v ch-run >/dev/null && command -v mksquashfs >/dev/null; then
	image
	same_as_bare charliecloud run \
	    env USER=nobody ch-run -m "$mnt" "$TMP/user/image.sqfs" -- /bin/cat /file
fi

if command -v bwrap >/dev/null && command -v bindfs >/dev/null; then
	with_user tee inside.sh >/dev/null <<-'INSIDE'
	set -e
	dir=$(mktemp -d)
	cd "$dir"
	mkdir src mnt
	echo hello >src/file
	bindfs --no-allow-other src mnt
	cat mnt/file
	echo new >mnt/new
	cat src/new
	umount mnt
	ls -A mnt
	rm -r "$dir"
	INSIDE
	same_as_bare bwrap run bwrap --unshare-user --dev-bind / / \
	    --dev-bind /dev/fuse /dev/fuse --cap-add CAP_SYS_ADMIN \
	    --uid 0 --gid 0 sh inside.sh
fi
