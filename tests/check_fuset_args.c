/* SPDX-License-Identifier: ISC */
/* The command line of FUSE-T's server, as FUSE-T's own libraries build it. */
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "front/fuset_args.h"
#include "tests/suite.h"

static struct fuset_args args;
static struct front_conf conf;
static struct mount_request m;

static void
setup(void)
{
	memset(&conf, 0, sizeof(conf));
	conf.server = "/bin/sh";
	memset(&m, 0, sizeof(m));
	m.source = "source";
	m.type = "fuse";
	m.options = "";
	m.target = "/mnt";
	log_init("check", LOG_ERROR, -1);
	unsetenv("FUSE_NFSSRV_PATH");
}

static void
teardown(void)
{
	fuset_args_free(&args);
}

/* All arguments in order, NULL last. */
static void
expect(const char *first, ...)
{
	const char *want = first;
	size_t i;
	va_list ap;

	ck_assert_int_eq(fuset_args_make(&args, &conf, &m), E_OK);
	va_start(ap, first);
	for (i = 0; want != NULL; i++) {
		ck_assert_uint_lt(i, args.n);
		ck_assert_str_eq(args.argv[i], want);
		want = va_arg(ap, const char *);
	}
	va_end(ap);
	ck_assert_uint_eq(i, args.n);
	ck_assert_ptr_null(args.argv[args.n]);
}

START_TEST(least)
{
	expect("/bin/sh", "/mnt", NULL);
}
END_TEST

START_TEST(order)
{
	char *own[] = { (char *)(uintptr_t) "-l",
		(char *)(uintptr_t) "127.0.0.1:5", NULL };

	conf.server_args = own;
	m.flags = MS_NOATIME | MS_RDONLY;
	m.options = "fd=5,max_read=65536,rootmode=40000";
	expect("/bin/sh", "-l", "127.0.0.1:5", "-r", "--rwsize=65536",
	    "--noatime=true", "/mnt", NULL);
}
END_TEST

START_TEST(flags_one_by_one)
{
	m.flags = MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_SYNCHRONOUS;
	expect("/bin/sh", "/mnt", NULL);
	fuset_args_free(&args);
	m.flags = MS_RDONLY;
	expect("/bin/sh", "-r", "/mnt", NULL);
	fuset_args_free(&args);
	m.flags = MS_NOATIME;
	expect("/bin/sh", "--noatime=true", "/mnt", NULL);
}
END_TEST

START_TEST(max_read_wherever_it_stands)
{
	static const struct {
		const char *options, *want;
	} row[] = {
		{ "max_read=1", "--rwsize=1" },
		{ "a,max_read=22", "--rwsize=22" },
		{ "max_read=33,b", "--rwsize=33" },
		{ "xmax_read=4,max_read=5", "--rwsize=5" },
		{ ",,max_read=6,,", "--rwsize=6" },
		{ "max_read=", NULL },
		{ "max_read", NULL },
		{ "max_readx=7", NULL },
		{ "max_read=1234567890123456789012345678901234567890", NULL },
		{ ",", NULL },
	};

	m.options = row[_i].options;
	if (row[_i].want == NULL)
		expect("/bin/sh", "/mnt", NULL);
	else
		expect("/bin/sh", row[_i].want, "/mnt", NULL);
}
END_TEST

START_TEST(emulator_is_told_the_mount)
{
	conf.pass_options = 1;
	m.type = "fuse.sub";
	m.options = "max_read=10,allow_other";
	m.flags = MS_RDONLY | MS_NOSUID | MS_NODEV;
	expect("/bin/sh",
	    "--mount-options=max_read=10,allow_other,ro,nosuid,"
	    "nodev,fsname=source,subtype=sub",
	    "--mount-status", "-r", "--rwsize=10", "/mnt", NULL);
}
END_TEST

