/* SPDX-License-Identifier: ISC */
/*
 * The set-uid helper of libfuse.  It is given one end of a stream socket by
 * number in _FUSE_COMMFD, mounts, and answers with one byte that carries
 * the device; a closed socket without it means no.
 */
#include "kmount/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fdpass.h"
#include "base/file.h"
#include "base/fork.h"
#include "base/program.h"
#include "kmount/optlist.h"

#define HELPER_NAME "fusermount3"
#define HELPER_COMM "_FUSE_COMMFD"

extern char **environ;

/* Find the helper in PATH, then where distributions put it. */
static int
helper_find(char path[PATH_MAX])
{
	if (program_find(path, HELPER_NAME, getenv("PATH")) == E_OK)
		return E_OK;
	return program_find(path, HELPER_NAME, "/usr/bin:/bin:/usr/local/bin");
}

/* Our environment with _FUSE_COMMFD set to fd; freed with free(). */
static char **
helper_env(int fd)
{
	static const char key[] = HELPER_COMM "=";
	size_t i, n, count;
	char **env, *text;

	for (count = 0; environ[count] != NULL;)
		count++;
	env = malloc((count + 2) * sizeof(*env) + 32);
	if (env == NULL)
		return NULL;
	text = (char *)(env + count + 2);
	snprintf(text, 32, "%s%d", key, fd);
	for (i = n = 0; i < count; i++)
		if (strncmp(environ[i], key, sizeof(key) - 1) != 0)
			env[n++] = environ[i];
	env[n++] = text;
	env[n] = NULL;
	return env;
}

/*
 * Run the helper with descriptor keep open across exec and its stderr on
 * err_fd (-1: unchanged).  E_OK and *pid, or E_NOTFOUND, E_NOMEM, E_SYS.
 */
static int
helper_spawn(char *const argv[], int keep, int err_fd, pid_t *pid)
{
	char path[PATH_MAX], **env;
	sigset_t all, old;
	int r, saved, sig;

	if ((r = helper_find(path)) != E_OK)
		return r;
	if ((env = helper_env(keep)) == NULL)
		return E_NOMEM;
	/* No handler of ours may run in the child. */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	if ((*pid = fork()) == 0) {
		for (sig = 1; sig < NSIG; sig++)
			signal(sig, SIG_DFL);
		sigemptyset(&old);
		if (fcntl(keep, F_SETFD, 0) == -1 ||
		    (err_fd != -1 && dup2(err_fd, 2) == -1))
			_exit(127);
		sigprocmask(SIG_SETMASK, &old, NULL);
		execve(path, argv, env);
		_exit(127);
	}
	saved = errno;
	sigprocmask(SIG_SETMASK, &old, NULL);
	free(env);
	errno = saved;
	return *pid == -1 ? E_SYS : E_OK;
}

int
kmount_helper_start(struct kmount_helper *h, const struct mount_request *q,
    int err_fd)
{
	static char name[] = HELPER_NAME, dash_o[] = "-o", dashes[] = "--";
	char options[OPTLIST_MAX], *target;
	char *argv[6] = { name, dash_o, options, dashes, NULL, NULL };
	struct optlist o;
	int sv[2] = { -1, -1 }, r, saved;

	h->pid = -1;
	h->comm = -1;
	if ((r = optlist_parse(&o, q)) != E_OK ||
	    (r = optlist_helper(&o, options)) != E_OK)
		return r;
	if ((target = strdup(q->target)) == NULL)
		return E_NOMEM;
	argv[4] = target;
	r = E_SYS;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) == -1 ||
	    fcntl(sv[0], F_SETFL, O_NONBLOCK) == -1)
		goto out;
	if ((r = helper_spawn(argv, sv[1], err_fd, &h->pid)) != E_OK)
		goto out;
	h->comm = sv[0];
	sv[0] = -1;
out:
	saved = errno;
	file_close(&sv[0]);
	file_close(&sv[1]);
	free(target);
	errno = saved;
	return r;
}

int
kmount_helper_take(struct kmount_helper *h, int *dev)
{
	int fds[FDPASS_MAX];
	ssize_t got;
	size_t n;
	char byte;

	*dev = -1;
	got = fdpass_receive(h->comm, &byte, 1, 0, fds, &n);
	if (got == -1)
		return errno == EAGAIN ? E_AGAIN : E_SYS;
	if (n == 1)
		*dev = fds[0];
	return n == 1 ? E_OK : got == 0 ? E_EOF : E_PROTO;
}

void
kmount_helper_fini(struct kmount_helper *h)
{
	file_close(&h->comm);
	if (h->pid != -1)
		fork_wait(h->pid, NULL, WNOHANG);
	h->comm = -1;
	h->pid = -1;
}

int
helper_unmount(const char *target, int lazily, int wait_ms)
{
	static char name[] = HELPER_NAME, lazy[] = "-uzq", plain[] = "-uq",
		    dashes[] = "--";
	char *argv[5] = { name, lazily ? lazy : plain, dashes, NULL, NULL };
	char *copy;
	struct pollfd end = { .fd = -1, .events = POLLIN };
	int pipe_fd[2] = { -1, -1 }, status = 0, r, n;
	pid_t pid;

	if ((copy = strdup(target)) == NULL)
		return E_NOMEM;
	argv[3] = copy;
	r = E_SYS;
	/* The helper holds the pipe's other end until it is gone. */
	if (pipe2(pipe_fd, O_CLOEXEC) == -1)
		goto out;
	if ((r = helper_spawn(argv, pipe_fd[1], -1, &pid)) != E_OK)
		goto out;
	close(pipe_fd[1]);
	pipe_fd[1] = -1;
	end.fd = pipe_fd[0];
	do
		n = poll(&end, 1, wait_ms);
	while (n == -1 && errno == EINTR);
	r = E_TIMEOUT;
	if (n <= 0)
		goto out;
	r = fork_wait(pid, &status, 0) == pid && status == 0 ? E_OK : E_PROTO;
out:
	file_close(&pipe_fd[0]);
	file_close(&pipe_fd[1]);
	free(copy);
	return r;
}
