#!/bin/sh
# SPDX-License-Identifier: ISC
# What was built is as hard to misuse as this compiler makes a program of a few
# lines: whatever is found in that must be in all of ours.
#
# In a build directory, as "make check" does.
# shellcheck disable=SC2317 # functions are called by what all() is told
set -eu
[ -f Makefile ] || {
	echo "SKIP: not in a build directory"
	exit 77
}
cc=$(sed -n 's/^CC = //p' Makefile)
cflags=$(sed -n 's/^CFLAGS = //p' Makefile)

command -v readelf >/dev/null 2>&1 || {
	echo "SKIP: readelf is missing"
	exit 77
}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cat >"$dir/sample.c" <<'C'
#include <stdio.h>
#include <string.h>
int
main(int argc, char *argv[])
{
	char text[64];

	strcpy(text, argv[argc - 1]);
	return puts(text);
}
C

# sample FLAG...: built with them, or nothing is there
sample()
{
	rm -f "$dir/sample.o"
	: >"$dir/sample"
	# shellcheck disable=SC2086 # words
	if $cc $cflags "$@" -c -o "$dir/sample.o" "$dir/sample.c"; then
		$cc $cflags "$@" -o "$dir/sample" "$dir/sample.o" || :
	fi 2>/dev/null
}

position_independent()
{
	readelf -hW "$1" 2>/dev/null | grep -q 'Type: *DYN'
}

relocations_read_only()
{
	readelf -lW "$1" 2>/dev/null | grep -q GNU_RELRO
}

bound_at_once()
{
	readelf -dW "$1" 2>/dev/null | grep -q -e BIND_NOW -e 'Flags:.* NOW'
}

stack_without_code()
{
	readelf -lW "$1" 2>/dev/null |
	    awk '$1 == "GNU_STACK" && $7 == "RW" { n = 1 } END { exit !n }'
}

stack_with_guards()
{
	readelf -W --dyn-syms "$1" 2>/dev/null | grep -q __stack_chk_fail
}

stack_in_steps()
{
	# (The compiler writes into the debugging information how it was
	# called.)
	grep -q -a -e -fstack-clash-protection "$1"
}

calls_fortified()
{
	readelf -W --dyn-syms "$1" 2>/dev/null | grep -v stack_chk |
	    grep -q '_chk\(@\|$\| \)'
}

# All objects of an archive, or that one.
branches_marked()
{
	readelf -nW "$1" 2>/dev/null | awk '/^File: / { files++ }
	    /Properties:.*(IBT, SHSTK|BTI)/ { marked++ }
	    END { exit marked == 0 || files > marked }'
}

bad=0
# all PROPERTY SAMPLE FILE...: they have it if the sample has
all()
{
	property=$1
	"$1" "$2" || {
		echo "$1: not with this compiler"
		return 0
	}
	shift 2
	for file in "$@"; do
		if [ -e "$file" ] && ! "$property" "$file"; then
			echo "$file: not $property"
			bad=1
		fi
	done
}

# Flags that have changed since are no reason for make to build again.
old=$(find src -name '*.o' ! -newer config.status)
[ -z "$old" ] || {
	echo "SKIP: objects are older than how they are to be built: make clean"
	exit 77
}
[ -x fuserelay ] || { echo "no fuserelay here"; exit 1; }
built="fuserelay fuset-relay fuset-emulator fuserelay-passthrough
    libfuset-attach.so"
for flags in "-fPIE -pie" "-Wl,-z,relro,-z,now" "-Wl,-z,noexecstack" \
    -fstack-protector-strong -fstack-clash-protection -D_FORTIFY_SOURCE=2 \
    -fcf-protection -mbranch-protection=standard; do
	# shellcheck disable=SC2086 # words
	sample $flags
	# shellcheck disable=SC2086 # words
	case $flags in
	*-pie)		all position_independent "$dir/sample" $built ;;
	*relro*)	all relocations_read_only "$dir/sample" $built
			all bound_at_once "$dir/sample" $built ;;
	*execstack)	all stack_without_code "$dir/sample" $built ;;
	*strong)	all stack_with_guards "$dir/sample" $built ;;
	*clash*)	all stack_in_steps "$dir/sample" $built ;;
	*FORTIFY*)	grep -q '^SAN_CFLAGS = ..' Makefile ||
			all calls_fortified "$dir/sample" $built ;;
	*protection*)	all branches_marked "$dir/sample.o" lib*.a ;;
	esac
done
exit $bad
