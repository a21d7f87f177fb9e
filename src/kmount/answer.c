/* SPDX-License-Identifier: ISC */
/* A child's answer: one message with up to two descriptors. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fdpass.h"
#include "base/file.h"
#include "kmount/made.h"

#define ANSWER_FDS FDPASS_MAX

/* The places in an answer that have descriptors. */
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
	struct kmount_answer copy = *a;
	int *at[ANSWER_FDS], fds[ANSWER_FDS];
	size_t i, n = 0;

	answer_fds(&copy, at);
	for (i = 0; i < ANSWER_FDS; i++)
		if (*at[i] != -1)
			fds[n++] = *at[i];
	return fdpass_send(sock, &copy, sizeof(copy), fds, n) == E_OK ? 0 :
									errno;
}

/* Put the descriptors that came where the sender had its own. */
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
	int fds[ANSWER_FDS], saved;
	size_t n;
	ssize_t got;

	got = fdpass_receive(sock, a, sizeof(*a), MSG_DONTWAIT, fds, &n);
	if (got == (ssize_t)sizeof(*a) && answer_place(a, fds, n) == E_OK)
		return E_OK;
	saved = errno;
	while (n > 0)
		close(fds[--n]);
	kmount_answer_init(a);
	errno = saved;
	if (got == -1)
		return errno == EAGAIN ? E_AGAIN : E_SYS;
	return got == 0 ? E_EOF : E_PROTO;
}
