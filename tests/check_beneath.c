/* SPDX-License-Identifier: ISC */
/* No name leads out of the source. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "passthrough/beneath.h"
#include "passthrough/fs.h"
#include "tests/suite.h"

static char top[64];
static int dir_fd;

/*
 *	top/secret
 *	top/src/file, top/src/sub/file, top/src/link -> ../secret
 */
static void
setup(void)
{
	strcpy(top, "/tmp/check_beneath.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(top));
	ck_assert_int_eq(chdir(top), 0);
	ck_assert_int_eq(mkdir("src", 0755), 0);
	ck_assert_int_eq(mkdir("src/sub", 0755), 0);
	ck_assert_int_eq(mknod("secret", S_IFREG | 0644, 0), 0);
	ck_assert_int_eq(mknod("src/file", S_IFREG | 0644, 0), 0);
	ck_assert_int_eq(mknod("src/sub/file", S_IFREG | 0644, 0), 0);
	ck_assert_int_eq(symlink("../secret", "src/link"), 0);
	ck_assert_int_eq(symlink("sub", "src/dirlink"), 0);
	ck_assert_int_eq(mkfifo("src/pipe", 0644), 0);
	dir_fd = open("src", O_PATH | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(dir_fd, 0);
}

static void
teardown(void)
{
	close(dir_fd);
	unlink("src/sub/file");
	unlink("src/file");
	unlink("src/link");
	unlink("src/dirlink");
	unlink("src/pipe");
	rmdir("src/sub");
	rmdir("src");
	unlink("secret");
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(rmdir(top), 0);
}

static int
try(int fd, const char *name, int flags)
{
	int got = beneath_open(fd, name, flags, 0600);

	if (got == -1)
		return errno;
	close(got);
	return 0;
}

START_TEST(names_of_one_component_only)
{
	static const struct {
		const char *name;
		int r;
	} row[] = {
		{ "a", 0 },
		{ "...", 0 },
		{ "..a", 0 },
		{ ".a", 0 },
		{ " ", 0 },
		{ "\n", 0 },
		{ "a\\b", 0 },
		{ "", EINVAL },
		{ ".", EINVAL },
		{ "..", EINVAL },
		{ "/", EINVAL },
		{ "a/b", EINVAL },
		{ "/a", EINVAL },
		{ "a/", EINVAL },
		{ "../a", EINVAL },
		{ "a/..", EINVAL },
	};

	ck_assert_int_eq(fs_check_name(row[_i].name), row[_i].r);
}
END_TEST

START_TEST(no_way_out)
{
	static const char *const out[] = { "..", "../secret", "/etc/passwd",
		"sub/../../secret", "link", "dirlink/file",
		"/proc/self/root/etc/passwd" };

	ck_assert_int_ne(try(dir_fd, out[_i], O_RDONLY), 0);
	ck_assert_int_ne(try(dir_fd, out[_i], O_RDONLY | O_CREAT), 0);
}
END_TEST

START_TEST(what_is_there_opens)
{
	struct stat st;
	int fd;

	ck_assert_int_eq(try(dir_fd, "file", O_PATH | O_NOFOLLOW), 0);
	ck_assert_int_eq(try(dir_fd, "sub", O_PATH | O_NOFOLLOW), 0);
	/* A pipe without writer does not make us wait. */
	ck_assert_int_eq(try(dir_fd, "pipe", O_PATH | O_NOFOLLOW), 0);
	fd = beneath_open(dir_fd, "link", O_PATH | O_NOFOLLOW, 0);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fstat(fd, &st), 0);
	ck_assert(S_ISLNK(st.st_mode));
	ck_assert_int_ne(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
	close(fd);
	ck_assert_int_eq(try(dir_fd, "new", O_RDWR | O_CREAT | O_EXCL), 0);
	ck_assert_int_eq(try(dir_fd, "new", O_RDWR | O_CREAT | O_EXCL),
	    EEXIST);
	ck_assert_int_eq(unlinkat(dir_fd, "new", 0), 0);
	ck_assert_int_eq(try(dir_fd, "new", O_RDONLY), ENOENT);
}
END_TEST

/* A magic link in the directory is not followed. */
START_TEST(magic_links_are_closed)
{
	char name[16];
	int proc = open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);

	snprintf(name, sizeof(name), "%d", dir_fd);
	ck_assert_int_eq(try(proc, name, O_RDONLY), ELOOP);
	close(proc);
}
END_TEST

START_TEST(mount_points_are_closed)
{
	if (mount("none", "src/sub", "tmpfs", 0, NULL) == -1)
		return;
	ck_assert_int_eq(try(dir_fd, "sub", O_PATH | O_NOFOLLOW), EXDEV);
	ck_assert_int_eq(try(dir_fd, "sub/file", O_PATH | O_NOFOLLOW), EXDEV);
	ck_assert_int_eq(umount("src/sub"), 0);
	ck_assert_int_eq(try(dir_fd, "sub", O_PATH | O_NOFOLLOW), 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("beneath");
	TCase *tc = tcase_create("jail");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, names_of_one_component_only, 0, 16);
	tcase_add_loop_test(tc, no_way_out, 0, 7);
	tcase_add_test(tc, what_is_there_opens);
	tcase_add_test(tc, magic_links_are_closed);
	tcase_add_test(tc, mount_points_are_closed);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
