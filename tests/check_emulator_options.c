/* SPDX-License-Identifier: ISC */
/* The emulator's command line, above all FUSE-T's ways of writing it. */
#include <check.h>
#include <string.h>

#include "base/log.h"
#include "emulator/client.h"
#include "emulator/options.h"
#include "tests/suite.h"

#define WORDS_MAX 40

static struct options o;

/* Parse a command line given as words between blanks. */
static int
parse(const char *line)
{
	static char copy[2048];
	char *argv[WORDS_MAX], *word, *rest = copy;
	int argc = 0;

	strcpy(copy, line);
	while ((word = strtok_r(rest, " ", &rest)) != NULL)
		argv[argc++] = word;
	argv[argc] = NULL;
	return options_parse(&o, argc, argv);
}

START_TEST(c_library)
{
	ck_assert_int_eq(
	    parse("go-nfsv4 -l 127.0.0.1 -d --volname Data -r "
		  "--namedattr=false --namedattr=true --attrcache=false "
		  "--rwsize=65536 --dontbrowse=true --nfc=true --noatime=true "
		  "--nomtime=true --location X --backend nfs "
		  "--attrcache-timeout=5 /mnt/x"),
	    OPTIONS_RUN);
	ck_assert_str_eq(o.target, "/mnt/x");
	ck_assert_str_eq(o.volname, "Data");
	ck_assert_uint_eq(o.rwsize, 65536);
	ck_assert(o.debug && o.read_only && o.noatime);
	ck_assert_ptr_null(o.workload);
}
END_TEST

START_TEST(go_libraries)
{
	ck_assert_int_eq(parse("x -r --volname=Data --rwsize=16777216 /m"),
	    OPTIONS_RUN);
	ck_assert_str_eq(o.volname, "Data");
	ck_assert_uint_eq(o.rwsize, 16777216);
	ck_assert_int_eq(parse("x --rwsize=1048576 --volname Data -r /m"),
	    OPTIONS_RUN);
	ck_assert_str_eq(o.volname, "Data");
	ck_assert(o.read_only);
}
END_TEST

START_TEST(own)
{
	ck_assert_int_eq(
	    parse(
		"x --fragment=1-7 --coalesce=64 --delay=10 "
		"--short-writes --seed=18446744073709551615 --workload=basic "
		"--call-timeout=3 --minor=23 --mount-options=ro,allow_other "
		"--mount-source=src --mount-type=fuse.x --log-fd=5 "
		"--mount-status "
		"--ignore-max-write --quirk=nonzero-fh --quirk=readdir-offset "
		"--report-fd=6 -- -odd"),
	    OPTIONS_RUN);
	ck_assert_uint_eq(o.quirks,
	    CLIENT_IGNORES_MAX | CLIENT_REFUSES_FH0 | CLIENT_SIZE_AS_OFFSET);
	ck_assert_int_eq(o.shaping.shape.kind, SHAPE_RANGE);
	ck_assert_uint_eq(o.shaping.shape.min, 1);
	ck_assert_uint_eq(o.shaping.shape.max, 7);
	ck_assert_uint_eq(o.shaping.shape.coalesce, 64);
	ck_assert_uint_eq(o.shaping.shape.seed, UINT64_MAX);
	ck_assert(o.shaping.seeded && o.shaping.short_writes);
	ck_assert_uint_eq(o.shaping.delay, 10);
	ck_assert_str_eq(o.workload, "basic");
	ck_assert_uint_eq(o.call_timeout, 3);
	ck_assert_uint_eq(o.minor, 23);
	ck_assert_str_eq(o.mount_options, "ro,allow_other");
	ck_assert_str_eq(o.mount_source, "src");
	ck_assert_str_eq(o.mount_type, "fuse.x");
	ck_assert(o.mount_status);
	ck_assert_int_eq(o.log_fd, 5);
	ck_assert_int_eq(o.report_fd, 6);
	ck_assert_str_eq(o.target, "-odd");
}
END_TEST

START_TEST(defaults)
{
	ck_assert_int_eq(parse("x /m"), OPTIONS_RUN);
	ck_assert_int_eq(o.shaping.shape.kind, SHAPE_FUSET);
	ck_assert_uint_eq(o.shaping.shape.coalesce, 8);
	ck_assert_int_eq(o.log_fd, 2);
	ck_assert_int_eq(o.report_fd, 1);
	ck_assert_uint_eq(o.call_timeout, 20);
	ck_assert_uint_eq(o.minor, 45);
	ck_assert_str_eq(o.mount_type, "fuse.fuset");
	ck_assert(
	    !o.shaping.seeded && !o.shaping.short_writes && !o.read_only);
	ck_assert_int_eq(parse("x --fragment=none /m"), OPTIONS_RUN);
	ck_assert_int_eq(o.shaping.shape.kind, SHAPE_WHOLE);
	ck_assert_uint_eq(o.shaping.shape.coalesce, 1);
	/* What a program's max_read may be is brought within bounds. */
	ck_assert_int_eq(parse("x --rwsize=512 /m"), OPTIONS_RUN);
	ck_assert_uint_eq(o.rwsize, 4096);
	ck_assert_int_eq(parse("x --rwsize=4294967295 /m"), OPTIONS_RUN);
	ck_assert_uint_eq(o.rwsize, 32 * 1024 * 1024);
	ck_assert_uint_eq(o.quirks, 0);
	ck_assert_int_eq(parse("x --workload=quick "
			       "--quirk=lookup-ino0 /m"),
	    OPTIONS_RUN);
	ck_assert_uint_eq(o.quirks, CLIENT_TAKES_INO0);
	ck_assert_int_eq(parse("x --help"), OPTIONS_HELP);
	ck_assert_int_eq(parse("x --version"), OPTIONS_VERSION);
}
END_TEST

START_TEST(wrong)
{
	static const char *const line[] = {
		"x",
		"x /a /b",
		"x --unknown /m",
		"x --fragment /m",
		"x --fragment=0-4 /m",
		"x --fragment=5-4 /m",
		"x --fragment=5 /m",
		"x --fragment=1-2x /m",
		"x --fragment=-1-2 /m",
		"x --coalesce=0 /m",
		"x --coalesce=65 /m",
		"x --seed=abc /m",
		"x --seed=18446744073709551616 /m",
		"x --delay=-1 /m",
		"x --minor=46 /m",
		"x --minor=11 /m",
		"x --rwsize= /m",
		"x --log-fd=-1 /m",
		"x --call-timeout=0 /m",
		"x -q /m",
		"x --quirk=nonzero /m",
		"x --quirk=nonzero-fh /m",
	};

	ck_assert_msg(parse(line[_i]) == E_VALUE, "%s", line[_i]);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("emulator-options");
	TCase *t = tcase_create("options");

	log_init("emu", LOG_ERROR, -1);
	tcase_add_test(t, c_library);
	tcase_add_test(t, go_libraries);
	tcase_add_test(t, own);
	tcase_add_test(t, defaults);
	tcase_add_loop_test(t, wrong, 0, 22);
	suite_add_tcase(suite, t);
	return suite_run(suite);
}
