/* SPDX-License-Identifier: ISC */
#include "faults.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int
faults_fail(int num)
{
	errno = num;
	return -1;
}

/* The faults that every call has, in this order; then those of its own. */
enum {
	F_AGAIN,
	F_INTR,
	F_NOBUFS
};

static int
common(int f)
{
	static const int num[] = { [F_AGAIN] = EAGAIN,
		[F_INTR] = EINTR,
		[F_NOBUFS] = ENOBUFS };

	return faults_fail(num[f]);
}

/* Packets are received and sent whole. */
static int
is_stream(int fd)
{
	socklen_t len = sizeof(int);
	int type = 0;

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 &&
	    type == SOCK_STREAM;
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
	int num = faults_refuse_recv(fd), f;

	if (num != 0)
		return faults_fail(num);
	f = faults_choose(fd, FAULT_RECV, is_stream(fd) ? 5 : 2);
	if (f == F_AGAIN || f == F_INTR)
		return common(f);
	if (f > F_INTR)
		len = cut(len, f - F_INTR - 1);
	return syscall(SYS_recvfrom, fd, p, len, flags, NULL, NULL);
}

ssize_t
sendmsg(int fd, const struct msghdr *m, int flags)
{
	struct msghdr first = *m;
	struct iovec one;
	int f = -1;

	/* Descriptors go with whole messages only. */
	if (m->msg_controllen == 0 && m->msg_iovlen > 0)
		f = faults_choose(fd, FAULT_SENDMSG, is_stream(fd) ? 6 : 3);
	if (f >= 0 && f <= F_NOBUFS)
		return common(f);
	if (f > F_NOBUFS) {
		one = m->msg_iov[0];
		one.iov_len = cut(one.iov_len, f - F_NOBUFS - 1);
		first.msg_iov = &one;
		first.msg_iovlen = 1;
	}
	return syscall(SYS_sendmsg, fd, &first, flags);
}

ssize_t
send(int fd, const void *p, size_t len, int flags)
{
	int num = faults_refuse(fd), f;

	if (num != 0)
		return faults_fail(num);
	if ((f = faults_choose(fd, FAULT_SEND, 3)) >= 0)
		return common(f);
	return syscall(SYS_sendto, fd, p, len, flags, NULL, 0);
}

int
recvmmsg(int fd, struct mmsghdr *m, unsigned n, int flags,
    struct timespec *timeout)
{
	int num = faults_refuse_recv(fd), f;

	if (num != 0)
		return faults_fail(num);
	f = faults_choose(fd, FAULT_RECVMMSG, 3);
	if (f == F_AGAIN || f == F_INTR)
		return common(f);
	if (f > F_INTR)
		n = 1;
	return (int)syscall(SYS_recvmmsg, fd, m, n, flags, timeout);
}

int
sendmmsg(int fd, struct mmsghdr *m, unsigned n, int flags)
{
	int num = faults_refuse(fd), f;

	if (num != 0)
		return faults_fail(num);
	f = faults_choose(fd, FAULT_SENDMMSG, 4);
	if (f >= 0 && f <= F_NOBUFS)
		return common(f);
	if (f > F_NOBUFS)
		n = 1;
	return (int)syscall(SYS_sendmmsg, fd, m, n, flags);
}
