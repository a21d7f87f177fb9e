/* SPDX-License-Identifier: ISC */
#include "base/fdpass.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/nosignal.h"

#ifndef MSG_CMSG_CLOEXEC
#define MSG_CMSG_CLOEXEC 0
#endif

union fdpass_control {
	struct cmsghdr align;
	char space[CMSG_SPACE(sizeof(int) * FDPASS_MAX)];
};

int
fdpass_send(int sock, const void *data, size_t len, const int *fds, size_t n)
{
	union fdpass_control control = { .space = { 0 } };
	struct iovec iov = { (void *)(uintptr_t)data, len };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *c;

	if (n > 0) {
		mh.msg_control = &control;
		mh.msg_controllen = CMSG_SPACE(sizeof(int) * n);
		c = CMSG_FIRSTHDR(&mh);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * n);
		memcpy(CMSG_DATA(c), fds, sizeof(int) * n);
	}
	return sendmsg(sock, &mh, MSG_NOSIGNAL) == (ssize_t)len ? E_OK : E_SYS;
}

ssize_t
fdpass_receive(int sock, void *data, size_t len, int flags,
    int fds[FDPASS_MAX], size_t *n)
{
	union fdpass_control control;
	struct iovec iov = { data, len };
	struct msghdr mh = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	struct cmsghdr *c;
	ssize_t got;
	size_t i;

	*n = 0;
	do
		got = recvmsg(sock, &mh, flags | MSG_CMSG_CLOEXEC);
	while (got == -1 && errno == EINTR);
	if (got == -1)
		return -1;
	c = CMSG_FIRSTHDR(&mh);
	if (c != NULL && c->cmsg_level == SOL_SOCKET &&
	    c->cmsg_type == SCM_RIGHTS) {
		*n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(fds, CMSG_DATA(c), *n * sizeof(int));
	}
	for (i = 0; i < *n; i++)
		fcntl(fds[i], F_SETFD, FD_CLOEXEC);
	if ((mh.msg_flags & MSG_CTRUNC) == 0)
		return got;
	while (*n > 0)
		close(fds[--*n]);
	errno = EMFILE;
	return -1;
}
