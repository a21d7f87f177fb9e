#!/bin/sh
# SPDX-License-Identifier: ISC
# Install what is missing, build, run every test, count.
#
#	./test.sh [--quick | --all]
#
# From a fresh clone on Debian 12, as root or with sudo.  One gcc build, with
# its unit tests, lints and end-to-end tests.  --quick: without those of them
# that take minutes.  --all: also an ASan+UBSan build with its unit tests and
# the end-to-end tests that it can tell more of, a clang build and one without
# what only Linux has, with their unit tests, and make distcheck.
#
# What does not need the processors waits a lot: with --all, the other builds
# and their unit tests are made beside the end-to-end tests.
#
# Build trees are build-<pass>/ in the source tree, logs are in build-logs/.
# The time of each test is told, and the ten that took longest at the end.  The
# last line is "N passed, N failed, N skipped"; the exit status is 1 if anything
# failed.
set -u
cd "$(dirname "$0")" || exit 2

usage()
{
	echo "usage: ./test.sh [--quick | --all]" >&2
	exit 2
}

passes=gcc
quick=
[ $# -le 1 ] || usage
case ${1:-} in
"") ;;
--quick) quick=--quick ;;
--all) passes=all ;;
*) usage ;;
esac

# What takes longer hangs; a busy machine may need some of it.
BUILD_LIMIT=1800	# seconds for configure and make of one build
UNIT_LIMIT=1200		# seconds for one unit test program or lint
TAIL=60			# lines of the log of what failed

top=$(pwd)
jobs=$(nproc)
start=$(date +%s)
results=$(mktemp)
beside=			# process id of what runs beside this
asan_status=$top/build-logs/asan-status
trap 'rm -f "$results"; [ -z "$beside" ] || kill "$beside" 2>/dev/null' EXIT
trap 'exit 1' HUP INT TERM

# result PASS|FAIL|SKIP NAME SECONDS [REMARK]: one test's line, and its count
result()
{
	echo "$1 $2 (${4:+$4; }$3 s)"
	echo "$1 $2 $3" >>"$results"
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
	began=$(date +%s)
	timeout -k 10 "$limit" "$@" >"$log" 2>&1 </dev/null
	code=$?
	took=$(($(date +%s) - began))
	if [ $code -eq 0 ]; then
		result PASS "$name" $took
		return 0
	fi
	tail -n $TAIL "$log"
	result FAIL "$name" $took "exit status $code; $log"
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
	    LOG_COMPILER="$top/tests/timed $UNIT_LIMIT" >"$log" 2>&1 </dev/null
	code=$?
	trs=$(find "build-$pass" -name '*.trs' | sort)
	for t in $trs; do
		name=$pass/$(basename "$t" .trs)
		out=${t%.trs}.log
		took=$(sed -n 's/^took: \([0-9.]*\) .*/\1/p' "$out" |
		    tail -n 1)
		took=${took:-0}
		case $(sed -n 's/^:global-test-result: //p' "$t") in
		PASS)
			result PASS "$name" "$took" \
			    "$(sed -n 's/^100%: //p' "$out" | tail -n 1)" ;;
		SKIP)
			result SKIP "$name" "$took" \
			    "$(sed -n 's/^SKIP: //p' "$out" | tail -n 1)" ;;
		*)
			tail -n $TAIL "$out"
			result FAIL "$name" "$took" ;;
		esac
	done
	if [ -z "$trs" ]; then
		tail -n $TAIL "$log"
		result FAIL "$pass/$2" 0 "no test ran, exit status $code"
	fi
}

# e2e PASS [ARGUMENT...]: end-to-end tests with the programs of build-PASS
e2e()
{
	pass=$1
	shift
	RESULTS=$results RESULTS_PREFIX=$pass/ \
	    tests/e2e/run --build "build-$pass" "$@" </dev/null
	[ $? -ne 2 ] || result FAIL "$pass/e2e" 0 "could not start"
}

# The other passes: what runs beside the end-to-end tests.
others()
{
	say "ASan and UBSan: build"
	# -O1: it finds the same, and compiles in half the time.
	build asan --enable-asan CC=gcc CFLAGS='-g -O1'
	echo $? >"$asan_status"
	say "clang: build, unit tests"
	if build clang --enable-werror CC=clang; then
		check clang check-unit
	fi
	say "without what only Linux has: build, unit tests"
	if build portable --enable-werror --disable-mount-trap \
	    --enable-dgram; then
		check portable check-unit
		e2e portable fuset-start fuset-workload
	fi
	say "distribution: a build from the tarball"
	# All tests are built; those run that read what it has.
	# shellcheck disable=SC2016 # for make
	step distcheck $((2 * BUILD_LIMIT)) make -C build-portable \
	    -j"$jobs" distcheck \
	    DISTCHECK_CONFIGURE_FLAGS=--enable-werror \
	    TESTS='tests/check_trace_golden $(LINTS)'
}

# No sanitizer report may hide in a program whose stderr nobody reads.
export UBSAN_OPTIONS=print_stacktrace=1

tests/packages.sh install build test || result FAIL packages 0

say "configure script"
if step autogen $BUILD_LIMIT ./autogen.sh; then
	rm -f "$asan_status"
	say "gcc: build, unit tests, lints, end-to-end tests"
	if build gcc --enable-werror CC=gcc; then
		check gcc check
	fi
	if [ $passes = all ]; then
		others &
		beside=$!
	fi
	[ ! -x build-gcc/fuserelay ] || e2e gcc ${quick:+"$quick"}
	if [ $passes = all ]; then
		until [ -s "$asan_status" ]; do
			sleep 1
		done
		if [ "$(cat "$asan_status")" = 0 ]; then
			say "ASan and UBSan: unit tests, end-to-end tests"
			check asan check-unit
			e2e asan
		fi
		wait "$beside"
		beside=
	fi
fi
say "done"

echo "took longest:"
grep -v -e '/build ' -e ' distcheck ' "$results" | sort -k 3 -r -n |
    head -n 10 | awk '{ printf "  %7.1f s  %s\n", $3, $2 }'
failed=$(count FAIL)
if [ "$failed" -gt 0 ]; then
	echo "failed:" && awk '$1 == "FAIL" { print "  " $2 }' "$results"
fi
echo "$(count PASS) passed, $failed failed, $(count SKIP) skipped"
[ "$failed" -eq 0 ]
