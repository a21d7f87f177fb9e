#!/bin/sh
# SPDX-License-Identifier: ISC
# Install what is missing, build, run every test, count.
#
#	./test.sh [--quick]
#
# From a fresh clone on Debian 12, as root or with sudo.  --quick: one gcc
# build with its unit tests, lints and end-to-end tests, but for those that
# take minutes; without it also an
# ASan+UBSan build of the same, a clang build, one without what only Linux has
# and make distcheck.  Build trees are build-<pass>/ in the source tree.  The
# last line is "N passed, N failed, N skipped"; the exit status is 1 if anything
# failed.
set -u
cd "$(dirname "$0")" || exit 2

quick=no
for arg in "$@"; do
	case $arg in
	--quick) quick=yes ;;
	*) echo "usage: ./test.sh [--quick]" >&2; exit 2 ;;
	esac
done

# What takes longer hangs; a busy machine may need some of it.
BUILD_LIMIT=1800	# seconds for configure and make of one build
UNIT_LIMIT=1200		# seconds for one unit test program or lint
TAIL=60			# lines of the log of what failed

top=$(pwd)
jobs=$(nproc)
start=$(date +%s)
results=$(mktemp)
trap 'rm -f "$results"' EXIT
trap 'exit 1' HUP INT TERM

# result PASS|FAIL|SKIP NAME [REMARK]: one test's line, and its count
result()
{
	echo "$1 $2${3:+ ($3)}"
	echo "$1 $2" >>"$results"
}

count()
{
	grep -c "^$1 " "$results"
}

say()
{
	echo "== $* ($(($(date +%s) - start)) s)"
}

# step NAME LIMIT COMMAND...: a command that counts as one test
step()
{
	name=$1
	limit=$2
	shift 2
	log=$top/build-logs/$(echo "$name" | tr ' /' '--').log
	mkdir -p "$top/build-logs"
	timeout -k 10 "$limit" "$@" >"$log" 2>&1 </dev/null
	code=$?
	if [ $code -eq 0 ]; then
		result PASS "$name"
		return 0
	fi
	tail -n $TAIL "$log"
	result FAIL "$name" "exit status $code; $log"
	return 1
}

# build PASS CONFIGURE-ARGUMENT...: configure and make in build-PASS, and
# install below it.
build()
{
	pass=$1
	shift
	rm -rf "build-$pass"
	mkdir "build-$pass"
	# shellcheck disable=SC2016 # for the inner shell
	step "$pass/build" $BUILD_LIMIT sh -euc '
		cd "$1"; jobs=$2; shift 2
		../configure --prefix="$PWD/installed" "$@"
		make -j"$jobs" all
		make -j"$jobs" e2e-programs
		make -j"$jobs" check TESTS=
		make install
	' sh "build-$pass" "$jobs" "$@"
}

# check PASS TARGET: the test programs of make TARGET, a line for each
check()
{
	pass=$1
	log=$top/build-logs/$pass-$2.log
	find "build-$pass" -name '*.trs' -exec rm -f {} +
	make -C "build-$pass" -k -j"$jobs" "$2" \
	    LOG_COMPILER="timeout -k 5 $UNIT_LIMIT" >"$log" 2>&1 </dev/null
	code=$?
	trs=$(find "build-$pass" -name '*.trs' | sort)
	for t in $trs; do
		name=$pass/$(basename "$t" .trs)
		out=${t%.trs}.log
		case $(sed -n 's/^:global-test-result: //p' "$t") in
		PASS)
			result PASS "$name" \
			    "$(sed -n 's/^100%: //p' "$out" | tail -n 1)" ;;
		SKIP)
			result SKIP "$name" \
			    "$(sed -n 's/^SKIP: //p' "$out" | tail -n 1)" ;;
		*)
			tail -n $TAIL "$out"
			result FAIL "$name" ;;
		esac
	done
	if [ -z "$trs" ]; then
		tail -n $TAIL "$log"
		result FAIL "$pass/$2" "no test ran, exit status $code"
	fi
}

# e2e PASS: every end-to-end test with the programs of build-PASS
e2e()
{
	if [ $quick = yes ]; then
		set -- "$1" --quick
	fi
	RESULTS=$results RESULTS_PREFIX=$1/ \
	    tests/e2e/run --build "build-$1" ${2:+"$2"} </dev/null
	[ $? -ne 2 ] || result FAIL "$1/e2e" "could not start"
}

# No sanitizer report may hide in a program whose stderr nobody reads.
export UBSAN_OPTIONS=print_stacktrace=1

tests/packages.sh install build test || result FAIL packages

say "configure script"
if step autogen $BUILD_LIMIT ./autogen.sh; then
	say "gcc: build, unit tests, lints, end-to-end tests"
	if build gcc --enable-werror CC=gcc; then
		check gcc check
		e2e gcc
	fi
	if [ $quick = no ]; then
		say "ASan and UBSan: build, unit tests, end-to-end tests"
		if build asan --enable-asan CC=gcc; then
			check asan check-unit
			e2e asan
		fi
		say "clang: build, unit tests"
		if build clang --enable-werror CC=clang; then
			check clang check-unit
		fi
		say "without what only Linux has: build, unit tests"
		if build portable --enable-werror --disable-mount-trap \
		    --enable-dgram; then
			check portable check-unit
			RESULTS=$results RESULTS_PREFIX=portable/ \
			    tests/e2e/run --build build-portable \
			    fuset-start fuset-workload </dev/null
		fi
		say "distribution: a build from the tarball"
		# All tests are built; those run that read what it has.
		# shellcheck disable=SC2016 # for make
		step distcheck $((2 * BUILD_LIMIT)) make -C build-gcc \
		    -j"$jobs" distcheck \
		    DISTCHECK_CONFIGURE_FLAGS=--enable-werror \
		    TESTS='tests/check_trace_golden $(LINTS)'
	fi
fi
say "done"

failed=$(count FAIL)
if [ "$failed" -gt 0 ]; then
	echo "failed:" && sed -n 's/^FAIL /  /p' "$results"
fi
echo "$(count PASS) passed, $failed failed, $(count SKIP) skipped"
[ "$failed" -eq 0 ]
