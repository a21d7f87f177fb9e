/* SPDX-License-Identifier: ISC */
/*
 * Nodes that are found again by their names: right after every change that
 * the mount made, and never on another file after one that others made.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "inode_bed.h"
#include "inode_own.h"
#include "tests/suite.h"

#define FDS_MAX 8

static void
setup(void)
{
	bed_setup(FDS_MAX);
	bed_no_handles();
}

/* Looks at files of its own until no other node has a descriptor. */
static void
others_give_up(void)
{
	struct stat st;
	char name[32];
	uint64_t id[FDS_MAX + 4];
	size_t i, n = sizeof(id) / sizeof(id[0]);

	for (i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "other-%zu", i);
		bed_make(name);
		id[i] = bed_look(name, &st);
	}
	for (i = 0; i < n; i++)
		inode_forget(&bed_table, id[i], 1);
}

static void
directory(const char *path)
{
	ck_assert_int_eq(mkdirat(bed_dir_fd, path, 0700), 0);
}

static void
moved(const char *from, const char *to)
{
	ck_assert_int_eq(renameat(bed_dir_fd, from, bed_dir_fd, to), 0);
}

/* A node as the mount's operations hold it. */
static struct inode *
hold(const char *path)
{
	int fd = openat(bed_dir_fd, path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fstat(fd, &st), 0);
	return inode_hold(&bed_table, fd, &st);
}

static struct inode *
borrow(uint64_t id)
{
	struct inode *in;

	ck_assert_int_eq(inode_get(&bed_table, id, &in), 0);
	return in;
}

START_TEST(ways_are_walked)
{
	struct stat a_st, b_st, f_st;
	uint64_t a, b, f;

	directory("a");
	directory("a/b");
	bed_make("a/b/f");
	a = bed_look("a", &a_st);
	b = bed_look_below(a, "b", &b_st);
	f = bed_look_below(b, "f", &f_st);
	others_give_up();
	ck_assert_int_eq(bed_is_on(f, &f_st), 0);
	others_give_up();
	ck_assert_int_eq(bed_is_on(b, &b_st), 0);
	ck_assert_int_eq(bed_is_on(a, &a_st), 0);
	ck_assert_int_eq(bed_is_on(f, &f_st), 0);
	/* Without the directory there is no way. */
	inode_forget(&bed_table, b, 1);
	ck_assert_int_eq(bed_is_on(f, &f_st), 0);
	others_give_up();
	ck_assert_int_eq(bed_is_on(f, &f_st), ESTALE);
	/* The next look finds the same node, and a new way to it. */
	b = bed_look_below(a, "b", &b_st);
	ck_assert_uint_eq(bed_look_below(b, "f", &f_st), f);
	others_give_up();
	ck_assert_int_eq(bed_is_on(f, &f_st), 0);
	inode_forget(&bed_table, f, 2);
	inode_forget(&bed_table, b, 1);
	inode_forget(&bed_table, a, 1);
}
END_TEST

/* However it is changed by others: right or stale. */
START_TEST(others_changes_are_seen)
{
	struct stat st;
	uint64_t d, f;

	directory("d");
	bed_make("d/f");
	bed_make("g");
	d = bed_look("d", &st);
	f = bed_look_below(d, "f", &st);
	others_give_up();
	switch (_i) {
	case 0:
		ck_assert_int_eq(unlinkat(bed_dir_fd, "d/f", 0), 0);
		break;
	case 1:
		moved("d/f", "h");
		break;
	case 2:
		moved("g", "d/f");
		break;
	case 3:
		moved("d", "e");
		break;
	case 4:
		moved("d", "e");
		directory("d");
		bed_make("d/f");
		break;
	case 5:
		moved("d", "e");
		ck_assert_int_eq(symlinkat("e", bed_dir_fd, "d"), 0);
		break;
	default:
		/* The directory is another, the file in it the same. */
		moved("d", "e");
		directory("d");
		moved("e/f", "d/f");
	}
	ck_assert_int_eq(bed_is_on(f, &st), ESTALE);
	inode_forget(&bed_table, f, 1);
	inode_forget(&bed_table, d, 1);
}
END_TEST

