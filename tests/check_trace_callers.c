/* SPDX-License-Identifier: ISC */
/* F60: callers' names: after an exec, of threads, of who is gone; without
 * descriptors. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/suite.h"
#include "trace/caller.h"

#define CHILDREN 20
#define REUSE_TRIES 200

static struct caller_cache *cache;

static void
setup(void)
{
	ck_assert_ptr_nonnull(cache = caller_cache_new());
}

static void
teardown(void)
{
	caller_cache_free(cache);
}

/* Its name is this one, and news; or with NULL it is not. */
static void
must_be(uint32_t pid, enum caller_waits waits, const char *want,
    int want_doubt)
{
	char name[CALLER_NAME_MAX] = "";
	int doubt;
	size_t n = caller_news(cache, pid, waits, name, &doubt);

	if (want == NULL)
		ck_assert_uint_eq(n, 0);
	else
		ck_assert_str_eq(name, want);
	ck_assert_uint_eq(n, want != NULL ? strlen(want) : 0);
	ck_assert_int_eq(doubt, want_doubt);
}

static pid_t
child_start(const char *name)
{
	pid_t pid;
	int p[2];
	char c;

	ck_assert_int_eq(pipe(p), 0);
	if ((pid = fork()) == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		prctl(PR_SET_NAME, name);
		close(p[1]);
		for (;;)
			pause();
	}
	ck_assert_int_ne(pid, -1);
	close(p[1]);
	/* (It has its name when it has closed its end, or was killed.) */
	while (read(p[0], &c, 1) == -1 && errno == EINTR)
		;
	close(p[0]);
	return pid;
}

