/* SPDX-License-Identifier: ISC */
/*
 * FUSE-T's server, started as FUSE-T's own libraries start it: two stream
 * socket pairs named in the environment (data and monitor), stdio on
 * /dev/null, the mount point as last argument.
 *
 * "mount" on the monitor asks for the mount, whose status comes later as an
 * int; the server sends INIT meanwhile, so nobody may wait for that status.
 * "unmount" ends it.  Either channel's end is the end of the server.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "front/front.h"
#include "front/fuset_args.h"
#include "relay/devpair.h"

#define SERVER_TERM_S 5	/* after "unmount", then SIGTERM */
#define SERVER_KILL_S 5	/* after SIGTERM, then SIGKILL */

extern char **environ;

struct fuset {
	struct front *front;
	struct reaper_watch server;
	int monitor;
	struct event *status_ev;	/* on the monitor */
	struct event *patience;
	int32_t status;
	size_t status_have;
	int mounted, term_sent;
};

/* In the child, after fork: only the server's ends stay open. */
__attribute__((noreturn)) static void
fuset_exec(char *const argv[], const char *comm, const char *mon,
    const int fds[2], const int *keep)
{
	int null = open("/dev/null", O_RDWR), i;
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	for (i = 0; i < 2; i++)
		fcntl(fds[i], F_SETFD, 0);
	for (; keep != NULL && *keep != -1; keep++)
		fcntl(*keep, F_SETFD, 0);
	setenv("_FUSE_COMMFD", comm, 1);
	setenv("_FUSE_MONFD", mon, 1);
	setenv("_FUSE_COMMVERS", "2", 1);
	setsid();
	for (i = 0; null != -1 && i < 3; i++)
		dup2(null, i);
	execv(argv[0], argv);
	_exit(1);
}

static pid_t
fuset_spawn(char *const argv[], const int fds[2], const int *keep)
{
	char comm[16], mon[16];
	pid_t pid;

	snprintf(comm, sizeof(comm), "%d", fds[0]);
	snprintf(mon, sizeof(mon), "%d", fds[1]);
	if ((pid = fork()) == 0)
		fuset_exec(argv, comm, mon, fds, keep);
	return pid;
}

static void
fuset_ended_cb(void *arg, pid_t pid, int status)
{
	struct fuset *t = arg;

	(void)pid;
	event_del(t->status_ev);
	event_del(t->patience);
	if (!t->mounted && (!WIFEXITED(status) || WEXITSTATUS(status) != 0))
		log_debug("FUSE-T's server ended with wait status %#x",
		    (unsigned)status);
	t->front->ev->ended(t->front->arg, status);
}

static void
fuset_monitor_cb(evutil_socket_t fd, short what, void *arg)
{
	struct fuset *t = arg;
	ssize_t n;

	(void)what;
	n = recv(fd, (char *)&t->status + t->status_have,
	    sizeof(t->status) - t->status_have, MSG_DONTWAIT);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		/* The server is ending; its exit is heard of by itself. */
		event_del(t->status_ev);
		return;
	}
	t->status_have += (size_t)n;
	if (t->status_have < sizeof(t->status))
		return;
	t->status_have = 0;
	t->mounted = t->status == 0;
	t->front->ev->mounted(t->front->arg, t->status);
}

static void
fuset_patience_cb(evutil_socket_t fd, short what, void *arg)
{
	struct timeval tv = { SERVER_KILL_S, 0 };
	struct fuset *t = arg;

	(void)fd;
	(void)what;
	if (t->server.pid == 0)
		return;
	log_warn("FUSE-T's server (process %d) did not end: %s",
	    (int)t->server.pid, t->term_sent ? "killed" : "sent SIGTERM");
	kill(t->server.pid, t->term_sent ? SIGKILL : SIGTERM);
	t->term_sent = 1;
	event_add(t->patience, &tv);
}

