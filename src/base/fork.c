/* SPDX-License-Identifier: ISC */
#include "base/fork.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void
fork_reset_handlers(void)
{
	struct sigaction sa;
	int sig;

	for (sig = 1; sig < NSIG; sig++)
		if (sigaction(sig, NULL, &sa) == 0 && sa.sa_handler != SIG_IGN)
			signal(sig, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
}

pid_t
fork_prepared(void (*prepare)(void))
{
	sigset_t all, old;
	int saved;
	pid_t pid;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	pid = fork();
	saved = errno;
	if (pid == 0) {
		prepare();
		sigemptyset(&old);
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
	errno = saved;
	return pid;
}

pid_t
fork_without_handlers(void)
{
	return fork_prepared(fork_reset_handlers);
}

pid_t
fork_wait(pid_t pid, int *status, int options)
{
	pid_t got;

	do
		got = waitpid(pid, status, options);
	while (got == -1 && errno == EINTR);
	return got;
}
