/* SPDX-License-Identifier: ISC */
/* A stream socket of the user's as front: it mounts nothing. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "front/front.h"
#include "relay/devpair.h"

#define ACCEPT_AGAIN_MS 100

struct front_socket {
	struct front *front;
	struct event *accept_ev, *again_ev, *ended_ev;
	struct front_conf *conf;
	int told; /* of an accept() that failed */
};

static int
socket_prepare(int fd)
{
	socklen_t len = sizeof(int);
	int type = 0;

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == -1)
		return E_SYS;
	if (type != SOCK_STREAM) {
		errno = EPROTOTYPE;
		return E_SYS;
	}
	if (evutil_make_socket_nonblocking(fd) == -1 ||
	    evutil_make_socket_closeonexec(fd) == -1)
		return E_SYS;
	devpair_enlarge(fd);
	return E_OK;
}

static int
socket_connect(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(sun.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(sun.sun_path, path);
	if ((fd = socket(AF_UNIX, SOCK_STREAM, 0)) == -1)
		return -1;
	if (evutil_make_socket_closeonexec(fd) == -1 ||
	    connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == -1) {
		file_close(&fd);
		return -1;
	}
	return fd;
}

/* Only processes of our own user may be the front. */
static int
socket_peer_is_ours(int fd)
{
#ifdef SO_PEERCRED
	struct ucred peer = { 0 };
	socklen_t len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == -1)
		return 0;
	if (peer.uid == geteuid())
		return 1;
	log_warn("a client of user %u (process %d) was turned away", peer.uid,
	    (int)peer.pid);
	return 0;
#else
	uid_t uid;
	gid_t gid;

	return getpeereid(fd, &uid, &gid) == 0 && uid == geteuid();
#endif
}

/* No descriptor is free, say.  The client waits and so the socket stays
 * readable: look again after a while, not at once. */
static void
socket_accept_failed(struct front_socket *s, int num)
{
	struct timeval tv = { 0, ACCEPT_AGAIN_MS * 1000 };

	if (num == EAGAIN || num == EINTR || num == ECONNABORTED)
		return;
	if (!s->told)
		log_warn("accept: %s; tried again", strerror(num));
	s->told = 1;
	event_del(s->accept_ev);
	event_add(s->again_ev, &tv);
}

static void
socket_again_cb(evutil_socket_t fd, short what, void *arg)
{
	struct front_socket *s = arg;

	(void)fd;
	(void)what;
	event_add(s->accept_ev, NULL);
}

static void
socket_accept_cb(evutil_socket_t lfd, short what, void *arg)
{
	struct front_socket *s = arg;
	int fd = accept(lfd, NULL, NULL);

	(void)what;
	if (fd == -1) {
		socket_accept_failed(s, errno);
		return;
	}
	if (!socket_peer_is_ours(fd) || socket_prepare(fd) != E_OK) {
		close(fd);
		return;
	}
	/* One client: nobody else gets in. */
	event_del(s->accept_ev);
	front_listen_close(s->conf);
	s->front->ev->stream(s->front->arg, fd);
}

static void
socket_ended_cb(evutil_socket_t fd, short what, void *arg)
{
	struct front_socket *s = arg;

	(void)fd;
	(void)what;
	s->front->ev->ended(s->front->arg, 0);
}

static void
socket_unmount(struct front *f, int flags)
{
	struct front_socket *s = f->own;

	(void)flags;
	if (s->accept_ev != NULL)
		event_del(s->accept_ev);
	if (s->again_ev != NULL)
		event_del(s->again_ev);
	event_active(s->ended_ev, EV_TIMEOUT, 0);
}

static void
socket_free(struct front *f)
{
	struct front_socket *s = f->own;

	if (s->accept_ev != NULL)
		event_free(s->accept_ev);
	if (s->again_ev != NULL)
		event_free(s->again_ev);
	if (s->ended_ev != NULL)
		event_free(s->ended_ev);
	free(s);
}

static int
socket_listen(struct front_socket *s, struct front_conf *c)
{
	s->accept_ev = event_new(s->front->base, c->fd, EV_READ | EV_PERSIST,
	    socket_accept_cb, s);
	s->again_ev = evtimer_new(s->front->base, socket_again_cb, s);
	if (s->accept_ev == NULL || s->again_ev == NULL ||
	    event_add(s->accept_ev, NULL) == -1)
		return E_NOMEM;
	return E_OK;
}

static int
socket_start(struct front *f, struct front_conf *c,
    const struct mount_request *q)
{
	struct front_socket *s;
	int fd = c->fd;

	(void)q;
	if (fd == -1 || c->taken)
		return E_FULL; /* used up by an earlier mount */
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return E_NOMEM;
	f->own = s;
	s->front = f;
	s->conf = c;
	if ((s->ended_ev = evtimer_new(f->base, socket_ended_cb, s)) == NULL)
		return E_NOMEM;
	if (c->kind == FRONT_LISTEN) {
		c->taken = 1;
		return socket_listen(s, c);
	}
	if (socket_prepare(fd) != E_OK) {
		log_error("the front is not a stream socket: %s",
		    strerror(errno));
		close(fd);
		return E_SYS;
	}
	c->fd = -1;
	f->ev->stream(f->arg, fd);
	return E_OK;
}

int
front_prepare(struct front_conf *c)
{
	if (c->kind == FRONT_LISTEN)
		return front_listen_open(c);
	if (c->kind == FRONT_CONNECT &&
	    (c->fd = socket_connect(c->path)) == -1) {
		log_error("can't connect to %s: %s", c->path, strerror(errno));
		return E_SYS;
	}
	if (c->kind == FRONT_FD &&
	    evutil_make_socket_closeonexec(c->fd) == -1) {
		log_error("descriptor %d: %s", c->fd, strerror(errno));
		return E_SYS;
	}
	return E_OK;
}

const struct front_ops front_socket_ops = { .start = socket_start,
	.unmount = socket_unmount,
	.free = socket_free };