/* A name that would be two options, or half of one, is left out. */
START_TEST(names_that_do_not_fit)
{
	static char longish[4200];
	const char *list;

	conf.pass_options = 1;
	if (_i == 0) {
		m.source = "a,suid";
		m.type = "fuse.x\\";
		m.options = "b";
		expect("/bin/sh", "--mount-options=b", "--mount-status",
		    "/mnt", NULL);
		return;
	}
	memset(longish, 'x', sizeof(longish) - 1);
	longish[4096 - (size_t)_i] = '\0';
	m.options = longish;
	m.flags = MS_RDONLY;
	ck_assert_int_eq(fuset_args_make(&args, &conf, &m), E_OK);
	list = strchr(args.argv[1], '=') + 1;
	ck_assert_int_eq(strncmp(list, longish, strlen(longish)), 0);
	list += strlen(longish);
	ck_assert_msg(*list == '\0' || strcmp(list, ",ro") == 0 ||
		strcmp(list, ",ro,fsname=source") == 0,
	    "cut to '%s'", list);
}
END_TEST

START_TEST(too_many_arguments)
{
	char *own[FUSET_ARGS_MAX + 1];
	size_t i;

	for (i = 0; i < FUSET_ARGS_MAX; i++)
		own[i] = (char *)(uintptr_t) "-d";
	own[FUSET_ARGS_MAX] = NULL;
	conf.server_args = own;
	ck_assert_int_eq(fuset_args_make(&args, &conf, &m), E_FULL);
	fuset_args_free(&args);
	/* Program and mount point leave room for the rest. */
	own[FUSET_ARGS_MAX - 3] = NULL;
	ck_assert_int_eq(fuset_args_make(&args, &conf, &m), E_OK);
	ck_assert_uint_eq(args.n, FUSET_ARGS_MAX - 1);
}
END_TEST

static char home[] = "/tmp/check-fuset.XXXXXX";

static void
home_make(const char *file, mode_t mode)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "mkdir -p '%s/.fuse-t/usr/local/bin'",
	    home);
	ck_assert_int_eq(system(path), 0);
	snprintf(path, sizeof(path), "%s/%s", home, file);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fclose(f);
	ck_assert_int_eq(chmod(path, mode), 0);
}

static void
home_remove(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf '%s'", home);
	ck_assert_int_eq(system(command), 0);
}

/* The one asked for, the variable's, the user's own, the installed one. */
START_TEST(where_the_server_is)
{
	char own[256];
	int r;

	ck_assert_ptr_nonnull(mkdtemp(home));
	home_make(".fuse-t/usr/local/bin/go-nfsv4", 0700);
	home_make("variable", 0700);
	setenv("HOME", home, 1);
	snprintf(own, sizeof(own), "%s/variable", home);
	setenv("FUSE_NFSSRV_PATH", own, 1);
	expect("/bin/sh", "/mnt", NULL);
	fuset_args_free(&args);
	conf.server = NULL;
	expect(own, "/mnt", NULL);
	fuset_args_free(&args);
	unsetenv("FUSE_NFSSRV_PATH");
	snprintf(own, sizeof(own), "%s/.fuse-t/usr/local/bin/go-nfsv4", home);
	expect(own, "/mnt", NULL);
	fuset_args_free(&args);
	home_remove();
	r = access("/usr/local/bin/go-nfsv4", X_OK) == 0 ? E_OK : E_NOTFOUND;
	ck_assert_int_eq(fuset_args_make(&args, &conf, &m), r);
	fuset_args_free(&args);
	unsetenv("HOME");
	ck_assert_int_eq(fuset_args_make(&args, &conf, &m), r);
	fuset_args_free(&args);
	/* What was asked for is not replaced by anything else. */
	conf.server = "/no/such/server";
	ck_assert_int_eq(fuset_args_make(&args, &conf, &m), E_NOTFOUND);
	ck_assert_uint_eq(args.n, 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("fuset_args");
	TCase *tc = tcase_create("fuset_args");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, least);
	tcase_add_test(tc, order);
	tcase_add_test(tc, flags_one_by_one);
	tcase_add_loop_test(tc, max_read_wherever_it_stands, 0, 10);
	tcase_add_test(tc, emulator_is_told_the_mount);
	tcase_add_loop_test(tc, names_that_do_not_fit, 0, 24);
	tcase_add_test(tc, too_many_arguments);
	tcase_add_test(tc, where_the_server_is);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
