/* SPDX-License-Identifier: ISC */
/* Which calls of umount(2) are spared the error that a mount is gone. */
#include <check.h>
#include <stdio.h>
#include <unistd.h>

#include "serve/spared.h"
#include "tests/suite.h"

#define GONE ((pid_t)0x7ffffffe) /* no process has this number */

static struct spared s;

static void
setup(void)
{
	spared_init(&s);
}

static void
teardown(void)
{
	spared_fini(&s);
}

START_TEST(process_once)
{
	const pid_t pids[] = { 10, 20 };

	spared_note_processes(&s, "/a/b", "b", pids, 2);
	ck_assert_int_eq(spared_take(&s, "/a/b", "b", 30), 0);
	ck_assert_int_eq(spared_take(&s, "/a/c", "c", 10), 0);
	ck_assert_int_eq(spared_take(&s, "/a/b", "b", 0), 0);
	ck_assert_int_eq(spared_take(&s, "/a/b", "b", 10), 1);
	ck_assert_int_eq(spared_take(&s, "/a/b", "b", 10), 0);
	/* From another directory, the path as it was written. */
	ck_assert_int_eq(spared_take(&s, "/b", "b", 20), 1);
	ck_assert(LIST_EMPTY(&s.mounts));
}
END_TEST

START_TEST(nobody)
{
	spared_note_processes(&s, "/m", "/m", NULL, 0);
	ck_assert(LIST_EMPTY(&s.mounts));
	ck_assert_int_eq(spared_take_anyone(&s, "/m", "/m"), 0);
}
END_TEST

START_TEST(anyone_once)
{
	spared_note_anyone(&s, "/m", "/m");
	ck_assert_int_eq(spared_take(&s, "/m", "/m", 10), 0);
	ck_assert_int_eq(spared_knows_anyone(&s, "/n", "/n"), 0);
	ck_assert_int_eq(spared_knows_anyone(&s, "/m", "/m"), 1);
	ck_assert_int_eq(spared_take_anyone(&s, "/m", "/m"), 1);
	ck_assert_int_eq(spared_knows_anyone(&s, "/m", "/m"), 0);
	ck_assert_int_eq(spared_take_anyone(&s, "/m", "/m"), 0);
}
END_TEST

/* The server is the one that was to come first. */
START_TEST(server_is_anyone)
{
	const pid_t pid = 10;

	spared_note_anyone(&s, "/m", "/m");
	spared_note_processes(&s, "/m", "/m", &pid, 1);
	ck_assert_int_eq(spared_take(&s, "/m", "/m", pid), 1);
	ck_assert_int_eq(spared_knows_anyone(&s, "/m", "/m"), 0);
}
END_TEST

START_TEST(mounted_again)
{
	const pid_t pid = 10;

	spared_note_anyone(&s, "/m", "/m");
	spared_note_processes(&s, "/m", "/m", &pid, 1);
	spared_note_anyone(&s, "/n", "/n");
	spared_forget(&s, "/m", "/m");
	ck_assert_int_eq(spared_take(&s, "/m", "/m", pid), 0);
	ck_assert_int_eq(spared_knows_anyone(&s, "/m", "/m"), 0);
	ck_assert_int_eq(spared_knows_anyone(&s, "/n", "/n"), 1);
}
END_TEST

START_TEST(awaited)
{
	const pid_t gone = GONE, own = getpid();

	spared_note_anyone(&s, "/m", "/m");
	spared_note_processes(&s, "/n", "/n", &gone, 1);
	ck_assert_int_eq(spared_is_awaited(&s), 0);
	spared_note_processes(&s, "/m", "/m", &own, 1);
	ck_assert_int_eq(spared_is_awaited(&s), 1);
}
END_TEST

/* The oldest are forgotten. */
START_TEST(bound)
{
	char path[32];
	int i;

	for (i = 0; i < 1000; i++) {
		snprintf(path, sizeof(path), "/%d", i);
		spared_note_anyone(&s, path, path);
	}
	ck_assert_int_eq(spared_knows_anyone(&s, "/935", "/935"), 0);
	ck_assert_int_eq(spared_knows_anyone(&s, "/936", "/936"), 1);
	ck_assert_int_eq(spared_knows_anyone(&s, "/999", "/999"), 1);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("spared");
	TCase *tc = tcase_create("spared");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, process_once);
	tcase_add_test(tc, nobody);
	tcase_add_test(tc, anyone_once);
	tcase_add_test(tc, server_is_anyone);
	tcase_add_test(tc, mounted_again);
	tcase_add_test(tc, awaited);
	tcase_add_test(tc, bound);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
