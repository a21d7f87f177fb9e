/* SPDX-License-Identifier: ISC */
/* The inode table on a directory of real files. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "inode_bed.h"
#include "inode_own.h"
#include "passthrough/beneath.h"
#include "tests/suite.h"

static void
setup(void)
{
	bed_setup(1000);
}

static void
setup_small(void)
{
	bed_setup(8);
}

START_TEST(one_file_is_one_node)
{
	struct stat st;
	uint64_t a, b;

	bed_make("a");
	ck_assert_int_eq(linkat(bed_dir_fd, "a", bed_dir_fd, "b", 0), 0);
	a = bed_look("a", &st);
	b = bed_look("b", &st);
	ck_assert_uint_eq(a, b);
	ck_assert_uint_ne(a, INODE_ROOT);
	inode_forget(&bed_table, a, 1);
	ck_assert_int_eq(bed_is_on(a, &st), 0);
	inode_forget(&bed_table, a, 1);
	ck_assert_int_eq(bed_is_on(a, &st), ESTALE);
}
END_TEST

START_TEST(root_stays)
{
	struct stat st;
	uint64_t id;

	id = bed_look(".", &st);
	ck_assert_uint_eq(id, INODE_ROOT);
	inode_forget(&bed_table, INODE_ROOT, 1000);
	ck_assert_int_eq(bed_is_on(INODE_ROOT, &st), 0);
}
END_TEST

START_TEST(forged_ids_find_nothing)
{
	struct stat st;
	uint64_t id, bit;

	bed_make("a");
	id = bed_look("a", &st);
	ck_assert_int_eq(bed_is_on(0, &st), ESTALE);
	ck_assert_int_eq(bed_is_on(2, &st), ESTALE);
	ck_assert_int_eq(bed_is_on(UINT64_MAX, &st), ESTALE);
	for (bit = 1; bit != 0; bit <<= 1)
		ck_assert_int_eq(bed_is_on(id ^ bit, &st), ESTALE);
	inode_forget(&bed_table, id ^ 1, 1);
	ck_assert_int_eq(bed_is_on(id, &st), 0);
	/* More than there are: all of them, and no wrap. */
	inode_forget(&bed_table, id, UINT64_MAX);
	ck_assert_int_eq(bed_is_on(id, &st), ESTALE);
}
END_TEST

START_TEST(pin_outlives_forget)
{
	struct inode *in;
	struct stat st, now;
	uint64_t id, again;

	bed_make("a");
	id = bed_look("a", &st);
	ck_assert_int_eq(inode_get(&bed_table, id, &in), 0);
	inode_forget(&bed_table, id, 1);
	ck_assert_int_eq(fstat(in->fd, &now), 0);
	/* Looked up again meanwhile, it is the same node and lives on. */
	again = bed_look("a", &st);
	ck_assert_uint_eq(again, id);
	inode_put(&bed_table, in);
	ck_assert_int_eq(bed_is_on(id, &st), 0);
	inode_forget(&bed_table, id, 1);
	ck_assert_uint_eq(inode_table_used(&bed_table), 0);
	again = bed_look("a", &st);
	ck_assert_uint_ne(again, id);
	inode_forget(&bed_table, again, 1);
}
END_TEST

START_TEST(known_node_is_found_without_open)
{
	uint64_t since = inode_table_added(&bed_table), id, same = 0;
	struct stat st, known;

	bed_make("a");
	ck_assert_int_eq(beneath_stat(bed_dir_fd, "none", &st), ENOENT);
	ck_assert_int_eq(beneath_stat(bed_dir_fd, "a", &known), 0);
	ck_assert_int_eq(inode_enter_known(&bed_table, since, &known,
			     bed_root(), "a", &same),
	    EAGAIN);
	id = bed_look("a", &st);
	ck_assert_uint_eq(known.st_dev, st.st_dev);
	ck_assert_uint_eq(known.st_ino, st.st_ino);
	ck_assert_uint_eq(known.st_mode, st.st_mode);
	ck_assert_uint_eq(known.st_nlink, st.st_nlink);
	ck_assert_int_eq(known.st_mtim.tv_nsec, st.st_mtim.tv_nsec);
	/* It may have another number's attributes: added since then. */
	ck_assert_int_eq(inode_enter_known(&bed_table, since, &known,
			     bed_root(), "a", &same),
	    EAGAIN);
	since = inode_table_added(&bed_table);
	ck_assert_int_eq(inode_enter_known(&bed_table, since, &known,
			     bed_root(), "a", &same),
	    0);
	ck_assert_uint_eq(same, id);
	inode_forget(&bed_table, id, 1);
	ck_assert_int_eq(bed_is_on(id, &st), 0);
	inode_forget(&bed_table, id, 1);
	ck_assert_int_eq(bed_is_on(id, &st), ESTALE);
}
END_TEST

/* From here on by file handles (0) and by names (1). */
#define FILES 200

