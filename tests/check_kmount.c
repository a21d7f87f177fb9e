/* SPDX-License-Identifier: ISC */
/* Mount options as text, and the talk with fusermount3. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kmount/helper.h"
#include "kmount/kmount.h"
#include "kmount/optlist.h"
#include "tests/suite.h"

static struct optlist o;
static char out[OPTLIST_MAX];

static int
parse(const char *options)
{
	struct mount_request s = { .source = "src",
		.target = "/m",
		.type = "fuse.sub",
		.flags = MS_NOSUID | MS_NODEV,
		.options = options };

	return optlist_parse(&o, &s);
}

START_TEST(kernel_options)
{
	ck_assert_int_eq(parse("fd=9,ro,dev,allow_other,max_read=4096"), E_OK);
	ck_assert_uint_eq(o.flags, MS_NOSUID | MS_RDONLY);
	ck_assert_int_eq(optlist_kernel(&o, out, 040000, 10, 20), E_OK);
	ck_assert_str_eq(out,
	    "rootmode=40000,user_id=10,group_id=20,"
	    "allow_other,max_read=4096");
	ck_assert_int_eq(parse("rootmode=100000,user_id=1,group_id=2,fd=9"),
	    E_OK);
	ck_assert_int_eq(optlist_kernel(&o, out, 040000, 10, 20), E_OK);
	ck_assert_str_eq(out, "rootmode=100000,user_id=1,group_id=2");
	ck_assert_int_eq(parse(NULL), E_OK);
	ck_assert_int_eq(optlist_kernel(&o, out, 040000, 0, 0), E_OK);
	ck_assert_str_eq(out, "rootmode=40000,user_id=0,group_id=0");
}
END_TEST

START_TEST(helper_options)
{
	ck_assert_int_eq(
	    parse("fd=9,rootmode=40000,user_id=1,group_id=2,"
		  "allow_other,auto_unmount,,fsname=a\\,b\\\\c,subtype=x"),
	    E_OK);
	ck_assert_str_eq(o.source, "a,b\\c");
	ck_assert_str_eq(o.type, "fuse.x");
	ck_assert_int_eq(optlist_helper(&o, out), E_OK);
	ck_assert_str_eq(out,
	    "nosuid,nodev,fsname=a\\,b\\\\c,subtype=x,"
	    "auto_unmount,allow_other");
	/* The kernel knows nothing of the helper's own option. */
	ck_assert_int_eq(optlist_kernel(&o, out, 040000, 0, 0), E_OK);
	ck_assert_ptr_null(strstr(out, "auto_unmount"));
}
END_TEST

START_TEST(wrong_options)
{
	struct mount_request s = { .target = "/m", .type = "fuseblk" };
	char *big = malloc(2 * OPTLIST_MAX);

	ck_assert_int_eq(parse("max_read=1\\,allow_other"), E_VALUE);
	ck_assert_int_eq(parse("fsname="), E_VALUE);
	ck_assert_int_eq(optlist_parse(&o, &s), E_OK);
	ck_assert_int_eq(optlist_helper(&o, out), E_UNSUP);
	memset(big, 'x', 2 * OPTLIST_MAX);
	big[2 * OPTLIST_MAX - 1] = '\0';
	ck_assert_int_eq(parse(big), E_BIG);
	/* It fits by itself, but not with what is added. */
	big[OPTLIST_MAX - 10] = '\0';
	ck_assert_int_eq(parse(big), E_OK);
	ck_assert_int_eq(optlist_kernel(&o, out, 040000, 0, 0), E_BIG);
	ck_assert_int_eq(optlist_helper(&o, out), E_BIG);
	/* A backslash at the end protects nothing. */
	ck_assert_int_eq(parse("fsname=a\\"), E_OK);
	ck_assert_str_eq(o.source, "a\\");
	free(big);
}
END_TEST

/* A helper of ours in PATH, a shell script. */
static char dir[] = "/tmp/check_kmount.XXXXXX";
static char path[64], args[64];

static void
helper_make(const char *body)
{
	FILE *f;

	strcpy(dir, "/tmp/check_kmount.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/fusermount3", dir);
	snprintf(args, sizeof(args), "%s/args", dir);
	ck_assert_ptr_nonnull(f = fopen(path, "w"));
	fprintf(f, "#!/bin/sh\necho \"$@\" >%s\n%s\n", args, body);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(chmod(path, 0755), 0);
	ck_assert_int_eq(setenv("PATH", dir, 1), 0);
}

static void
helper_saw(const char *want)
{
	char line[512];
	FILE *f = fopen(args, "r");

	ck_assert_ptr_nonnull(f);
	ck_assert_ptr_nonnull(fgets(line, sizeof(line), f));
	fclose(f);
	ck_assert_str_eq(line, want);
	unlink(args);
	unlink(path);
	rmdir(dir);
}

static int
helper_run(const struct mount_request *s, int *dev)
{
	struct kmount_helper h;
	struct pollfd p;
	int r;

	ck_assert_int_eq(kmount_helper_start(&h, s, -1), E_OK);
	p.fd = h.comm;
	p.events = POLLIN;
	ck_assert_int_eq(poll(&p, 1, SUITE_PATIENCE_MS), 1);
	r = kmount_helper_take(&h, dev);
	ck_assert_int_eq(waitpid(h.pid, NULL, 0), h.pid);
	h.pid = -1;
	kmount_helper_fini(&h);
	return r;
}

/* It says no: nothing comes over the socket. */
START_TEST(helper_refuses)
{
	struct mount_request s = { .source = "x",
		.target = "/m",
		.options = "allow_other" };
	int dev;

	helper_make("exit 1");
	ck_assert_int_eq(helper_run(&s, &dev), E_EOF);
	ck_assert_int_eq(dev, -1);
	helper_saw("-o fsname=x,allow_other -- /m\n");
}
END_TEST

/* A byte without a descriptor is not an answer. */
START_TEST(helper_without_device)
{
	struct mount_request s = { .target = "/m" };
	int dev;

	helper_make("eval \"echo x >&$_FUSE_COMMFD\"");
	ck_assert_int_eq(helper_run(&s, &dev), E_PROTO);
	ck_assert_int_eq(dev, -1);
	helper_saw("-o fsname=fuse -- /m\n");
}
END_TEST

/* Nothing is mounted here, and umount2() says so. */
START_TEST(unmount_nothing)
{
	int r = kmount_unmount("/nonexistent", 1, 1000);

	ck_assert_int_ne(r, E_OK);
}
END_TEST

START_TEST(direct_fails)
{
	struct mount_request s = { .target = "/nonexistent" };
	int dev = -1;

	ck_assert_int_eq(kmount_direct(&s, &dev), E_SYS);
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_int_eq(dev, -1);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("kmount");
	TCase *t = tcase_create("kmount");

	tcase_add_test(t, kernel_options);
	tcase_add_test(t, helper_options);
	tcase_add_test(t, wrong_options);
	tcase_add_test(t, helper_refuses);
	tcase_add_test(t, helper_without_device);
	tcase_add_test(t, unmount_nothing);
	tcase_add_test(t, direct_fails);
	suite_add_tcase(suite, t);
	return suite_run(suite);
}
