/* SPDX-License-Identifier: ISC */
/* Lines of small files, through signals that end calls early. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/suite.h"

static char path[] = "/tmp/check_file.XXXXXX";
static int interrupted; /* the next so many calls are */
static int read_errno;	/* what reading fails with, or 0 */
static size_t piece;	/* largest read, 0: any */

ssize_t
read(int fd, void *p, size_t len)
{
	if (interrupted > 0) {
		interrupted--;
		errno = EINTR;
		return -1;
	}
	if (read_errno != 0) {
		errno = read_errno;
		return -1;
	}
	return syscall(SYS_read, fd, p,
	    piece > 0 && piece < len ? piece : len);
}

static void
setup(void)
{
	strcpy(path + sizeof(path) - 7, "XXXXXX");
	close(mkstemp(path));
}

static void
teardown(void)
{
	unlink(path);
}

static void
fill(const char *text)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

static const struct {
	const char *begin, *want; /* NULL: none */
} lines[] = {
	{ "Name:", "\tx" }, { "Cap", "Eff:\t7" }, { "CapEff:\t7", "" },
	{ "", "Name:\tx" }, { "Groups:", NULL }, { "ame", NULL },
	{ "Last", NULL }, /* it is not whole */
};

START_TEST(first_that_begins_so)
{
	char out[64];

	fill("Name:\tx\n\nCapEff:\t7\nCapBnd:\t9\nLast:\t1");
	for (piece = 0; piece < 9; piece++) {
		interrupted = (int)piece;
		ck_assert_int_eq(
		    file_line(path, lines[_i].begin, out, sizeof(out)),
		    lines[_i].want != NULL ? E_OK : E_NOTFOUND);
		ck_assert_int_eq(interrupted, 0);
		if (lines[_i].want != NULL)
			ck_assert_str_eq(out, lines[_i].want);
	}
}
END_TEST

/* However long lines before it are; what does not fit is left out. */
START_TEST(long_lines)
{
	static char text[6000];
	char out[8];

	memset(text, 'y', 5000);
	strcpy(text + 5000, "\nA:123456789012\n");
	fill(text);
	ck_assert_int_eq(file_line(path, "A:", out, sizeof(out)), E_OK);
	ck_assert_str_eq(out, "1234567");
}
END_TEST

START_TEST(stream)
{
	char line[64];
	FILE *f;

	fill("one\ntwo\n");
	f = file_stream(file_open(path, O_RDONLY | O_CLOEXEC));
	ck_assert_ptr_nonnull(f);
	piece = 5;
	interrupted = 3;
	ck_assert_ptr_nonnull(fgets(line, sizeof(line), f));
	ck_assert_str_eq(line, "one\n");
	interrupted = 3;
	ck_assert_ptr_nonnull(fgets(line, sizeof(line), f));
	ck_assert_str_eq(line, "two\n");
	ck_assert_ptr_null(fgets(line, sizeof(line), f));
	ck_assert_int_eq(ferror(f), 0);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_ptr_null(file_stream(file_open("/nowhere/x", O_RDONLY)));
	ck_assert_int_eq(errno, ENOENT);
}
END_TEST

START_TEST(errors)
{
	char out[8];

	ck_assert_int_eq(file_line("/nowhere/x", "", out, sizeof(out)), E_SYS);
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_str_eq(out, "");
	fill("A:1\n");
	read_errno = EIO;
	ck_assert_int_eq(file_line(path, "A:", out, sizeof(out)), E_SYS);
	ck_assert_int_eq(errno, EIO);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("file");
	TCase *tc = tcase_create("file");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, first_that_begins_so, 0,
	    sizeof(lines) / sizeof(lines[0]));
	tcase_add_test(tc, long_lines);
	tcase_add_test(tc, stream);
	tcase_add_test(tc, errors);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
