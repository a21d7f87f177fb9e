/* SPDX-License-Identifier: ISC */
#include "attach/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <sys/socket.h>
#include <unistd.h>

#include "base/fdpass.h"
#include "base/file.h"
#include "base/fork.h"
#include "base/nosignal.h"

#define STEP_EXEC "exec"

/* What a child that fails says before it exits. */
struct child_word {
	int num; /* errno */
	char step[60];
};

int
child_send_fd(int sock, int fd)
{
	return fdpass_send(sock, "", 1, &fd, 1) == E_OK ? 0 : -1;
}

/* One message: a descriptor (1), the child's last word (2), the end (0). */
static int
child_hear(int sock, struct child_word *word, int *fd)
{
	int fds[FDPASS_MAX];
	size_t n;
	ssize_t got = fdpass_receive(sock, word, sizeof(*word), 0, fds, &n);

	if (n > 0) {
		file_close(fd);
		*fd = fds[0];
		return 1;
	}
	return got == (ssize_t)sizeof(*word) ? 2 : 0;
}

__attribute__((noreturn)) static void
child_run(int sock, char *const argv[], child_setup *setup, void *arg)
{
	struct child_word word = { 0, "" };
	const char *step = NULL;

#ifdef PR_SET_PDEATHSIG
	/* Should the relay be killed, nothing of it shall stay. */
	prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
#endif
	if (setup != NULL)
		step = setup(arg, sock);
	if (step == NULL) {
		execvp(argv[0], argv);
		step = STEP_EXEC;
	}
	word.num = errno;
	strncpy(word.step, step, sizeof(word.step) - 1);
	if (send(sock, &word, sizeof(word), MSG_NOSIGNAL) == -1)
		_exit(125);
	_exit(126);
}

int
child_start(pid_t *pid, char *const argv[], child_setup *setup, void *arg,
    int *fd, const char **step)
{
	static struct child_word word;
	int sv[2], status, r;

	*pid = -1;
	*fd = -1;
	*step = "socketpair";
	/* A descriptor ends a read by itself, and a word is one write. */
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, sv) == -1)
		return E_SYS;
	*step = "fork";
	if (fcntl(sv[0], F_SETFD, FD_CLOEXEC) == -1 ||
	    fcntl(sv[1], F_SETFD, FD_CLOEXEC) == -1 ||
	    (*pid = fork_without_handlers()) == -1) {
		close(sv[0]);
		close(sv[1]);
		return E_SYS;
	}
	if (*pid == 0)
		child_run(sv[1], argv, setup, arg);
	close(sv[1]);
	/* The end of the socket without a word is a successful exec. */
	while ((r = child_hear(sv[0], &word, fd)) == 1)
		continue;
	close(sv[0]);
	if (r == 0)
		return E_OK;
	fork_wait(*pid, &status, 0);
	file_close(fd);
	*pid = -1;
	*step = word.step;
	errno = word.num;
	return E_SYS;
}
