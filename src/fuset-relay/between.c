/* SPDX-License-Identifier: ISC */
#include "fuset-relay/between.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/nosignal.h"
#include "base/wish.h"
#include "live/report.h"
#include "relay/caught.h"
#include "serve/state.h"

#define BETWEEN_FAILED 1 /* as a server that can't be executed */
#define BETWEEN_SIGNALS 4

#define TICK_MS 10
#define TICKS_LAST_BYTES (1000 / TICK_MS) /* after the server's exit */
#define TICKS_SAY_END (5000 / TICK_MS)	  /* to a client with a full queue */
#define CLIENT_SILENT_S 5		  /* hung up, and no reply either */

struct between {
	struct between_conf *c;
	struct event_base *base;
	struct relay relay;
	struct reaper reaper;
	struct fuset_server server;
	struct session *session;
	struct live *live;
	struct event *monitor_ev, *tick, *silence;
	struct caught signals[BETWEEN_SIGNALS];
	char last[7];		/* what the client said last */
	enum front_state front; /* FRONT_UNMOUNTING: the client asked for it */
	enum daemon_state client; /* as a daemon */
	struct wish wish;	  /* signals that told us to end */
	unsigned ticks_left, ticks_full;
	uint64_t replies; /* when the silence was looked at last */
	int status;	  /* of the server, waitpid()'s */
};

static void
between_tick_on(struct between *b)
{
	struct timeval tv = { 0, TICK_MS * 1000 };

	if (!evtimer_pending(b->tick, NULL))
		event_add(b->tick, &tv);
}

static int
between_has_hung_up(const struct between *b)
{
	return !event_pending(b->monitor_ev, EV_READ, NULL);
}

/* The server has ended: has everything that it sent before been read? */
static int
between_all_is_read(struct between *b)
{
	if (!session_front_closed(b->session) &&
	    ++b->ticks_left > TICKS_LAST_BYTES)
		session_end_front(b->session); /* some child holds it open */
	/* DESTROY waits for a reply; a client that hung up need not read. */
	return session_front_closed(b->session) && between_has_hung_up(b);
}

static void
between_tick_cb(evutil_socket_t fd, short what, void *arg)
{
	struct between *b = arg;

	(void)fd;
	(void)what;
	if (b->client == DAEMON_SERVING && b->front == FRONT_ENDED &&
	    between_all_is_read(b))
		daemon_state_move(&b->client, DAEMON_END);
	if (b->client == DAEMON_ENDING) {
		if (session_say_end(b->session) == E_AGAIN &&
		    ++b->ticks_full < TICKS_SAY_END)
			return;
		session_close_device(b->session);
		daemon_state_move(&b->client, DAEMON_GO);
	}
	if (b->front != FRONT_ENDED || !daemon_state_is_gone(b->client))
		return;
	/* (Though it was silent, it may still read.) */
	if (b->client == DAEMON_LEFT)
		session_say_end(b->session);
	event_base_loopbreak(b->base);
}

/* The session. */

static void
between_daemon_gone_cb(void *arg)
{
	struct between *b = arg;

	daemon_state_move(&b->client, DAEMON_GO);
	session_trace_end(b->session);
	log_info("the client is gone");
	fuset_server_unmount(&b->server);
	between_tick_on(b);
}

static void
between_front_gone_cb(void *arg, int r)
{
	struct between *b = arg;

	(void)r; /* logged by the session */
	front_state_move(&b->front, FRONT_LOSE);
	daemon_state_move(&b->client, DAEMON_END);
	session_trace_end(b->session);
	fuset_server_unmount(&b->server);
	between_tick_on(b);
}

static const struct session_events between_session_events = {
	.daemon_gone = between_daemon_gone_cb,
	.front_gone = between_front_gone_cb,
};

/* The server. */

static void
between_said_cb(void *arg, const void *bytes, size_t n)
{
	struct between *b = arg;
	int32_t status;

	if (n == 0) {
		if (shutdown(b->c->monitor, SHUT_WR) == -1)
			log_debug("shutdown: %s", strerror(errno));
		return;
	}
	if (n == sizeof(status)) {
		memcpy(&status, bytes, sizeof(status));
		log_info("the server's answer to \"mount\": %d", (int)status);
	}
	if (send(b->c->monitor, bytes, n, MSG_DONTWAIT | MSG_NOSIGNAL) !=
	    (ssize_t)n)
		log_warn("the client does not take the server's answer");
}

