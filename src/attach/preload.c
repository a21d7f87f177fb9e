/* SPDX-License-Identifier: ISC */
/*
 * libfuset-attach: preloaded into a FUSE-T client, it makes the client's
 * data channel keep message bounds.
 *
 * FUSE-T's C library makes a stream socket pair, asks for buffers of 4 MiB
 * on both ends, makes a second pair (the monitor), and starts the program
 * that FUSE_NFSSRV_PATH names.  A pair is the data channel, and is replaced
 * under its numbers by a pair of packet sockets, when all of this holds:
 * - FUSE_NFSSRV_PATH names the fuset-relay beside this file: only that can
 *   serve a packet socket;
 * - the library has begun a mount (it sets _FUSE_CALL_BY_LIB first), and
 *   this process is not itself a server (_FUSE_COMMFD);
 * - the pair is the last that this thread made, both ends are still what
 *   they were, and a buffer of at least 1 MiB is asked for on one of them.
 * The monitor and all other pairs never ask for that.  The Go libraries
 * for FUSE-T ask for nothing: they take a stream apart by themselves, and
 * are left alone.
 *
 * What reads the channel may be a program's own loop, one read() for one
 * message, or the C library's, which takes a header with recv(), then the
 * rest.  The latter would lose the rest of a packet, so recv() of less than
 * any whole-message reader offers leaves the message where it is until its
 * last byte is asked for.
 *
 * Nothing here may disturb a program: whatever fails, the pair stays as it
 * was made.
 */
#include "config.h"

#include "attach/interpose.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define RELAY "fuset-relay"
#define DATA_BUFFER_MIN (1024 * 1024) /* asked for on a data channel */
#define BUFFER (4 * 1024 * 1024)
#define BUFFER_MIN (64 * 1024)
/* Whoever reads whole messages offers at least this, as the kernel's device
 * demands it. */
#define WHOLE_MIN 8192
#define CHANNELS 16 /* data channels of one process, at a time */
#define SKIP (64u * 1024)
#define SKIPS 80 /* more than the largest packet has */

REAL_OF(int, socketpair, (int domain, int type, int protocol, int sv[2]))
REAL_OF(int, setsockopt,
    (int fd, int level, int name, const void *value, socklen_t len))
REAL_OF(ssize_t, recv, (int fd, void *buf, size_t n, int flags))

/* A descriptor, and what tells it from a later one of that number. */
struct end {
	int fd;
	dev_t dev;
	ino_t ino;
};

/* The last pair that this thread made. */
static _Thread_local struct {
	struct end end[2];
	int fresh;
} last;

/* The client's ends of data channels.  A row is set once and reused when
 * its descriptor is gone; reading is without a lock. */
static struct channel {
	struct end end;
	size_t taken; /* bytes of its first message given out */
} channels[CHANNELS];
static size_t nchannels;
static pthread_mutex_t channels_lock = PTHREAD_MUTEX_INITIALIZER;

static int
end_set(struct end *e, int fd)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return -1;
	e->fd = fd;
	e->dev = st.st_dev;
	e->ino = st.st_ino;
	return 0;
}

static int
end_is(const struct end *e, int fd)
{
	struct end now;

	return e->fd == fd && end_set(&now, fd) == 0 && now.dev == e->dev &&
	    now.ino == e->ino;
}

static void
channel_add(int fd)
{
	size_t i;

	pthread_mutex_lock(&channels_lock);
	for (i = 0; i < nchannels; i++)
		if (!end_is(&channels[i].end, channels[i].end.fd))
			break;
	if (i < CHANNELS && end_set(&channels[i].end, fd) == 0) {
		channels[i].taken = 0;
		if (i == nchannels)
			nchannels++;
	}
	pthread_mutex_unlock(&channels_lock);
}

static struct channel *
channel_find(int fd)
{
	size_t i;

	for (i = 0; i < nchannels; i++)
		if (end_is(&channels[i].end, fd))
			return &channels[i];
	return NULL;
}

