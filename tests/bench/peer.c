/* SPDX-License-Identifier: ISC */
#include "peer.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Nothing moves for so long: the peer hangs. */
#define STALL_SECONDS 10
#define STOP_MSEC 15000

static void __attribute__((noreturn))
peer_exec(char *const argv[], int fd, int at)
{
	if (fd == at)
		fcntl(fd, F_SETFD, 0);
	else if (dup2(fd, at) == -1)
		_exit(126);
	execvp(argv[0], argv);
	fprintf(stderr, "bench-stream: %s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

int
peer_start(struct peer *p, char *const argv[], int at, int sndbuf)
{
	struct timeval stall = { .tv_sec = STALL_SECONDS };
	int sv[2], r = E_SYS;

	p->pid = -1;
	p->fd = -1;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) == -1)
		return E_SYS;
	if (setsockopt(sv[0], SOL_SOCKET, SO_RCVTIMEO, &stall,
		sizeof(stall)) == -1 ||
	    setsockopt(sv[0], SOL_SOCKET, SO_SNDTIMEO, &stall,
		sizeof(stall)) == -1)
		goto out;
	if (sndbuf > 0 &&
	    setsockopt(sv[0], SOL_SOCKET, SO_SNDBUF, &sndbuf,
		sizeof(sndbuf)) == -1)
		goto out;
	if ((p->pid = fork()) == -1)
		goto out;
	if (p->pid == 0)
		peer_exec(argv, sv[1], at);
	p->fd = sv[0];
	sv[0] = -1;
	r = E_OK;
out:
	if (sv[0] != -1)
		close(sv[0]);
	close(sv[1]);
	return r;
}

int
peer_stop(struct peer *p)
{
	struct pollfd pf = { .events = POLLIN };
	int status = 0, r = E_OK;

	if (p->pid == -1)
		return E_OK;
	close(p->fd);
	pf.fd = (int)syscall(SYS_pidfd_open, p->pid, 0);
	if (pf.fd == -1 || poll(&pf, 1, STOP_MSEC) != 1) {
		kill(p->pid, SIGKILL);
		r = E_TIMEOUT;
	}
	if (pf.fd != -1)
		close(pf.fd);
	while (waitpid(p->pid, &status, 0) == -1 && errno == EINTR)
		;
	if (r == E_OK && status != 0)
		r = E_PROTO;
	p->pid = -1;
	p->fd = -1;
	return r;
}

double
peer_cpu(const struct peer *p)
{
	struct timespec t;
	clockid_t clock;

	if (clock_getcpuclockid(p->pid, &clock) != 0 ||
	    clock_gettime(clock, &t) == -1)
		return -1;
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

int
peer_calls_open(const struct peer *p)
{
	struct perf_event_attr attr;
	unsigned long long id;
	FILE *f;
	int n;

	f = fopen("/sys/kernel/tracing/events/raw_syscalls/sys_enter/id",
	    "re");
	if (f == NULL)
		return -1;
	n = fscanf(f, "%llu", &id);
	fclose(f);
	if (n != 1)
		return -1;
	memset(&attr, 0, sizeof(attr));
	attr.type = PERF_TYPE_TRACEPOINT;
	attr.size = sizeof(attr);
	attr.config = id;
	return (int)syscall(SYS_perf_event_open, &attr, p->pid, -1, -1,
	    PERF_FLAG_FD_CLOEXEC);
}

uint64_t
peer_calls(int counter)
{
	uint64_t n = 0;

	if (read(counter, &n, sizeof(n)) != sizeof(n))
		return 0;
	return n;
}