/* The same name and the same inode number, but a younger file. */
START_TEST(reused_number_under_the_name)
{
	struct stat st, now;
	uint64_t f;
	int i;

	bed_make("f");
	f = bed_look("f", &st);
	others_give_up();
	for (i = 0; i < 50; i++) {
		ck_assert_int_eq(unlinkat(bed_dir_fd, "f", 0), 0);
		bed_make("f");
		ck_assert_int_eq(fstatat(bed_dir_fd, "f", &now, 0), 0);
		ck_assert_int_eq(bed_is_on(f, &st), ESTALE);
		if (now.st_ino == st.st_ino)
			break;
	}
	inode_forget(&bed_table, f, 1);
}
END_TEST

START_TEST(renamed_node_is_found)
{
	struct stat f_st, d_st;
	struct inode *in, *to;
	uint64_t d, f;

	directory("d");
	bed_make("f");
	d = bed_look("d", &d_st);
	f = bed_look("f", &f_st);
	others_give_up();
	in = hold("f");
	ck_assert_ptr_nonnull(in);
	moved("f", "d/g");
	/* In between it stays on its descriptor. */
	others_give_up();
	ck_assert_int_eq(bed_is_on(f, &f_st), 0);
	to = borrow(d);
	inode_settle(&bed_table, in, to, "g");
	inode_put(&bed_table, to);
	others_give_up();
	ck_assert_int_eq(bed_is_on(f, &f_st), 0);
	/* A directory takes what is in it along. */
	in = hold("d");
	moved("d", "e");
	inode_settle(&bed_table, in, bed_root(), "e");
	others_give_up();
	ck_assert_int_eq(bed_is_on(f, &f_st), 0);
	ck_assert_int_eq(bed_is_on(d, &d_st), 0);
	inode_forget(&bed_table, f, 1);
	inode_forget(&bed_table, d, 1);
}
END_TEST

START_TEST(removed_node_keeps_its_file)
{
	struct stat st;
	struct inode *in;
	uint64_t f;

	bed_make("f");
	ck_assert_ptr_null(hold("f"));
	f = bed_look("f", &st);
	others_give_up();
	in = hold("f");
	ck_assert_ptr_nonnull(in);
	ck_assert_int_eq(unlinkat(bed_dir_fd, "f", 0), 0);
	inode_settle(&bed_table, in, NULL, NULL);
	others_give_up();
	ck_assert_int_eq(bed_is_on(f, &st), 0);
	while (inode_spare(&bed_table))
		;
	ck_assert_int_eq(bed_is_on(f, &st), 0);
	bed_make("f");
	ck_assert_uint_ne(bed_look("f", &st), f);
	inode_forget(&bed_table, f, 1);
	f = bed_look("f", &st);
	inode_forget(&bed_table, f, 2);
}
END_TEST

/* A removal that failed leaves it where it was. */
START_TEST(settled_where_it_was)
{
	struct stat st;
	uint64_t f;

	bed_make("f");
	f = bed_look("f", &st);
	inode_settle(&bed_table, hold("f"), bed_root(), "f");
	others_give_up();
	ck_assert_uint_le(inode_own_fds(&bed_table), FDS_MAX);
	ck_assert_int_eq(bed_is_on(f, &st), 0);
	inode_forget(&bed_table, f, 1);
}
END_TEST

/* Changes outside made the ways go round; there is no end to walk to. */
START_TEST(circle_is_stale)
{
	struct stat a_st, b_st;
	struct inode *in;
	uint64_t a, b;

	directory("a");
	directory("a/b");
	a = bed_look("a", &a_st);
	b = bed_look_below(a, "b", &b_st);
	moved("a/b", "b");
	moved("a", "b/a");
	in = borrow(b);
	inode_settle(&bed_table, borrow(a), in, "a");
	inode_put(&bed_table, in);
	others_give_up();
	ck_assert_int_eq(bed_is_on(a, &a_st), ESTALE);
	ck_assert_int_eq(bed_is_on(b, &b_st), ESTALE);
	/* The next look at one of them opens the circle. */
	ck_assert_uint_eq(bed_look("b", &b_st), b);
	others_give_up();
	ck_assert_int_eq(bed_is_on(a, &a_st), 0);
	inode_forget(&bed_table, a, 1);
	inode_forget(&bed_table, b, 2);
}
END_TEST

