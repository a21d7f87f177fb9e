/* SPDX-License-Identifier: ISC */
#include "bed_faults.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bed.h"

struct bed_faults bed_faults;

/* What is to become of this call: 0 to below - 1, or -1 for nothing. */
static int
fault(int fd, uint32_t below)
{
	if (bed_faults.rate == 0 || bed.s == NULL ||
	    (fd != bed.s->front.fd && fd != bed.s->dev.fd) ||
	    bed_random(&bed_faults.seed, bed_faults.rate) != 0)
		return -1;
	bed_faults.made++;
	return (int)bed_random(&bed_faults.seed, below);
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

static int
is_daemon(int fd)
{
	return bed.s != NULL && fd == bed.s->dev.fd;
}

/* Is this send to the daemon one of those that shall fail? */
static int
daemon_fails(int fd)
{
	if (!is_daemon(fd))
		return 0;
	bed_faults.dev_sends++;
	if (bed_faults.dev_times == 0)
		return 0;
	bed_faults.dev_times--;
	return 1;
}

/* (Packets are received and sent whole.) */
ssize_t
recv(int fd, void *p, size_t len, int flags)
{
	int f = fault(fd, is_daemon(fd) ? 2 : 5);

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
	int f = fault(fd, 6);
	struct msghdr first = *m;
	struct iovec one;

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

ssize_t
send(int fd, const void *p, size_t len, int flags)
{
	int f = fault(fd, 3);

	if (daemon_fails(fd))
		return fails(bed_faults.dev_errno);
	if (f == 0)
		return fails(EAGAIN);
	if (f == 1)
		return fails(EINTR);
	if (f == 2)
		return fails(ENOBUFS);
	return syscall(SYS_sendto, fd, p, len, flags, NULL, 0);
}

int
recvmmsg(int fd, struct mmsghdr *m, unsigned n, int flags,
    struct timespec *timeout)
{
	int f = fault(fd, 3);

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
	int f = fault(fd, 4);

	if (daemon_fails(fd))
		return fails(bed_faults.dev_errno);
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