static void
between_ended_cb(void *arg, int status)
{
	struct between *b = arg;

	front_state_move(&b->front, FRONT_END);
	b->status = status;
	if (WIFSIGNALED(status))
		log_warn("the server was killed by signal %d",
		    WTERMSIG(status));
	else
		log_info("the server ended with status %d",
		    WEXITSTATUS(status));
	between_tick_on(b);
}

static const struct fuset_server_events between_server_events = {
	.said = between_said_cb,
	.ended = between_ended_cb,
};

/* The client. */

/* Keep the last bytes, and look whether they are the word "unmount". */
static void
between_listen(struct between *b, const char *bytes, size_t n)
{
	for (; n > 0; n--) {
		memmove(b->last, b->last + 1, sizeof(b->last) - 1);
		b->last[sizeof(b->last) - 1] = *bytes++;
		if (memcmp(b->last, "unmount", sizeof(b->last)) != 0)
			continue;
		front_state_move(&b->front, FRONT_UNMOUNT);
		log_info("the client asks for the unmount");
	}
}

static void
between_client_died(struct between *b)
{
	if (daemon_state_move(&b->client, DAEMON_GIVE_UP))
		session_daemon_died(b->session);
}

/*
 * The end of a datagram socket's peer is heard of here alone.  But a client
 * that said "unmount" hangs up and may still serve the last requests.
 */
static void
between_hung_up(struct between *b)
{
	struct timeval tv = { CLIENT_SILENT_S, 0 };

	event_del(b->monitor_ev);
	fuset_server_hang_up(&b->server);
	if (b->c->type != SOCK_DGRAM)
		return;
	b->replies = session_stats(b->session)->replies;
	if (b->front == FRONT_UP)
		between_client_died(b);
	else
		event_add(b->silence, &tv);
}

static void
between_silence_cb(evutil_socket_t fd, short what, void *arg)
{
	struct timeval tv = { CLIENT_SILENT_S, 0 };
	struct between *b = arg;

	(void)fd;
	(void)what;
	if (session_stats(b->session)->replies == b->replies) {
		between_client_died(b);
		return;
	}
	b->replies = session_stats(b->session)->replies;
	event_add(b->silence, &tv);
}

static void
between_monitor_cb(evutil_socket_t fd, short what, void *arg)
{
	struct between *b = arg;
	char bytes[64];
	ssize_t n;

	(void)what;
	if ((n = fuset_monitor_read(fd, bytes, sizeof(bytes))) == -1)
		return;
	if (n == 0) {
		between_hung_up(b);
		return;
	}
	between_listen(b, bytes, (size_t)n);
	if (fuset_server_tell(&b->server, bytes, (size_t)n) != E_OK)
		log_warn("the server does not take the client's words: %s",
		    strerror(errno));
}

static void
between_signal_cb(evutil_socket_t sig, short what, void *arg)
{
	struct between *b = arg;
	struct timespec now;

	(void)what;
	if (sig == SIGUSR1) {
		report_stats(b->session, b->c->mount_point, log_say);
		report_inflight(b->session, b->c->mount_point, b->live);
		return;
	}
	log_info("signal %d", (int)sig);
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (wish_heard(&b->wish, (int)sig, &now) == WISH_INSISTS)
		event_base_loopbreak(b->base);
	fuset_server_unmount(&b->server);
}

/* Processes that the server left to us. */
static void
between_other_cb(void *arg, pid_t pid, int status)
{
	(void)arg;
	(void)pid;
	(void)status;
}

static int
between_signals(struct between *b)
{
	static const int signals[BETWEEN_SIGNALS] = { SIGTERM, SIGINT, SIGHUP,
		SIGUSR1 };
	int i, r = E_OK;

	signal(SIGPIPE, SIG_IGN);
	/* For when the event is no more. */
	signal(SIGUSR1, SIG_IGN);
	for (i = 0; i < BETWEEN_SIGNALS && r == E_OK; i++)
		r = caught_begin(&b->signals[i], b->base, signals[i],
		    between_signal_cb, b);
	return r;
}

