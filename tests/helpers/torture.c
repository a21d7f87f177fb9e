/* SPDX-License-Identifier: ISC */
/*
 * Preloaded into fuserelay: its calls on sockets fail, or do a part only,
 * as the kernel is allowed to let them.
 *
 *	TORTURE_RATE=N	one call in N, by chance
 *	TORTURE_AT=K	the K-th call alone
 *	TORTURE_SEED=N	which faults
 *	TORTURE_LOG=FILE	told there at the end: calls and faults
 *
 * Other programs that inherit it are left alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static unsigned long rate, at, calls, faults;
static uint64_t state;
static pid_t self;

static unsigned long
number(const char *name)
{
	const char *value = getenv(name);

	return value == NULL ? 0 : strtoul(value, NULL, 10);
}

__attribute__((constructor)) static void
torture_begin(void)
{
	if (strcmp(program_invocation_short_name, "fuserelay") != 0)
		return;
	self = getpid();
	rate = number("TORTURE_RATE");
	at = number("TORTURE_AT");
	state = number("TORTURE_SEED") * UINT64_C(0x9e3779b97f4a7c15) + 1;
}

__attribute__((destructor)) static void
torture_end(void)
{
	const char *log = getenv("TORTURE_LOG");
	int fd;

	if (self != getpid() || log == NULL)
		return;
	fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd == -1)
		return;
	dprintf(fd, "calls %lu faults %lu\n", calls, faults);
	close(fd);
}

static unsigned
chance(unsigned long below)
{
	state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (unsigned)((state >> 33) % below);
}

/* What is to become of this call: 0 to below - 1, or -1 for nothing. */
static int
fault(unsigned below)
{
	int now;

	if (self == 0 || self != getpid())
		return -1;
	calls++;
	now = calls == at || (rate > 0 && chance(rate) == 0);
	if (!now)
		return -1;
	faults++;
	return (int)chance(below);
}

static int
fails(int num)
{
	errno = num;
	return -1;
}

/* The beginning of a message: one byte, half, or all but one. */
static size_t
cut(size_t len, int how)
{
	if (len < 2 || how == 0)
		return 1;
	return how == 1 ? len / 2 : len - 1;
}

ssize_t
recv(int fd, void *p, size_t len, int flags)
{
	int f = fault(5);

	if (f == 0)
		return fails(EAGAIN);
	if (f == 1)
		return fails(EINTR);
	if (f > 1)
		len = cut(len, f - 2);
	return syscall(SYS_recvfrom, fd, p, len, flags, NULL, NULL);
}

ssize_t
sendmsg(int fd, const struct msghdr *m, int flags)
{
	struct msghdr first = *m;
	struct iovec one;
	int f;

	/* Descriptors go with whole messages only. */
	f = m->msg_controllen > 0 || m->msg_iovlen == 0 ? -1 : fault(6);
	if (f == 0)
		return fails(EAGAIN);
	if (f == 1)
		return fails(EINTR);
	if (f == 2)
		return fails(ENOBUFS);
	if (f > 2) {
		one = m->msg_iov[0];
		one.iov_len = cut(one.iov_len, f - 3);
		first.msg_iov = &one;
		first.msg_iovlen = 1;
	}
	return syscall(SYS_sendmsg, fd, &first, flags);
}

int
recvmmsg(int fd, struct mmsghdr *m, unsigned n, int flags,
    struct timespec *timeout)
{
	int f = fault(3);

	if (f == 0)
		return fails(EAGAIN);
	if (f == 1)
		return fails(EINTR);
	if (f == 2)
		n = 1;
	return (int)syscall(SYS_recvmmsg, fd, m, n, flags, timeout);
}

int
sendmmsg(int fd, struct mmsghdr *m, unsigned n, int flags)
{
	int f = fault(4);

	if (f == 0)
		return fails(EAGAIN);
	if (f == 1)
		return fails(EINTR);
	if (f == 2)
		return fails(ENOBUFS);
	if (f == 3)
		n = 1;
	return (int)syscall(SYS_sendmmsg, fd, m, n, flags);
}

int
epoll_wait(int fd, struct epoll_event *ev, int n, int timeout)
{
	if (fault(1) == 0)
		return fails(EINTR);
	return (int)syscall(SYS_epoll_pwait, fd, ev, n, timeout, NULL, 0);
}
