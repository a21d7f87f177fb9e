/* SPDX-License-Identifier: ISC */
/* Rows of the kernel's table of mounts. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mountinfo.h"
#include "tests/suite.h"

static struct mountinfo m;
static char line[512];

static int
parse(const char *text)
{
	snprintf(line, sizeof(line), "%s", text);
	return mountinfo_parse(line, &m);
}

START_TEST(row_is_taken_apart)
{
	ck_assert_int_eq(parse("36 35 0:52 / /mnt/a\\040b\\011c\\134d\\012 "
			       "rw,noatime shared:1 master:2 - fuse.x "
			       "sr\\043c rw,user_id=0\n"),
	    E_OK);
	ck_assert_int_eq(m.id, 36);
	ck_assert_int_eq(m.parent, 35);
	ck_assert_uint_eq(m.major, 0);
	ck_assert_uint_eq(m.minor, 52);
	ck_assert_str_eq(m.point, "/mnt/a b\tc\\d\n");
	ck_assert_str_eq(m.type, "fuse.x");
	ck_assert_str_eq(m.source, "sr#c");
	ck_assert_int_eq(mountinfo_is_fuse(&m), 1);
}
END_TEST

START_TEST(source_may_be_empty)
{
	ck_assert_int_eq(parse("1 2 3:4 / /m rw - fuse  rw\n"), E_OK);
	ck_assert_str_eq(m.source, "");
	ck_assert_str_eq(m.type, "fuse");
	ck_assert_int_eq(parse("1 2 3:4 / /m//deleted rw - tmpfs t\n"), E_OK);
	ck_assert_str_eq(m.point, "/m//deleted");
}
END_TEST

START_TEST(other_text_is_refused)
{
	static const char *const bad[] = { "", "\n", " - ", "1 2 3:4 / /m rw",
		"1 2 3 / /m rw - fuse x rw", "a 2 3:4 / /m rw - fuse x rw",
		"1 2 3:4 / - fuse x rw", "1 2 3:4 / /m rw - fuse" };
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_int_eq(parse(bad[i]), E_VALUE);
}
END_TEST

START_TEST(types_of_fuse)
{
	static const struct {
		const char *type;
		int is;
	} rows[] = { { "fuse", 1 }, { "fuse.", 1 }, { "fuse.a-b", 1 },
		{ "fuseblk", 1 }, { "fuseblk.ntfs", 1 }, { "fusectl", 0 },
		{ "fuseblkx", 0 }, { "fus", 0 }, { "tmpfs", 0 } };
	char type[32];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		strcpy(type, rows[i].type);
		m.type = type;
		ck_assert_msg(mountinfo_is_fuse(&m) == rows[i].is, "%s", type);
	}
}
END_TEST

static int
take_second(void *arg, const struct mountinfo *row)
{
	int *seen = arg;

	return ++*seen == 2 ? row->id : 0;
}

START_TEST(walk_stops_when_told)
{
	static const char text[] =
	    "1 0 0:1 / / rw - ext4 a rw\nnonsense\n"
	    "2 1 0:2 / /a rw - fuse b rw\n3 1 0:3 / /b rw - fuse c rw\n";
	int fds[2], seen = 0;

	ck_assert_int_eq(pipe(fds), 0);
	ck_assert_int_eq(write(fds[1], text, strlen(text)), (int)strlen(text));
	close(fds[1]);
	ck_assert_int_eq(mountinfo_walk(fds[0], take_second, &seen), E_OK);
	ck_assert_int_eq(seen, 2);
	ck_assert_int_eq(fcntl(fds[0], F_GETFD), -1);
	ck_assert_int_eq(mountinfo_walk(-1, take_second, &seen), E_SYS);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("mountinfo");
	TCase *t = tcase_create("all");

	tcase_add_test(t, row_is_taken_apart);
	tcase_add_test(t, source_may_be_empty);
	tcase_add_test(t, other_text_is_refused);
	tcase_add_test(t, types_of_fuse);
	tcase_add_test(t, walk_stops_when_told);
	suite_add_tcase(s, t);
	return suite_run(s);
}
