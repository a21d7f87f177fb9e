/* SPDX-License-Identifier: ISC */
/* Paths made absolute by their letters. */
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attach/path.h"
#include "tests/suite.h"

static const struct {
	const char *path, *want;
} row[] = {
	{ "/", "/" },
	{ "//", "/" },
	{ "/.", "/" },
	{ "/..", "/" },
	{ "/../..", "/" },
	{ "/../../a", "/a" },
	{ "/a", "/a" },
	{ "/a/", "/a" },
	{ "//a///b//", "/a/b" },
	{ "/a/./b/.", "/a/b" },
	{ "/a/../b", "/b" },
	{ "/a/b/..", "/a" },
	{ "/a/b/../..", "/" },
	{ "/a/b/../../../c", "/c" },
	{ "/a/.../b", "/a/.../b" },
	{ "/a/..b/c..", "/a/..b/c.." },
	{ "/.a/..", "/" },
	{ "/a b/\tc", "/a b/\tc" },
};

START_TEST(absolute)
{
	char out[64];

	ck_assert_int_eq(path_absolute(out, sizeof(out), 0, row[_i].path),
	    E_OK);
	ck_assert_str_eq(out, row[_i].want);
}
END_TEST

START_TEST(relative)
{
	static const struct {
		const char *path, *want;
	} r[] = {
		{ "x", "/usr/bin/x" },
		{ ".", "/usr/bin" },
		{ "", "/usr/bin" },
		{ "..", "/usr" },
		{ "../lib//y/", "/usr/lib/y" },
		{ "../../../z", "/z" },
	};
	char out[64], cwd[4096];

	/* Where /usr/bin may be a link, what it is called there. */
	ck_assert_int_eq(chdir("/usr/bin"), 0);
	if (strcmp(getcwd(cwd, sizeof(cwd)), "/usr/bin") != 0)
		return;
	ck_assert_int_eq(path_absolute(out, sizeof(out), getpid(), r[_i].path),
	    E_OK);
	ck_assert_str_eq(out, r[_i].want);
}
END_TEST

/* As the other process means it. */
START_TEST(relative_to_another_process)
{
	int fd[2], status;
	char out[64], c;
	pid_t pid;

	ck_assert_int_eq(pipe(fd), 0);
	ck_assert_int_eq(chdir("/"), 0);
	if ((pid = fork()) == 0) {
		c = chdir("/proc") == 0;
		if (write(fd[1], &c, 1) == 1)
			pause();
		_exit(1);
	}
	ck_assert_int_eq(read(fd[0], &c, 1), 1);
	ck_assert_int_eq(path_absolute(out, sizeof(out), pid, "x/../y"), E_OK);
	ck_assert_str_eq(out, "/proc/y");
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(path_absolute(out, sizeof(out), pid, "x"), E_SYS);
	ck_assert_int_eq(path_absolute(out, sizeof(out), pid, "/x"), E_OK);
	close(fd[0]);
	close(fd[1]);
}
END_TEST

/* Every size of the answer, in a block of just that size. */
START_TEST(space)
{
	size_t cap = (size_t)_i;
	char *out = malloc(cap);
	int r;

	r = path_absolute(out, cap, 0, "/ab/../cde/f");
	if (cap >= sizeof("/cde/f")) {
		ck_assert_int_eq(r, E_OK);
		ck_assert_str_eq(out, "/cde/f");
	} else {
		ck_assert_int_eq(r, E_BIG);
	}
	r = path_absolute(out, cap, 0, "/");
	ck_assert_int_eq(r, cap >= 2 ? E_OK : E_BIG);
	r = path_absolute(out, cap, 0, "/a");
	ck_assert_int_eq(r, cap >= 3 ? E_OK : E_BIG);
	free(out);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("path");
	TCase *tc = tcase_create("path");

	tcase_add_loop_test(tc, absolute, 0,
	    (int)(sizeof(row) / sizeof(row[0])));
	tcase_add_loop_test(tc, relative, 0, 6);
	tcase_add_test(tc, relative_to_another_process);
	tcase_add_loop_test(tc, space, 1, 12);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
