/* SPDX-License-Identifier: ISC */
#include "relay/devpair.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>

#include "base/file.h"
#include "base/nosignal.h"

/* Ends of file that are sent: one for each thread that may read. */
#define DEVPAIR_ENDS 32
#define DEVPAIR_BUFFER_MIN (64 * 1024)
#define DEVPAIR_OWN_SHARE 32 /* of SO_SNDBUF, kept by the kernel */
#define DEVPAIR_HEADERS 4096 /* of a reply, and more than those */

/* Set a buffer size, above the system's limit where that is allowed.  Returns
 * what setsockopt() does. */
static int
devpair_ask(int fd, int which, int size)
{
#ifdef SO_SNDBUFFORCE
	int force = which == SO_SNDBUF ? SO_SNDBUFFORCE : SO_RCVBUFFORCE;

	if (setsockopt(fd, SOL_SOCKET, force, &size, sizeof(size)) == 0)
		return 0;
#endif
	return setsockopt(fd, SOL_SOCKET, which, &size, sizeof(size));
}

void
devpair_enlarge(int fd)
{
	int size;

	/* Some systems cut what is too much, others refuse it. */
	for (size = DEVPAIR_BUFFER; size >= DEVPAIR_BUFFER_MIN; size /= 2)
		if (devpair_ask(fd, SO_SNDBUF, size) == 0 &&
		    devpair_ask(fd, SO_RCVBUF, size) == 0)
			return;
}

static int
devpair_buffer(int fd, int which)
{
	socklen_t len = sizeof(int);
	int size = 0;

	return getsockopt(fd, SOL_SOCKET, which, &size, &len) == -1 ? 0 : size;
}

/* Set a buffer size to what getsockopt() has said before, or as near to it as
 * the system allows. */
static void
devpair_set_buffer(int fd, int which, size_t bytes)
{
	int size = (int)bytes;

	devpair_ask(fd, which, size);
	/* Linux gives twice what is asked for. */
	if (devpair_buffer(fd, which) > size)
		devpair_ask(fd, which, size / 2);
}

void
devpair_limit(struct devpair *d, size_t bytes)
{
	int fds[2] = { d->relay, d->daemon }, i;

	for (i = 0; i < 2; i++) {
		devpair_set_buffer(fds[i], SO_SNDBUF, bytes);
		devpair_set_buffer(fds[i], SO_RCVBUF, bytes);
	}
	d->request = devpair_capacity(d->relay);
	d->reply = devpair_capacity(d->daemon);
}

size_t
devpair_capacity(int fd)
{
	int size = devpair_buffer(fd, SO_SNDBUF);
	size_t cap;
#ifndef __linux__
	/* The receiver's buffer must take a message, too; both ends of a
	 * pair were asked for the same. */
	int room = devpair_buffer(fd, SO_RCVBUF);

	if (room < size)
		size = room;
#endif
	if (size <= DEVPAIR_OWN_SHARE)
		return 0;
	cap = (size_t)size - DEVPAIR_OWN_SHARE;
	return cap < DEVPAIR_CEILING ? cap : DEVPAIR_CEILING;
}

int
devpair_say_end(int fd)
{
	socklen_t len = sizeof(int);
	int type = 0, i;

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == -1 ||
	    type != SOCK_DGRAM)
		return E_OK;
	for (i = 0; i < DEVPAIR_ENDS; i++)
		if (send(fd, "", 0, MSG_DONTWAIT | MSG_NOSIGNAL) == -1)
			break;
	/* The queue is full, or the peer is gone. */
	return i == 0 && (errno == EAGAIN || errno == ENOBUFS) ? E_AGAIN :
								 E_OK;
}

static int
devpair_set_flags(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags == -1 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1)
		return E_SYS;
	return E_OK;
}

/* Bytes of the buffer in which replies wait. */
static void
devpair_limit_replies(int fd, size_t max_data)
{
	size_t bytes = DEVPAIR_REPLIES;

	if (bytes < max_data + DEVPAIR_HEADERS)
		bytes = max_data + DEVPAIR_HEADERS;
	if (bytes < (size_t)devpair_buffer(fd, SO_SNDBUF))
		devpair_set_buffer(fd, SO_SNDBUF, bytes);
}

int
devpair_make(struct devpair *d, enum relay_transport t, size_t max_data)
{
	int type = t == TRANSPORT_DGRAM ? SOCK_DGRAM : SOCK_SEQPACKET;
	int sv[2], i;

	d->relay = d->daemon = -1;
	d->request = d->reply = 0;
	if (socketpair(AF_UNIX, type, 0, sv) == -1)
		return E_SYS;
	for (i = 0; i < 2; i++) {
		if (fcntl(sv[i], F_SETFD, FD_CLOEXEC) == -1)
			goto fail;
		devpair_enlarge(sv[i]);
	}
	devpair_limit_replies(sv[1], max_data);
	if (devpair_set_flags(sv[0]) != E_OK)
		goto fail;
	d->relay = sv[0];
	d->daemon = sv[1];
	d->request = devpair_capacity(sv[0]);
	d->reply = devpair_capacity(sv[1]);
	return E_OK;
fail:
	file_close(&sv[0]);
	file_close(&sv[1]);
	return E_SYS;
}
