/* SPDX-License-Identifier: ISC */
/* How a program is started, and what of ours is not in its way. */
#include <check.h>
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attach/child.h"
#include "tests/suite.h"

static int handled; /* a pipe's end for the handler to write to */

static void
handler(int sig)
{
	char byte = (char)sig;
	ssize_t n = write(handled, &byte, 1);

	(void)n;
}

static const char *
raises(void *arg, int sock)
{
	(void)sock;
	raise(*(int *)arg);
	return NULL;
}

/* Ctrl-C reaches the child before it has become the program: that is not
 * another signal to us, and the program is not started with it lost. */
START_TEST(f26_signal_before_the_program_runs)
{
	static const int sigs[] = { SIGINT, SIGTERM, SIGHUP, SIGUSR1 };
	static char name[] = "true", *argv[] = { name, NULL };
	int sig = sigs[_i], p[2], fd, status;
	const char *step;
	pid_t pid;
	char byte;

	ck_assert_int_eq(pipe(p), 0);
	handled = p[1];
	signal(sig, handler);
	ck_assert_int_eq(child_start(&pid, argv, raises, &sig, &fd, &step),
	    E_OK);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == sig);
	/* our own handler is there still */
	raise(sig);
	close(p[1]);
	ck_assert_int_eq(read(p[0], &byte, 1), 1);
	ck_assert_int_eq(read(p[0], &byte, 1), 0);
	close(p[0]);
	signal(sig, SIG_DFL);
}
END_TEST

/* What we were told to ignore stays ignored, but for SIGPIPE, which is our
 * own affair. */
START_TEST(ignored_signals)
{
	static char sh[] = "sh", c[] = "-c",
		    text[] = "kill -HUP $$; kill -PIPE $$; exit 3";
	static char *argv[] = { sh, c, text, NULL };
	const char *step;
	int fd, status;
	pid_t pid;

	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	ck_assert_int_eq(child_start(&pid, argv, NULL, NULL, &fd, &step),
	    E_OK);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE);
}
END_TEST

static const char *
fails(void *arg, int sock)
{
	(void)arg;
	(void)sock;
	errno = EXDEV;
	return "a step";
}

START_TEST(failure_is_told)
{
	static char absent[] = "/nonexistent/program";
	static char *argv[] = { absent, NULL };
	const char *step;
	pid_t pid;
	int fd;

	ck_assert_int_eq(child_start(&pid, argv, NULL, NULL, &fd, &step),
	    E_SYS);
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_str_eq(step, "exec");
	ck_assert_int_eq(child_start(&pid, argv, fails, NULL, &fd, &step),
	    E_SYS);
	ck_assert_int_eq(errno, EXDEV);
	ck_assert_str_eq(step, "a step");
	ck_assert_int_eq(pid, -1);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("child");
	TCase *tc = tcase_create("child");

	tcase_add_loop_test(tc, f26_signal_before_the_program_runs, 0, 4);
	tcase_add_test(tc, ignored_signals);
	tcase_add_test(tc, failure_is_told);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