#define DEPTH 1000

START_TEST(deep_ways)
{
	struct stat st;
	uint64_t id[DEPTH];
	struct inode *in;
	int i, r;

	for (i = 0; i < DEPTH; i++) {
		in = borrow(i == 0 ? INODE_ROOT : id[i - 1]);
		r = mkdirat(in->fd, "d", 0700);
		inode_put(&bed_table, in);
		ck_assert_int_eq(r, 0);
		id[i] = bed_look_below(i == 0 ? INODE_ROOT : id[i - 1], "d",
		    &st);
	}
	others_give_up();
	ck_assert_int_eq(bed_is_on(id[DEPTH - 1], &st), 0);
	ck_assert_uint_le(inode_own_fds(&bed_table), FDS_MAX + 2);
	bed_fds_count_check(30);
	for (i = 0; i < DEPTH; i++)
		inode_forget(&bed_table, id[i], 1);
}
END_TEST

/*
 * Threads rename, each its own file between two directories, and all look
 * at all of them: every node is on its file at any time.
 */
#define THREADS 6
#define ROUNDS 2000

static uint64_t node[THREADS], dirs[2];
static struct stat node_st[THREADS];

static void *
thread_main(void *arg)
{
	unsigned me = (unsigned)(uintptr_t)arg, seed = me + 1, other;
	char at[2][16], name[16];
	struct inode *in, *to;
	int i, side = 0;

	snprintf(name, sizeof(name), "f%u", me);
	snprintf(at[0], sizeof(at[0]), "d0/f%u", me);
	snprintf(at[1], sizeof(at[1]), "d1/f%u", me);
	for (i = 0; i < ROUNDS; i++) {
		other = (unsigned)rand_r(&seed) % THREADS;
		if (bed_is_on(node[other], &node_st[other]) != 0)
			abort();
		if (i % 4 != 0)
			continue;
		if ((in = hold(at[side])) == NULL ||
		    renameat(bed_dir_fd, at[side], bed_dir_fd, at[!side]) !=
			0 ||
		    inode_get(&bed_table, dirs[!side], &to) != 0)
			abort();
		inode_settle(&bed_table, in, to, name);
		inode_put(&bed_table, to);
		side = !side;
	}
	return NULL;
}

START_TEST(threads_rename)
{
	pthread_t thread[THREADS];
	char path[16];
	struct stat st;
	size_t i;

	inode_own_set_fds_max(&bed_table, 2);
	directory("d0");
	directory("d1");
	dirs[0] = bed_look("d0", &st);
	dirs[1] = bed_look("d1", &st);
	for (i = 0; i < THREADS; i++) {
		snprintf(path, sizeof(path), "d0/f%zu", i);
		bed_make(path);
		node[i] = bed_look_below(dirs[0], path + 3, &node_st[i]);
	}
	for (i = 0; i < THREADS; i++)
		ck_assert_int_eq(
		    pthread_create(&thread[i], NULL, thread_main, (void *)i),
		    0);
	for (i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	for (i = 0; i < THREADS; i++)
		inode_forget(&bed_table, node[i], 1);
	inode_forget(&bed_table, dirs[0], 1);
	inode_forget(&bed_table, dirs[1], 1);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("inode_walk");
	TCase *tc = tcase_create("walk");

	tcase_add_checked_fixture(tc, setup, bed_teardown);
	tcase_add_test(tc, ways_are_walked);
	tcase_add_loop_test(tc, others_changes_are_seen, 0, 7);
	tcase_add_test(tc, reused_number_under_the_name);
	tcase_add_test(tc, renamed_node_is_found);
	tcase_add_test(tc, removed_node_keeps_its_file);
	tcase_add_test(tc, settled_where_it_was);
	tcase_add_test(tc, circle_is_stale);
	tcase_add_test(tc, deep_ways);
	tcase_add_test(tc, threads_rename);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
