/* SPDX-License-Identifier: ISC */
#include "cli/ready.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fork.h"
#include "base/log.h"
#include "base/nosignal.h"

/* The service manager's datagram socket: a path, or an abstract name. */
static void
ready_service_manager(void)
{
	static const char text[] = "READY=1";
	const char *name = getenv("NOTIFY_SOCKET");
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	socklen_t len;
	int fd;

	if (name == NULL || (name[0] != '/' && name[0] != '@') ||
	    strlen(name) >= sizeof(sun.sun_path))
		return;
	strcpy(sun.sun_path, name);
	len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
	    strlen(name));
	if (name[0] == '@')
		sun.sun_path[0] = '\0';
	if ((fd = socket(AF_UNIX, SOCK_DGRAM, 0)) == -1)
		return;
	if (sendto(fd, text, sizeof(text) - 1, MSG_NOSIGNAL | MSG_DONTWAIT,
		(struct sockaddr *)&sun, len) == -1)
		log_warn("telling the service manager: %s", strerror(errno));
	close(fd);
}

static void
ready_descriptor(int *fd)
{
	if (*fd == -1)
		return;
	if (write(*fd, "\n", 1) == -1)
		log_warn("telling of readiness: %s", strerror(errno));
	close(*fd);
	*fd = -1;
}

/* In the background nobody's terminal is held any more. */
static void
ready_let_go_of_stdio(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), i;

	for (i = 0; null != -1 && i < 3; i++)
		dup2(null, i);
	if (null > 2)
		close(null);
}

void
ready_tell(struct ready *r)
{
	if (r->told)
		return;
	r->told = 1;
	ready_descriptor(&r->fd);
	ready_service_manager();
	if (r->parent != -1) {
		ready_descriptor(&r->parent);
		ready_let_go_of_stdio();
	}
}

__attribute__((noreturn)) static void
ready_wait(int fd, pid_t child)
{
	int status;
	ssize_t n;
	char byte;

	do
		n = read(fd, &byte, 1);
	while (n == -1 && errno == EINTR);
	if (n == 1)
		_exit(0);
	fork_wait(child, &status, 0);
	_exit(
	    WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

int
ready_daemonize(struct ready *r)
{
	int fd[2];
	pid_t pid;

	if (pipe(fd) == -1)
		return E_SYS;
	if ((pid = fork()) == -1) {
		close(fd[0]);
		close(fd[1]);
		return E_SYS;
	}
	if (pid != 0) {
		close(fd[1]);
		ready_wait(fd[0], pid);
	}
	close(fd[0]);
	r->parent = fd[1];
	if (fcntl(fd[1], F_SETFD, FD_CLOEXEC) == -1 || setsid() == -1)
		return E_SYS;
	return E_OK;
}