/* Is this file the fuset-relay that was installed with us? */
static int
names_our_relay(const char *path)
{
	char beside[PATH_MAX];
	struct stat a, b;
	const char *slash;
	Dl_info us;

	if (dladdr(&channels, &us) == 0 || us.dli_fname == NULL ||
	    (slash = strrchr(us.dli_fname, '/')) == NULL)
		return 0;
	snprintf(beside, sizeof(beside), "%.*s/" RELAY,
	    (int)(slash - us.dli_fname), us.dli_fname);
	return stat(path, &a) == 0 && stat(beside, &b) == 0 &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static int
is_mounting(void)
{
	const char *server = getenv("FUSE_NFSSRV_PATH");

	return server != NULL && getenv("_FUSE_CALL_BY_LIB") != NULL &&
	    getenv("_FUSE_COMMFD") == NULL && names_our_relay(server);
}

static int
packet_type(void)
{
#ifdef __APPLE__
	return SOCK_DGRAM; /* there is no other for AF_UNIX */
#else
	const char *text = getenv("FUSERELAY_ATTACH");

	return text != NULL && strcmp(text, "dgram") == 0 ? SOCK_DGRAM :
							    SOCK_SEQPACKET;
#endif
}

INTERPOSE(int, socketpair, (int domain, int type, int protocol, int sv[2]))
{
	int r = REAL(socketpair)(domain, type, protocol, sv), saved = errno;

	last.fresh = r == 0 && domain == AF_UNIX &&
	    (type & 0xf) == SOCK_STREAM && is_mounting() &&
	    end_set(&last.end[0], sv[0]) == 0 &&
	    end_set(&last.end[1], sv[1]) == 0;
	errno = saved;
	return r;
}

/* Put the socket `from` under the number fd, with fd's own flags. */
static int
replace(int from, int fd)
{
	int of_fd = fcntl(fd, F_GETFD), of_file = fcntl(fd, F_GETFL);

	if (of_fd == -1 || of_file == -1 ||
	    fcntl(from, F_SETFL, of_file) == -1)
		return -1;
#ifdef SO_NOSIGPIPE
	int on = 0;
	socklen_t len = sizeof(on);

	if (getsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &on, &len) == 0)
		setsockopt(from, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof(on));
#endif
#ifdef HAVE_DUP3
	return dup3(from, fd, of_fd & FD_CLOEXEC ? O_CLOEXEC : 0);
#else
	return dup2(from, fd) == -1 || fcntl(fd, F_SETFD, of_fd) == -1 ? -1 :
									 fd;
#endif
}

/* As much as the system grants: some refuse what is too much. */
static void
enlarge(int fd, int name)
{
	int size;

	for (size = BUFFER; size >= BUFFER_MIN; size /= 2)
		if (REAL(setsockopt)(fd, SOL_SOCKET, name, &size,
			sizeof(size)) == 0)
			return;
}

static void
convert(void)
{
	int sv[2], i, old;

	last.fresh = 0;
	if (!end_is(&last.end[0], last.end[0].fd) ||
	    !end_is(&last.end[1], last.end[1].fd) ||
	    REAL(socketpair)(AF_UNIX, packet_type(), 0, sv) == -1)
		return;
	/* A copy, to bring back the first if the second fails. */
	old = fcntl(last.end[0].fd, F_DUPFD_CLOEXEC, 0);
	if (old != -1 && replace(sv[0], last.end[0].fd) != -1) {
		if (replace(sv[1], last.end[1].fd) == -1)
			replace(old, last.end[0].fd);
		else
			for (i = 0; i < 2; i++) {
				enlarge(last.end[i].fd, SO_RCVBUF);
				enlarge(last.end[i].fd, SO_SNDBUF);
				channel_add(last.end[i].fd);
			}
	}
	close(sv[0]);
	close(sv[1]);
	if (old != -1)
		close(old);
}

INTERPOSE(int, setsockopt,
    (int fd, int level, int name, const void *value, socklen_t len))
{
	int size, saved = errno;

	if (last.fresh && level == SOL_SOCKET && len == sizeof(size) &&
	    (name == SO_RCVBUF || name == SO_SNDBUF) &&
	    (fd == last.end[0].fd || fd == last.end[1].fd)) {
		memcpy(&size, value, sizeof(size));
		if (size >= DATA_BUFFER_MIN)
			convert();
		errno = saved;
	}
	return REAL(setsockopt)(fd, level, name, value, len);
}

/*
 * Give out the next n bytes of the first message, and take the message off
 * the socket with its last byte: what was given out before is read again,
 * into nowhere.
 */
static ssize_t
recv_part(struct channel *c, int fd, void *buf, size_t n, int flags)
{
	static char nowhere[SKIP];
	struct iovec iov[SKIPS + 1];
	struct msghdr mh = { .msg_iov = iov };
	size_t left = c->taken, i;
	uint32_t len;
	ssize_t got;

	got = REAL(recv)(fd, &len, sizeof(len), flags | MSG_PEEK);
	if (got != sizeof(len) || len <= c->taken ||
	    c->taken > (SKIPS - 1) * SKIP) {
		c->taken = 0; /* the end, an error, no message */
		return got == -1 ? -1 : REAL(recv)(fd, buf, n, flags);
	}
	for (i = 0; left > 0; i++) {
		iov[i].iov_base = nowhere;
		iov[i].iov_len = left < SKIP ? left : SKIP;
		left -= iov[i].iov_len;
	}
	iov[i].iov_base = buf;
	iov[i].iov_len = n < len - c->taken ? n : len - c->taken;
	mh.msg_iovlen = i + 1;
	if (iov[i].iov_len < len - c->taken)
		flags |= MSG_PEEK;
	got = recvmsg(fd, &mh, flags);
	if (got < (ssize_t)c->taken)
		return -1;
	got -= (ssize_t)c->taken;
	c->taken = flags & MSG_PEEK ? c->taken + (size_t)got : 0;
	return got;
}

INTERPOSE(ssize_t, recv, (int fd, void *buf, size_t n, int flags))
{
	struct channel *c;
	int saved = errno;

	c = nchannels > 0 ? channel_find(fd) : NULL;
	errno = saved;
	if (c == NULL || (flags & MSG_PEEK) ||
	    (c->taken == 0 && n >= WHOLE_MIN))
		return REAL(recv)(fd, buf, n, flags);
	return recv_part(c, fd, buf, n, flags);
}
