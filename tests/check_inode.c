/* SPDX-License-Identifier: ISC */
/* The inode table on a directory of real files. */
#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "passthrough/inode.h"

static struct inode_table table;
static char dir[64];
static int dir_fd;

static void
fds_count_check(unsigned want_at_most)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned n = 0;

	ck_assert_ptr_nonnull(d);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	/* ".", ".." and the directory itself. */
	ck_assert_uint_le(n - 3, want_at_most);
}

static void
setup_limit(unsigned fds_max)
{
	int fd;

	strcpy(dir, "/tmp/check_inode.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(dir_fd, 0);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(inode_table_init(&table, fd, fds_max, 500, 5), 0);
}

static void
setup(void)
{
	setup_limit(1000);
}

static void
setup_small(void)
{
	setup_limit(8);
}

static void
teardown(void)
{
	uint64_t lookups;
	DIR *d = fdopendir(dir_fd);
	struct dirent *e;

	ck_assert_uint_eq(inode_table_fini(&table, &lookups), 0);
	ck_assert_uint_eq(lookups, 0);
	while ((e = readdir(d)) != NULL)
		unlinkat(dir_fd, e->d_name, 0);
	closedir(d);
	rmdir(dir);
}

static void
make(const char *name)
{
	int fd = openat(dir_fd, name, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	ck_assert_int_ge(fd, 0);
	close(fd);
}

static uint64_t
look(const char *name, struct stat *st)
{
	int fd = openat(dir_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	uint64_t id;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fstat(fd, st), 0);
	ck_assert_int_eq(inode_enter(&table, fd, st, &id), 0);
	return id;
}

static int
is_on(uint64_t id, const struct stat *want)
{
	struct inode *in;
	struct stat st;
	int r;

	if ((r = inode_get(&table, id, &in)) != 0)
		return r;
	r = fstat(in->fd, &st);
	ck_assert_int_eq(r, 0);
	inode_put(&table, in);
	return st.st_ino == want->st_ino && st.st_dev == want->st_dev ? 0 :
	    -1;
}

START_TEST(one_file_is_one_node)
{
	struct stat st;
	uint64_t a, b;

	make("a");
	ck_assert_int_eq(linkat(dir_fd, "a", dir_fd, "b", 0), 0);
	a = look("a", &st);
	b = look("b", &st);
	ck_assert_uint_eq(a, b);
	ck_assert_uint_ne(a, INODE_ROOT);
	inode_forget(&table, a, 1);
	ck_assert_int_eq(is_on(a, &st), 0);
	inode_forget(&table, a, 1);
	ck_assert_int_eq(is_on(a, &st), ESTALE);
}
END_TEST

START_TEST(root_stays)
{
	struct stat st;
	uint64_t id;

	id = look(".", &st);
	ck_assert_uint_eq(id, INODE_ROOT);
	inode_forget(&table, INODE_ROOT, 1000);
	ck_assert_int_eq(is_on(INODE_ROOT, &st), 0);
}
END_TEST

START_TEST(forged_ids_find_nothing)
{
	struct stat st;
	uint64_t id, bit;

	make("a");
	id = look("a", &st);
	ck_assert_int_eq(is_on(0, &st), ESTALE);
	ck_assert_int_eq(is_on(2, &st), ESTALE);
	ck_assert_int_eq(is_on(UINT64_MAX, &st), ESTALE);
	for (bit = 1; bit != 0; bit <<= 1)
		ck_assert_int_eq(is_on(id ^ bit, &st), ESTALE);
	inode_forget(&table, id ^ 1, 1);
	ck_assert_int_eq(is_on(id, &st), 0);
	/* More than there are: all of them, and no wrap. */
	inode_forget(&table, id, UINT64_MAX);
	ck_assert_int_eq(is_on(id, &st), ESTALE);
}
END_TEST

START_TEST(pin_outlives_forget)
{
	struct inode *in;
	struct stat st, now;
	uint64_t id, again;

	make("a");
	id = look("a", &st);
	ck_assert_int_eq(inode_get(&table, id, &in), 0);
	inode_forget(&table, id, 1);
	ck_assert_int_eq(fstat(in->fd, &now), 0);
	/* Looked up again meanwhile, it is the same node and lives on. */
	again = look("a", &st);
	ck_assert_uint_eq(again, id);
	inode_put(&table, in);
	ck_assert_int_eq(is_on(id, &st), 0);
	inode_forget(&table, id, 1);
	ck_assert_uint_eq(inode_table_used(&table), 0);
	again = look("a", &st);
	ck_assert_uint_ne(again, id);
	inode_forget(&table, again, 1);
}
END_TEST

#define FILES 200

START_TEST(few_descriptors_for_many_files)
{
	struct stat st[FILES];
	uint64_t id[FILES];
	char name[16];
	int i, round;

	if (table.export.mount_fd == -1)
		return;
	for (i = 0; i < FILES; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		make(name);
		id[i] = look(name, &st[i]);
	}
	fds_count_check(30);
	for (round = 0; round < 3; round++)
		for (i = 0; i < FILES; i++)
			ck_assert_int_eq(is_on(id[i * 7 % FILES],
			    &st[i * 7 % FILES]), 0);
	fds_count_check(30);
	/* A second look finds the same nodes. */
	for (i = 0; i < FILES; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		ck_assert_uint_eq(look(name, &st[i]), id[i]);
		inode_forget(&table, id[i], 2);
	}
	ck_assert_uint_eq(inode_table_used(&table), 0);
}
END_TEST

/* Where no node can give up its descriptor, there is an end to them. */
START_TEST(no_handles_no_more_nodes)
{
	struct stat st;
	uint64_t id[9];
	char name[16];
	int i, fd;

	export_fini(&table.export);
	table.fds_max = UINT_MAX;
	table.fds_end = 8;
	for (i = 0; i < 8; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		make(name);
		id[i] = look(name, &st);
	}
	make("more");
	fd = openat(dir_fd, "more", O_PATH | O_CLOEXEC);
	ck_assert_int_eq(fstat(fd, &st), 0);
	ck_assert_int_eq(inode_enter(&table, fd, &st, &id[8]), EMFILE);
	ck_assert_int_eq(fcntl(fd, F_GETFD), -1);
	ck_assert_int_eq(inode_spare(&table), 0);
	/* Known ones are found; one that leaves makes room. */
	ck_assert_uint_eq(look("f3", &st), id[3]);
	inode_forget(&table, id[3], 2);
	id[3] = look("more", &st);
	for (i = 0; i < 8; i++)
		inode_forget(&table, id[i], 1);
}
END_TEST

/* A node without descriptor is not mistaken for the next file. */
START_TEST(reused_number_is_another_node)
{
	struct stat st, gone, other;
	uint64_t id, more[FILES], next;
	char name[16];
	int i;

	if (table.export.mount_fd == -1)
		return;
	make("a");
	id = look("a", &gone);
	for (i = 0; i < 50; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		make(name);
		more[i] = look(name, &st);
	}
	ck_assert_int_eq(unlinkat(dir_fd, "a", 0), 0);
	ck_assert_int_eq(is_on(id, &gone), ESTALE);
	for (i = 50; i < FILES; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		make(name);
		next = look(name, &other);
		ck_assert_uint_ne(next, id);
		ck_assert_int_eq(is_on(next, &other), 0);
		inode_forget(&table, next, 1);
		if (other.st_ino == gone.st_ino)
			break;
	}
	ck_assert_int_eq(is_on(id, &gone), ESTALE);
	inode_forget(&table, id, 1);
	for (i = 0; i < 50; i++)
		inode_forget(&table, more[i], 1);
}
END_TEST

/* Threads look up, use and forget the same few files. */
#define THREADS 6
#define ROUNDS 4000

static void *
thread_main(void *arg)
{
	unsigned seed = (unsigned)(uintptr_t)arg;
	struct stat st;
	char name[16];
	uint64_t id;
	int i, fd;

	for (i = 0; i < ROUNDS; i++) {
		snprintf(name, sizeof(name), "f%d", rand_r(&seed) % 20);
		fd = openat(dir_fd, name, O_PATH | O_CLOEXEC);
		if (fd == -1 || fstat(fd, &st) != 0 ||
		    inode_enter(&table, fd, &st, &id) != 0 ||
		    is_on(id, &st) != 0)
			abort();
		inode_forget(&table, id, 1);
	}
	return NULL;
}

START_TEST(threads_share_it)
{
	pthread_t thread[THREADS];
	char name[16];
	size_t i;

	for (i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "f%zu", i);
		make(name);
	}
	for (i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL,
		    thread_main, (void *)(i + 1)), 0);
	for (i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	ck_assert_uint_eq(inode_table_used(&table), 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("inode");
	TCase *tc = tcase_create("table"), *few = tcase_create("few");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, one_file_is_one_node);
	tcase_add_test(tc, root_stays);
	tcase_add_test(tc, forged_ids_find_nothing);
	tcase_add_test(tc, pin_outlives_forget);
	suite_add_tcase(s, tc);
	tcase_add_checked_fixture(few, setup_small, teardown);
	tcase_set_timeout(few, 60);
	tcase_add_test(few, few_descriptors_for_many_files);
	tcase_add_test(few, no_handles_no_more_nodes);
	tcase_add_test(few, reused_number_is_another_node);
	tcase_add_test(few, threads_share_it);
	suite_add_tcase(s, few);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