START_TEST(few_descriptors_for_many_files)
{
	struct stat st[FILES];
	uint64_t id[FILES], known;
	char name[16];
	int i, round;

	if (_i == 1)
		bed_no_handles();
	for (i = 0; i < FILES; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		bed_make(name);
		id[i] = bed_look(name, &st[i]);
	}
	bed_fds_count_check(30);
	/* The first gave its descriptor up: its number proves nothing. */
	ck_assert_int_eq(inode_enter_known(&bed_table, UINT64_MAX, &st[0],
			     bed_root(), "f0", &known),
	    EAGAIN);
	for (round = 0; round < 3; round++)
		for (i = 0; i < FILES; i++)
			ck_assert_int_eq(
			    bed_is_on(id[i * 7 % FILES], &st[i * 7 % FILES]),
			    0);
	bed_fds_count_check(30);
	/* A second bed_look finds the same nodes. */
	for (i = 0; i < FILES; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		ck_assert_uint_eq(bed_look(name, &st[i]), id[i]);
		inode_forget(&bed_table, id[i], 2);
	}
	ck_assert_uint_eq(inode_table_used(&bed_table), 0);
}
END_TEST

/* When nearly all nodes are gone, the tables are small again. */
START_TEST(memory_goes_back)
{
	enum {
		MANY = 6000,
		KEPT = 20
	};
	static struct stat st[MANY];
	static uint64_t id[MANY];
	struct stat again;
	char name[16];
	unsigned buckets;
	int i;

	for (i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		bed_make(name);
		id[i] = bed_look(name, &st[i]);
	}
	ck_assert_uint_ge(inode_own_places(&bed_table), MANY);
	buckets = inode_own_buckets(&bed_table);
	for (i = MANY; i-- > KEPT;)
		inode_forget(&bed_table, id[i], 1);
	ck_assert_uint_lt(inode_own_places(&bed_table), MANY / 2);
	ck_assert_uint_lt(inode_own_buckets(&bed_table), buckets);
	for (i = 0; i < KEPT; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		ck_assert_int_eq(bed_is_on(id[i], &st[i]), 0);
		ck_assert_uint_eq(bed_look(name, &again), id[i]);
		inode_forget(&bed_table, id[i], 2);
	}
	ck_assert_int_eq(bed_is_on(INODE_ROOT, &st[0]), -1);
	ck_assert_uint_eq(bed_look(".", &again), INODE_ROOT);
}
END_TEST

/* A node without descriptor is not mistaken for the next file. */
START_TEST(reused_number_is_another_node)
{
	struct stat st, gone, other;
	uint64_t id, more[FILES], next;
	char name[16];
	int i;

	if (_i == 1)
		bed_no_handles();
	bed_make("a");
	id = bed_look("a", &gone);
	for (i = 0; i < 50; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		bed_make(name);
		more[i] = bed_look(name, &st);
	}
	ck_assert_int_eq(unlinkat(bed_dir_fd, "a", 0), 0);
	ck_assert_int_eq(bed_is_on(id, &gone), ESTALE);
	for (i = 50; i < FILES; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		bed_make(name);
		next = bed_look(name, &other);
		ck_assert_uint_ne(next, id);
		ck_assert_int_eq(bed_is_on(next, &other), 0);
		inode_forget(&bed_table, next, 1);
		if (other.st_ino == gone.st_ino)
			break;
	}
	ck_assert_int_eq(bed_is_on(id, &gone), ESTALE);
	inode_forget(&bed_table, id, 1);
	for (i = 0; i < 50; i++)
		inode_forget(&bed_table, more[i], 1);
}
END_TEST

/* Threads bed_look up, use and forget the same few files. */
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
		fd = openat(bed_dir_fd, name, O_PATH | O_CLOEXEC);
		if (fd == -1 || fstat(fd, &st) != 0 ||
		    inode_enter(&bed_table, fd, &st, bed_root(), name, &id) !=
			0 ||
		    bed_is_on(id, &st) != 0)
			abort();
		inode_forget(&bed_table, id, 1);
	}
	return NULL;
}

START_TEST(threads_share_it)
{
	pthread_t thread[THREADS];
	char name[16];
	size_t i;

	if (_i == 1)
		bed_no_handles();
	for (i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "f%zu", i);
		bed_make(name);
	}
	for (i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, thread_main,
				     (void *)(i + 1)),
		    0);
	for (i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	ck_assert_uint_eq(inode_table_used(&bed_table), 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("inode");
	TCase *tc = tcase_create("table"), *few = tcase_create("few");

	tcase_add_checked_fixture(tc, setup, bed_teardown);
	tcase_add_test(tc, one_file_is_one_node);
	tcase_add_test(tc, root_stays);
	tcase_add_test(tc, forged_ids_find_nothing);
	tcase_add_test(tc, pin_outlives_forget);
	tcase_add_test(tc, known_node_is_found_without_open);
	suite_add_tcase(s, tc);
	tcase_add_checked_fixture(few, setup_small, bed_teardown);
	tcase_add_loop_test(few, few_descriptors_for_many_files, 0, 2);
	tcase_add_test(few, memory_goes_back);
	tcase_add_loop_test(few, reused_number_is_another_node, 0, 2);
	tcase_add_loop_test(few, threads_share_it, 0, 2);
	suite_add_tcase(s, few);
	return suite_run(s);
}