static void
child_end(pid_t pid)
{
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

START_TEST(f60_another_name_is_seen_at_once)
{
	uint32_t pid = (uint32_t)getpid();

	prctl(PR_SET_NAME, "first name");
	must_be(pid, CALLER_WAITS, "first name", 0);
	must_be(pid, CALLER_WAITS, NULL, 0);
	prctl(PR_SET_NAME, "a longest name.");
	must_be(pid, CALLER_WAITS, "a longest name.", 0);
	must_be(pid, CALLER_WAITS, NULL, 0);
	prctl(PR_SET_NAME, "kworker/1:2+loo");
	must_be(pid, CALLER_WAITS, "kworker/1:2", 0);
	must_be(0, CALLER_WAITS, NULL, 0);
	must_be(UINT32_MAX, CALLER_WAITS, NULL, 1);
}
END_TEST

/* It read ahead, or closed a file, and was another program then. */
START_TEST(f60_who_does_not_wait_is_doubted)
{
	uint32_t pid = (uint32_t)getpid();

	prctl(PR_SET_NAME, "shell");
	must_be(pid, CALLER_WAITS, "shell", 0);
	must_be(pid, CALLER_MAY_WAIT, NULL, 0);
	prctl(PR_SET_NAME, "program");
	must_be(pid, CALLER_LEFT, NULL, 1);
	must_be(pid, CALLER_MAY_WAIT, "program", 1);
	must_be(pid, CALLER_MAY_WAIT, NULL, 1);
	must_be(pid, CALLER_WAITS, NULL, 0);
	must_be(pid, CALLER_MAY_WAIT, NULL, 0);
	must_be(pid, CALLER_LEFT, NULL, 1);
}
END_TEST

START_TEST(f60_unknown_and_gone_already)
{
	uint32_t pid = (uint32_t)child_start("passer-by");

	must_be(pid, CALLER_LEFT, "passer-by", 1);
	must_be(pid, CALLER_WAITS, NULL, 0);
	child_end((pid_t)pid);
	must_be(pid, CALLER_WAITS, NULL, 1);
	must_be(pid, CALLER_LEFT, NULL, 1);
	ck_assert_uint_eq(caller_files(cache), 0);
}
END_TEST

static int thread_in[2], thread_out[2];

static void *
thread_main(void *arg)
{
	uint32_t tid = (uint32_t)syscall(SYS_gettid);
	char c;

	(void)arg;
	prctl(PR_SET_NAME, "a thread");
	ck_assert_int_eq(write(thread_out[1], &tid, sizeof(tid)), sizeof(tid));
	ck_assert_int_eq(read(thread_in[0], &c, 1), 0);
	return NULL;
}

START_TEST(f60_threads_have_names_of_their_own)
{
	pthread_t thread;
	uint32_t tid;

	ck_assert_int_eq(pipe(thread_in), 0);
	ck_assert_int_eq(pipe(thread_out), 0);
	prctl(PR_SET_NAME, "a process");
	ck_assert_int_eq(pthread_create(&thread, NULL, thread_main, NULL), 0);
	ck_assert_int_eq(read(thread_out[0], &tid, sizeof(tid)), sizeof(tid));
	must_be(tid, CALLER_WAITS, "a thread", 0);
	must_be((uint32_t)getpid(), CALLER_WAITS, "a process", 0);
	close(thread_in[1]);
	pthread_join(thread, NULL);
	/* (It is joined a moment before the kernel has ended it.) */
	while (syscall(SYS_tgkill, getpid(), tid, 0) == 0)
		sched_yield();
	must_be(tid, CALLER_WAITS, NULL, 1);
}
END_TEST

/* Let the next process have this number.  0: we may not. */
static int
next_pid(pid_t pid)
{
	FILE *f = fopen("/proc/sys/kernel/ns_last_pid", "w");

	if (f == NULL)
		return 0;
	fprintf(f, "%ld", (long)pid - 1);
	return fclose(f) == 0;
}

START_TEST(f60_a_number_that_another_has_now)
{
	pid_t pid = child_start("the first"), other = -1;
	int tries = 0;

	must_be((uint32_t)pid, CALLER_WAITS, "the first", 0);
	child_end(pid);
	while (other != pid && tries++ < REUSE_TRIES && next_pid(pid)) {
		if (other != -1)
			child_end(other);
		other = child_start("the second");
	}
	if (other == pid)
		must_be((uint32_t)pid, CALLER_WAITS, "the second", 0);
	if (other != -1)
		child_end(other);
}
END_TEST

/* Few descriptors are open; one of ours goes where none is left. */
START_TEST(f60_few_files_are_open)
{
	const struct rlimit few = { 64, 64 };
	pid_t pid[CHILDREN];
	char name[16];
	int i, n = 0, full[64];

	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	teardown();
	setup();
	for (i = 0; i < CHILDREN; i++) {
		snprintf(name, sizeof(name), "child %d", i);
		pid[i] = child_start(name);
		/* Before as many are open as may be. */
		while (i == 4 && (full[n] = dup(0)) != -1)
			n++;
		must_be((uint32_t)pid[i], CALLER_WAITS, name, 0);
		ck_assert_uint_le(caller_files(cache), 8);
		while (i == 4 && n > 0)
			close(full[--n]);
	}
	ck_assert_uint_eq(caller_files(cache), 8);
	for (i = 0; i < CHILDREN; i++)
		must_be((uint32_t)pid[i], CALLER_WAITS, NULL, 0);
	for (i = 0; i < CHILDREN; i++)
		child_end(pid[i]);
}
END_TEST

/* A leak checker, which _exit() would call, can't look into a process that has
 * another namespace for numbers than /proc. */
static void
leave(int status)
{
	syscall(SYS_exit_group, status);
}

/* Numbers of another namespace are not looked up in ours. */
START_TEST(f60_no_names_of_strangers)
{
	pid_t pid, other;
	int status = 0;

	if ((pid = fork()) == 0) {
		if (syscall(SYS_unshare, 0x20000000 /* CLONE_NEWPID */) == -1)
			_exit(0); /* (we may not) */
		if ((other = fork()) == 0) {
			setup();
			must_be(1, CALLER_WAITS, NULL, 0);
			teardown();
			leave(0);
		}
		waitpid(other, &status, 0);
		leave(status != 0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("trace_callers");
	TCase *tc = tcase_create("callers");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, f60_another_name_is_seen_at_once);
	tcase_add_test(tc, f60_who_does_not_wait_is_doubted);
	tcase_add_test(tc, f60_unknown_and_gone_already);
	tcase_add_test(tc, f60_threads_have_names_of_their_own);
	tcase_add_test(tc, f60_a_number_that_another_has_now);
	tcase_add_test(tc, f60_few_files_are_open);
	tcase_add_test(tc, f60_no_names_of_strangers);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