/* The client's end of the data channel as a session's device end. */
static void
between_pair(const struct between *b, struct devpair *d)
{
	d->relay = b->c->data;
	d->daemon = -1;
	if (b->c->type == SOCK_STREAM) {
		d->request = d->reply = SESSION_REQUEST_MAX;
		devpair_enlarge(d->relay);
		return;
	}
	/* The library asked the same for its end as for ours. */
	d->reply = devpair_capacity(d->relay);
	devpair_enlarge(d->relay);
	d->request = devpair_capacity(d->relay);
}

static int
between_session(struct between *b, int front_fd)
{
	struct session_conf sc = { .front_kind = PORT_STREAM,
		.front_fd = front_fd,
		.ev = &between_session_events,
		.arg = b,
		.device_is_stream = b->c->type == SOCK_STREAM };
	int r;

	between_pair(b, &sc.pair);
	r = session_new(&b->session, &b->relay, &sc);
	if (r != E_OK)
		return r;
	b->c->data = -1; /* handed over */
	session_trace_begin(b->session, b->c->mount_point);
	return E_OK;
}

/* A file system is worth more than its trace. */
static int
between_trace(struct between *b)
{
	static struct trace_opts none;
	int r;

	if ((r = live_open(&b->live, b->c->trace, b->base)) != E_OK) {
		log_warn("going on without a trace");
		trace_opts_init(&none);
		r = live_open(&b->live, &none, b->base);
	}
	if (r == E_OK)
		b->relay.trace = live_trace(b->live);
	return r;
}

static int
between_init(struct between *b)
{
	int front_fd, i, r;

	if ((b->base = event_base_new()) == NULL)
		return E_NOMEM;
	if ((r = relay_init(&b->relay, b->base, &b->c->relay)) != E_OK ||
	    (r = between_trace(b)) != E_OK ||
	    (r = reaper_init(&b->reaper, b->base, between_other_cb, b)) !=
		E_OK ||
	    (r = between_signals(b)) != E_OK)
		return r;
	for (i = 0; i < 2; i++)
		if (evutil_make_socket_nonblocking(
			i ? b->c->data : b->c->monitor) == -1)
			return E_SYS;
	b->tick = event_new(b->base, -1, EV_PERSIST, between_tick_cb, b);
	b->silence = evtimer_new(b->base, between_silence_cb, b);
	b->monitor_ev = event_new(b->base, b->c->monitor, EV_READ | EV_PERSIST,
	    between_monitor_cb, b);
	if (b->tick == NULL || b->silence == NULL || b->monitor_ev == NULL ||
	    event_add(b->monitor_ev, NULL) == -1)
		return E_NOMEM;
	if ((r = fuset_server_start(&b->server, b->base, &b->reaper,
		 b->c->argv, NULL, &between_server_events, b, &front_fd)) !=
	    E_OK)
		return r;
	if ((r = between_session(b, front_fd)) != E_OK)
		close(front_fd);
	return r;
}

static void
between_fini(struct between *b)
{
	int i;

	session_free(b->session);
	live_close(b->live);
	fuset_server_fini(&b->server);
	if (b->monitor_ev != NULL)
		event_free(b->monitor_ev);
	if (b->tick != NULL)
		event_free(b->tick);
	if (b->silence != NULL)
		event_free(b->silence);
	for (i = 0; i < BETWEEN_SIGNALS; i++)
		caught_end(&b->signals[i]);
	reaper_fini(&b->reaper);
	relay_fini(&b->relay);
	if (b->base != NULL)
		event_base_free(b->base);
	if (b->c->data != -1) {
		devpair_say_end(b->c->data);
		close(b->c->data);
	}
	close(b->c->monitor);
}

int
between_run(struct between_conf *c)
{
	struct between b = { .c = c,
		.front = FRONT_UP,
		.client = DAEMON_SERVING };
	int r, status = BETWEEN_FAILED;

	b.server.monitor = -1;
	if ((r = between_init(&b)) != E_OK) {
		log_error("can't start: %s", err_why(r));
		goto out;
	}
	if (relay_loop(&b.relay) != E_OK) {
		log_error("can't wait for events: %s", strerror(errno));
		goto out;
	}
	report_stats(b.session, c->mount_point, log_info);
	if (b.front == FRONT_ENDED)
		status = WIFSIGNALED(b.status) ? 128 + WTERMSIG(b.status) :
						 WEXITSTATUS(b.status);
out:
	between_fini(&b);
	return status;
}
