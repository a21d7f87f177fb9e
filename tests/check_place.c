/* SPDX-License-Identifier: ISC */
/* Where a caller stands: what its status says, and what is held of it. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "place/place.h"
#include "place/rights.h"
#include "tests/suite.h"

static struct place p;

#define STATUS_HEAD "Name:\tUid:\t9\nUmask:\t0022\n"

START_TEST(f62_status_is_read)
{
	ck_assert_int_eq(
	    rights_parse(STATUS_HEAD
		"Uid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\nFDSize:\t64\n"
		"Groups:\t10 20 4294967294 \nNStgid:\t7\n"
		"CapPrm:\t0000000000000000\nCapEff:\t000001ffffffffff\n",
		&p.rights),
	    E_OK);
	ck_assert_uint_eq(p.rights.ids.uid[0], 1);
	ck_assert_uint_eq(p.rights.ids.uid[3], 4);
	ck_assert_uint_eq(p.rights.ids.gid[1], 6);
	ck_assert_uint_eq(p.rights.ngroups, 3);
	ck_assert_uint_eq(p.rights.groups[2], 4294967294u);
	ck_assert(p.rights.caps == 0x1ffffffffffull);
	ck_assert_int_eq(place_may_mount(&p), 1);
	free(p.rights.groups);
}
END_TEST

START_TEST(f62_no_groups_take_no_other_line)
{
	ck_assert_int_eq(
	    rights_parse("Uid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n"
			 "Groups:\t\n1 2 3\nCapEff:\t0000000000200000\n",
		&p.rights),
	    E_OK);
	ck_assert_uint_eq(p.rights.ngroups, 0);
	ck_assert_int_eq(place_may_mount(&p), 1);
	free(p.rights.groups);
	ck_assert_int_eq(
	    rights_parse("Uid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n"
			 "Groups:\t1 \nCapEff:\tffffffffffdfffff\n",
		&p.rights),
	    E_OK);
	ck_assert_uint_eq(p.rights.ngroups, 1);
	ck_assert_int_eq(place_may_mount(&p), 0);
	free(p.rights.groups);
}
END_TEST

START_TEST(f62_what_is_missing_is_told)
{
	static const char *const bad[] = { "",
		"Uid:\t0\t0\t0\nGid:\t0\t0\t0\t0\nGroups:\t\nCapEff:\t0\n",
		"Gid:\t0\t0\t0\t0\nGroups:\t\nCapEff:\t0\n",
		"Uid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nCapEff:\t0\n",
		"Uid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nGroups:\t\n" };
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_int_eq(rights_parse(bad[i], &p.rights), E_VALUE);
}
END_TEST

START_TEST(f62_descriptors_of_the_caller)
{
	static const struct {
		const char *path;
		int is;
	} rows[] = { { "/proc/self/fd/7", 1 }, { "/dev/fd/0", 1 },
		{ "/proc/thread-self/fd/12", 1 }, { "/proc/self/fd/", 0 },
		{ "/proc/self/fd/7/x", 0 }, { "/proc/self/fd/../7", 0 },
		{ "/proc/self/fd/7777777777", 0 }, { "7", 0 },
		{ "/proc/self/cwd", 0 } };
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(place_is_descriptor(rows[i].path) == rows[i].is,
		    "%s", rows[i].path);
}
END_TEST

/* What "name" leads to from a place that is held, in a child. */
static int
seen_from_place(const char *name)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(place_enter(&p) == E_OK &&
			    faccessat(AT_FDCWD, name, F_OK, 0) == 0 ?
			0 :
			1);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

START_TEST(f62_a_place_is_held)
{
	char dir[] = "/tmp/check_place.XXXXXX", other[64];
	struct place_ns ours;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(chdir(dir), 0);
	ck_assert_int_eq(mkdir("here", 0700), 0);
	ck_assert_int_eq(place_hold(&p, getpid()), E_OK);
	ck_assert_int_eq(p.shares_user, 1);
	ck_assert_int_eq(p.shares_mounts, 1);
	ck_assert_int_eq(place_ns_of(p.proc, &ours), E_OK);
	ck_assert_int_eq(place_ns_same(&ours, &p.mounts), 1);
	/* The directory goes elsewhere, and so do we. */
	snprintf(other, sizeof(other), "%s.moved", dir);
	ck_assert_int_eq(rename(dir, other), 0);
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(seen_from_place("here"), 1);
	ck_assert_int_eq(seen_from_place("not-here"), 0);
	place_let_go(&p);
	ck_assert_int_eq(p.proc, -1);
	ck_assert_int_eq(place_hold(&p, -1), E_SYS);
	snprintf(dir, sizeof(dir), "%s", "");
	ck_assert_int_eq(chdir(other), 0);
	ck_assert_int_eq(rmdir("here"), 0);
	ck_assert_int_eq(rmdir(other), 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("place");
	TCase *t = tcase_create("all");

	tcase_add_test(t, f62_status_is_read);
	tcase_add_test(t, f62_no_groups_take_no_other_line);
	tcase_add_test(t, f62_what_is_missing_is_told);
	tcase_add_test(t, f62_descriptors_of_the_caller);
	tcase_add_test(t, f62_a_place_is_held);
	suite_add_tcase(s, t);
	return suite_run(s);
}
