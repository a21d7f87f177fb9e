/* SPDX-License-Identifier: ISC */
/* The built-in client's rows: a good file system passes all of them, in any
 * shape of the stream, and each fault fails the row that is about it. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "emulator/server.h"
#include "tests/memfs.h"
#include "tests/suite.h"

#define REPORT_MAX 65536

static char text[REPORT_MAX];
static int daemon_status;

/* Run "quick" with these arguments against a file system with a fault; the
 * server's exit status.  Its report is in `text`. */
static int
run(enum memfs_fault fault, char *const args[])
{
	static char name[] = "fuset-emulator", work[] = "--workload=quick";
	static char seed[] = "--seed=1", target[] = "/nonexistent";
	char *argv[16] = { name, work, seed };
	int data[2], report[2], argc = 3, status;
	struct options o;
	ssize_t n;
	pid_t pid;

	for (; args != NULL && *args != NULL; args++)
		argv[argc++] = *args;
	argv[argc++] = target;
	ck_assert_int_eq(options_parse(&o, argc, argv), OPTIONS_RUN);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, data), 0);
	ck_assert_int_eq(pipe(report), 0);
	ck_assert_int_ge(pid = fork(), 0);
	if (pid == 0) {
		close(data[0]);
		_exit(memfs_serve(data[1], fault));
	}
	close(data[1]);
	o.report_fd = report[1];
	log_init("emu", LOG_WARN, report[1]);
	status = server_run(&o, data[0], -1);
	close(report[1]);
	n = read(report[0], text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	close(report[0]);
	ck_assert_int_eq(waitpid(pid, &daemon_status, 0), pid);
	return status;
}

#define passes(fault, args)                                            \
	do {                                                           \
		int s_ = run(fault, args);                             \
		ck_assert_msg(s_ == SERVER_FINE, "%d:\n%s", s_, text); \
		ck_assert_int_eq(daemon_status, 0);                    \
		ck_assert_ptr_nonnull(strstr(text, "stream: "));       \
		ck_assert_ptr_nonnull(strstr(text, ", seed 1\n"));     \
	} while (0)

/* Nothing is left behind: no file, no lookup reference. */
START_TEST(good_ones)
{
	static const enum memfs_fault odd[] = { MEMFS_GOOD, MEMFS_NO_CREATE,
		MEMFS_NO_OPEN, MEMFS_NO_FLUSH, MEMFS_REORDERS };

	passes(odd[_i], NULL);
}
END_TEST

START_TEST(all_shapes)
{
	static char fine[] = "--fragment=1-64", head[] = "--fragment=40-40";
	static char many[] = "--coalesce=64", whole[] = "--fragment=none";
	static char slow[] = "--short-writes", big[] = "--rwsize=4096";
	static char old[] = "--minor=12", delay[] = "--delay=10";
	char *args[][4] = { { fine, many, slow }, { head }, { whole, delay },
		{ big }, { old }, { many, slow } };

	passes(_i % 2 == 0 ? MEMFS_GOOD : MEMFS_REORDERS, args[_i]);
}
END_TEST

START_TEST(faults_are_found)
{
	static const struct {
		enum memfs_fault fault;
		const char *line;
	} row[] = {
		{ MEMFS_FLIPS_BYTE,
		    "large-1048576: other contents, first at byte 500000" },
		{ MEMFS_READS_SHORT,
		    "large-1048576: ends at byte 100000 of "
		    "1048576" },
		{ MEMFS_WRITES_SHORT, "WRITE to large-65536: error 5 EIO" },
		{ MEMFS_GROWS, "large-65536: longer than 65536 bytes" },
		{ MEMFS_REFUSES_SIZE,
		    "truncate an open file: SETATTR of "
		    "size 5 on the handle: error 22 EINVAL" },
		{ MEMFS_IGNORES_SIZE,
		    "truncate an open file: SETATTR of "
		    "size 5 answers 26" },
		{ MEMFS_APPEND_LOST,
		    "append from two handles: other "
		    "contents" },
		{ MEMFS_RENAME_KEEPS,
		    "rename: LOOKUP of old, which is "
		    "gone" },
		{ MEMFS_RENAME_REFUSES,
		    "rename over a file: RENAME of "
		    "winner over loser: error 17 EEXIST" },
		{ MEMFS_UNLINK_KEEPS,
		    "delete, 1.049 MB: LOOKUP of "
		    "large-1048576, which is gone" },
		{ MEMFS_NAME_TWICE, "readdir: READDIR gives 6" },
		{ MEMFS_NAME_MISSING, "readdir: READDIR gives 5" },
		{ MEMFS_FORGETS_ALL, "forget: LOOKUP of" },
		{ MEMFS_NO_STATFS, "statfs: STATFS: error 5 EIO" },
	};

	ck_assert_int_eq(run(row[_i].fault, NULL), SERVER_ROWS_FAILED);
	ck_assert_msg(strstr(text, row[_i].line) != NULL, "no \"%s\" in\n%s",
	    row[_i].line, text);
	ck_assert_ptr_nonnull(strstr(text, "FAIL "));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("workload");
	TCase *t = tcase_create("rows");

	tcase_add_loop_test(t, good_ones, 0, 5);
	tcase_add_loop_test(t, all_shapes, 0, 6);
	tcase_add_loop_test(t, faults_are_found, 0, 14);
	suite_add_tcase(suite, t);
	return suite_run(suite);
}