static void
fuset_unmount(struct front *f, int flags)
{
	struct timeval tv = { SERVER_TERM_S, 0 };
	struct fuset *t = f->own;

	(void)flags;		/* the monitor knows one way only */
	if (t->server.pid == 0)
		return;
	/* A socket that can't take 7 bytes belongs to a stuck server: the
	 * timer deals with it. */
	if (send(t->monitor, "unmount", 7, MSG_DONTWAIT | MSG_NOSIGNAL) != 7)
		log_debug("unmount: %s", strerror(errno));
	event_add(t->patience, &tv);
}

/* Whichever end is gone: the server should unmount and end. */
static void
fuset_end(struct front *f)
{
	fuset_unmount(f, 0);
}

static void
fuset_free(struct front *f)
{
	struct fuset *t = f->own;

	if (t->server.pid != 0) {
		kill(t->server.pid, SIGKILL);
		reaper_unwatch(&t->server);
	}
	if (t->status_ev != NULL)
		event_free(t->status_ev);
	if (t->patience != NULL)
		event_free(t->patience);
	if (t->monitor != -1)
		close(t->monitor);
	free(t);
}

static int
fuset_pairs(int data[2], int mon[2])
{
	int type = SOCK_STREAM, i;

	data[0] = data[1] = mon[0] = mon[1] = -1;
	if (socketpair(AF_UNIX, type, 0, data) == -1 ||
	    socketpair(AF_UNIX, type, 0, mon) == -1)
		return E_SYS;
	for (i = 0; i < 2; i++) {
		devpair_enlarge(data[i]);
		if (fcntl(data[i], F_SETFD, FD_CLOEXEC) == -1 ||
		    fcntl(mon[i], F_SETFD, FD_CLOEXEC) == -1)
			return E_SYS;
	}
	if (evutil_make_socket_nonblocking(data[1]) == -1 ||
	    evutil_make_socket_nonblocking(mon[1]) == -1)
		return E_SYS;
	return E_OK;
}

static int
fuset_events(struct fuset *t)
{
	t->status_ev = event_new(t->front->base, t->monitor,
	    EV_READ | EV_PERSIST, fuset_monitor_cb, t);
	t->patience = evtimer_new(t->front->base, fuset_patience_cb, t);
	if (t->status_ev == NULL || t->patience == NULL ||
	    event_add(t->status_ev, NULL) == -1)
		return E_NOMEM;
	return E_OK;
}

static int
fuset_start(struct front *f, struct front_conf *c,
    const struct front_mount *m)
{
	int data[2] = { -1, -1 }, mon[2] = { -1, -1 }, ends[2], i, r, saved;
	struct fuset_args args = { 0 };
	struct fuset *t;

	if ((t = calloc(1, sizeof(*t))) == NULL)
		return E_NOMEM;
	f->own = t;
	t->front = f;
	t->monitor = -1;
	if ((r = fuset_args_make(&args, c, m)) != E_OK)
		goto out;
	if ((r = fuset_pairs(data, mon)) != E_OK)
		goto out;
	t->monitor = mon[1];
	mon[1] = -1;			/* handed over */
	if ((r = fuset_events(t)) != E_OK)
		goto out;
	ends[0] = data[0];
	ends[1] = mon[0];
	r = E_SYS;
	if ((t->server.pid = fuset_spawn(args.argv, ends, c->keep_fds)) ==
	    -1) {
		t->server.pid = 0;
		goto out;
	}
	t->server.ended = fuset_ended_cb;
	t->server.arg = t;
	reaper_watch(f->reaper, &t->server);
	if (send(t->monitor, "mount", 5, MSG_NOSIGNAL) != 5)
		goto out;
	f->ev->stream(f->arg, data[1]);
	data[1] = -1;			/* handed over */
	r = E_OK;
out:
	saved = errno;
	if (r == E_SYS)
		log_error("can't start FUSE-T's server: %s", strerror(errno));
	for (i = 0; i < 2; i++) {
		if (data[i] != -1)
			close(data[i]);
		if (mon[i] != -1)
			close(mon[i]);
	}
	fuset_args_free(&args);
	errno = saved;
	return r;
}

const struct front_ops front_fuset_ops = {
	fuset_start, fuset_unmount, fuset_end, fuset_end, fuset_free
};
