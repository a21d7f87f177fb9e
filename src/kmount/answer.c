/* SPDX-License-Identifier: ISC */
/* A child's answer: one message with up to two descriptors. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"
#include "base/nosignal.h"
#include "kmount/made.h"

#define ANSWER_FDS 2

/* Where it has descriptors. */
static void
answer_fds(struct kmount_answer *a, int *at[ANSWER_FDS])
{
	at[0] = &a->device;
	at[1] = &a->comm;
}

void
kmount_answer_init(struct kmount_answer *a)
{
	memset(a, 0, sizeof(*a));
	a->device = a->comm = a->self = -1;
}

void
kmount_answer_fini(struct kmount_answer *a)
{
	int *at[ANSWER_FDS];
	size_t i;

	answer_fds(a, at);
	for (i = 0; i < ANSWER_FDS; i++) {
		file_close(at[i]);
	}
}

int
kmount_tell(int sock, const struct kmount_answer *a)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int) * ANSWER_FDS)];
	} control;
	struct kmount_answer copy = *a;
	struct iovec iov = { &copy, sizeof(copy) };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1 };
	int *at[ANSWER_FDS], fds[ANSWER_FDS];
	size_t i, n = 0;
	struct cmsghdr *c;

	answer_fds(&copy, at);
	for (i = 0; i < ANSWER_FDS; i++)
		if (*at[i] != -1)
			fds[n++] = *at[i];
	if (n > 0) {
		memset(&control, 0, sizeof(control));
		mh.msg_control = &control;
		mh.msg_controllen = CMSG_SPACE(sizeof(int) * n);
		c = CMSG_FIRSTHDR(&mh);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * n);
		memcpy(CMSG_DATA(c), fds, sizeof(int) * n);
	}
	return sendmsg(sock, &mh, MSG_NOSIGNAL) == (ssize_t)sizeof(copy) ?
	    0 :
	    errno;
}

/* Give the descriptors that came the places of those that were sent. */
static int
answer_place(struct kmount_answer *a, const int *fds, size_t n)
{
	int *at[ANSWER_FDS];
	size_t i, used = 0;

	answer_fds(a, at);
	for (i = 0; i < ANSWER_FDS; i++)
		if (*at[i] != -1)
			*at[i] = used < n ? fds[used++] : -1;
	return used == n ? E_OK : E_PROTO;
}

int
kmount_hear(int sock, struct kmount_answer *a)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int) * ANSWER_FDS)];
	} control;
	struct iovec iov = { a, sizeof(*a) };
	struct msghdr mh = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	int fds[ANSWER_FDS];
	struct cmsghdr *c;
	size_t n = 0;
	ssize_t got;

	do
		got = recvmsg(sock, &mh, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	while (got == -1 && errno == EINTR);
	if (got == (ssize_t)sizeof(*a)) {
		c = CMSG_FIRSTHDR(&mh);
		if (c != NULL && c->cmsg_type == SCM_RIGHTS) {
			n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
			memcpy(fds, CMSG_DATA(c), n * sizeof(int));
		}
		if (answer_place(a, fds, n) == E_OK &&
		    (mh.msg_flags & MSG_CTRUNC) == 0)
			return E_OK;
		kmount_answer_fini(a);
		kmount_answer_init(a);
		errno = EMFILE; /* there was no room for them */
		return E_SYS;
	}
	kmount_answer_init(a);
	if (got == -1)
		return errno == EAGAIN ? E_AGAIN : E_SYS;
	return got == 0 ? E_EOF : E_PROTO;
}
