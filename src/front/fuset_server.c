/* SPDX-License-Identifier: ISC */
#include "front/fuset_server.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/fork.h"
#include "base/nosignal.h"
#include "relay/devpair.h"

#define SERVER_HOME "/.fuse-t" /* under $HOME, then the default */

#define SERVER_TERM_S 5 /* after "unmount", then SIGTERM */
#define SERVER_KILL_S 5 /* after SIGTERM, then SIGKILL */

void
fuset_server_path(char out[FUSET_PATH_MAX], const char *first)
{
	const char *home = getenv("HOME");

	if (first != NULL) {
		snprintf(out, FUSET_PATH_MAX, "%s", first);
		return;
	}
	if (home != NULL) {
		snprintf(out, FUSET_PATH_MAX, "%s%s%s", home, SERVER_HOME,
		    FUSET_SERVER_DEFAULT);
		if (access(out, X_OK) == 0)
			return;
	}
	snprintf(out, FUSET_PATH_MAX, "%s", FUSET_SERVER_DEFAULT);
}

/* In the child, after fork: only the server's ends stay open. */
__attribute__((noreturn)) static void
server_exec(char *const argv[], const char *comm, const char *mon,
    const int fds[2], const int *keep)
{
	int null = open("/dev/null", O_RDWR), i;

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
	if (null > 2)
		close(null);
	execv(argv[0], argv);
	_exit(1);
}

static pid_t
server_spawn(char *const argv[], const int fds[2], const int *keep)
{
	char comm[16], mon[16];
	pid_t pid;

	snprintf(comm, sizeof(comm), "%d", fds[0]);
	snprintf(mon, sizeof(mon), "%d", fds[1]);
	if ((pid = fork_without_handlers()) == 0)
		server_exec(argv, comm, mon, fds, keep);
	return pid;
}

static void
server_ended_cb(void *arg, pid_t pid, int status)
{
	struct fuset_server *s = arg;

	(void)pid;
	event_del(s->monitor_ev);
	event_del(s->patience);
	s->ev->ended(s->arg, status);
}

ssize_t
fuset_monitor_read(int fd, void *bytes, size_t cap)
{
	ssize_t n = recv(fd, bytes, cap, MSG_DONTWAIT);

	if (n == -1 && errno != EAGAIN && errno != EINTR)
		return 0; /* nothing will come any more */
	return n;
}

static void
server_monitor_cb(evutil_socket_t fd, short what, void *arg)
{
	struct fuset_server *s = arg;
	char bytes[64];
	ssize_t n;

	(void)what;
	if ((n = fuset_monitor_read(fd, bytes, sizeof(bytes))) == -1)
		return;
	/* At its end the server is ending; its exit is heard of by itself. */
	if (n == 0)
		event_del(s->monitor_ev);
	s->ev->said(s->arg, bytes, (size_t)n);
}

static void
server_patience_cb(evutil_socket_t fd, short what, void *arg)
{
	struct timeval tv = { SERVER_KILL_S, 0 };
	struct fuset_server *s = arg;

	(void)fd;
	(void)what;
	if (s->process.pid == 0)
		return;
	log_warn("FUSE-T's server (process %d) did not end: %s",
	    (int)s->process.pid, s->term_sent ? "killed" : "sent SIGTERM");
	kill(s->process.pid, s->term_sent ? SIGKILL : SIGTERM);
	s->term_sent = 1;
	event_add(s->patience, &tv);
}

int
fuset_server_tell(struct fuset_server *s, const void *bytes, size_t n)
{
	ssize_t sent;

	do
		sent = send(s->monitor, bytes, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (sent == -1 && errno == EINTR);
	if (sent == (ssize_t)n)
		return E_OK;
	if (sent != -1)
		errno = EAGAIN;
	return E_SYS;
}

void
fuset_server_hang_up(struct fuset_server *s)
{
	if (s->monitor != -1 && shutdown(s->monitor, SHUT_WR) == -1)
		log_debug("shutdown: %s", strerror(errno));
}

void
fuset_server_unmount(struct fuset_server *s)
{
	struct timeval tv = { SERVER_TERM_S, 0 };

	if (s->process.pid == 0)
		return;
	/* A socket that can't take 7 bytes belongs to a stuck server: the
	 * timer deals with it. */
	if (fuset_server_tell(s, "unmount", 7) != E_OK)
		log_debug("unmount: %s", strerror(errno));
	if (!evtimer_pending(s->patience, NULL))
		event_add(s->patience, &tv);
}

void
fuset_server_fini(struct fuset_server *s)
{
	if (s->ev == NULL)
		return;
	if (s->process.pid != 0) {
		kill(s->process.pid, SIGKILL);
		reaper_unwatch(&s->process);
	}
	if (s->monitor_ev != NULL)
		event_free(s->monitor_ev);
	if (s->patience != NULL)
		event_free(s->patience);
	file_close(&s->monitor);
	memset(s, 0, sizeof(*s));
	s->monitor = -1;
}

static int
server_pairs(int data[2], int mon[2])
{
	int type = SOCK_STREAM, i;

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
server_events(struct fuset_server *s, struct event_base *base)
{
	s->monitor_ev = event_new(base, s->monitor, EV_READ | EV_PERSIST,
	    server_monitor_cb, s);
	s->patience = evtimer_new(base, server_patience_cb, s);
	if (s->monitor_ev == NULL || s->patience == NULL ||
	    event_add(s->monitor_ev, NULL) == -1)
		return E_NOMEM;
	return E_OK;
}

int
fuset_server_start(struct fuset_server *s, struct event_base *base,
    struct reaper *reaper, char *const argv[], const int *keep,
    const struct fuset_server_events *ev, void *arg, int *data)
{
	int pair[2] = { -1, -1 }, mon[2] = { -1, -1 }, ends[2], i, r, saved;

	*data = -1;
	memset(s, 0, sizeof(*s));
	s->ev = ev;
	s->arg = arg;
	s->monitor = -1;
	if ((r = server_pairs(pair, mon)) != E_OK)
		goto out;
	s->monitor = mon[1];
	mon[1] = -1; /* handed over */
	if ((r = server_events(s, base)) != E_OK)
		goto out;
	ends[0] = pair[0];
	ends[1] = mon[0];
	r = E_SYS;
	if ((s->process.pid = server_spawn(argv, ends, keep)) == -1) {
		s->process.pid = 0;
		goto out;
	}
	s->process.ended = server_ended_cb;
	s->process.arg = s;
	reaper_watch(reaper, &s->process);
	*data = pair[1];
	pair[1] = -1; /* handed over */
	r = E_OK;
out:
	saved = errno;
	for (i = 0; i < 2; i++) {
		file_close(&pair[i]);
		file_close(&mon[i]);
	}
	errno = saved;
	return r;
}
