/* SPDX-License-Identifier: ISC */
/*
 * Ends of a mount: the library says "unmount" or closes the monitor; the
 * data channel closes; someone unmounts; a signal; a bad reply.  Whatever
 * comes first, the kernel's side is let go of before the process ends, so
 * that no caller hangs, and no DESTROY is sent, as FUSE-T sends none.
 */
#include "emulator/server.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/log.h"
#include "base/mountflags.h"
#include "emulator/kclient.h"
#include "emulator/monitor.h"
#include "emulator/workload.h"

#define SERVER_BUFFER (4 * 1024 * 1024) /* FUSE-T's on the data channel */
#define SERVER_SMALL_BUFFER 4096	/* with --short-writes */
#define SERVER_DATA_MAX (1024u * 1024)	/* of one message, without rwsize */
#define SERVER_DRAIN 5			/* s, for the last messages */
#define SERVER_PATIENCE 10000		/* ms, for the rest of a reply */
#define SERVER_WINDOW 4			/* large messages in flight */
#define SERVER_WINDOW_SHORT 16		/* enough to fill any socket */
#define SERVER_FILL (24u * 1024 * 1024) /* bytes: thrice a socket's worth */
#define SERVER_SIGNALS 3

struct server {
	const struct options *o;
	struct event_base *base;
	struct channel channel;
	struct monitor monitor;
	struct kclient kernel;
	struct client client;
	struct event signals[SERVER_SIGNALS], drain;
	int use_kernel;
	int mounting, ready, draining, over;
	int status; /* exit status */
};

static void
server_end(struct server *s, int status)
{
	if (s->over)
		return;
	s->over = 1;
	s->status = status;
	event_base_loopbreak(s->base);
}

/* No more requests come: end when the last are sent, and the kernel's
 * answered. */
static void
server_drained(struct server *s)
{
	/* Unmounted before INIT was answered, it will not be. */
	const int never_up = s->kernel.over && !s->kernel.settled;
	const int idle = s->use_kernel && !never_up ?
	    channel_is_idle(&s->channel) :
	    sender_is_idle(&s->channel.sender);

	if (s->draining && idle)
		server_end(s, s->status);
}

static void
server_drain(struct server *s)
{
	struct timeval tv = { SERVER_DRAIN, 0 };

	if (!s->draining) {
		s->draining = 1;
		event_add(&s->drain, &tv);
	}
}

static void
server_drain_cb(evutil_socket_t fd, short what, void *arg)
{
	struct server *s = arg;

	(void)fd;
	(void)what;
	log_warn("ending with %zu requests unanswered",
	    channel_pending(&s->channel));
	server_end(s, s->status);
}

/* Unmount, by the library's or the user's wish. */
static void
server_stop(struct server *s)
{
	if (!s->use_kernel) {
		client_stop(&s->client, E_EOF);
		return;
	}
	if (kclient_is_mounting(&s->kernel)) {
		server_drain(s); /* and undo it when it is there */
		return;
	}
	if (s->kernel.dev == -1) {
		server_end(s, SERVER_FINE);
		return;
	}
	/* The kernel's last requests follow, then unmounted() is called. */
	if (!s->draining) {
		server_drain(s);
		kclient_detach(&s->kernel);
	}
}

static void
server_signal_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	server_stop(arg);
}

/* The monitor. */

static void
server_mount(void *arg)
{
	struct server *s = arg;
	struct mount_request spec = { 0 };

	if (!s->use_kernel) {
		if (s->o->mount_status)
			monitor_answer_first(&s->monitor, 0);
		if (s->ready)
			monitor_answer(&s->monitor, 0);
		return;
	}
	if (s->mounting)
		return;
	s->mounting = 1;
	spec.source = s->o->mount_source != NULL ? s->o->mount_source :
						   s->o->volname;
	spec.target = s->o->target;
	spec.type = s->o->mount_type;
	spec.flags = MOUNTFLAG_NOSUID | MOUNTFLAG_NODEV;
	if (s->o->read_only)
		spec.flags |= MOUNTFLAG_RDONLY;
	if (s->o->noatime)
		spec.flags |= MOUNTFLAG_NOATIME;
	spec.options = s->o->mount_options;
	kclient_mount(&s->kernel, &spec, s->o->call_timeout, s->o->log_fd);
}

static void
server_unmount(void *arg)
{
	server_stop(arg);
}

static const struct monitor_calls server_monitor_calls = {
	.mount = server_mount,
	.unmount = server_unmount,
};

/* The kernel's side. */

static void
server_there(void *arg)
{
	struct server *s = arg;

	if (s->o->mount_status)
		monitor_answer_first(&s->monitor, 0);
	if (s->draining)
		kclient_detach(&s->kernel);
}

static void
server_mounted(void *arg, int status)
{
	struct server *s = arg;

	monitor_answer(&s->monitor, status);
	if (status != 0)
		server_end(s, SERVER_FAILED);
}

static void
server_unmounted(void *arg)
{
	struct server *s = arg;

	server_drain(s);
	server_drained(s);
}

static const struct kclient_calls server_kernel_calls = {
	.there = server_there,
	.mounted = server_mounted,
	.unmounted = server_unmounted,
};

/* The data channel. */

static void
server_reply(void *arg, void *user, uint32_t opcode, struct span reply)
{
	struct server *s = arg;

	if (s->use_kernel)
		kclient_reply(&s->kernel, opcode, reply);
	else
		client_answer(&s->client, user, reply);
	if (s->kernel.over || !s->use_kernel)
		server_drained(s);
}

static void
server_room(void *arg)
{
	struct server *s = arg;

	if (s->use_kernel)
		kclient_room(&s->kernel);
	if (s->kernel.over || !s->use_kernel)
		server_drained(s);
}

static void
server_channel_end(void *arg, int r)
{
	struct server *s = arg;
	int status = SERVER_FAILED;

	if (r == E_EOF)
		status = s->status;
	else if (r == E_PROTO || r == E_DESYNC)
		status = SERVER_BAD_REPLY;
	else
		log_error("data channel: %s", err_text(r));
	if (s->use_kernel || s->draining) {
		server_end(s, status);
		return;
	}
	s->status = status;
	client_stop(&s->client, r);
}

static const struct channel_calls server_channel_calls = {
	.reply = server_reply,
	.room = server_room,
	.end = server_channel_end,
};

/* FUSE-T's library asks for large buffers on both ends. */
static void
server_buffers(int fd, int bytes)
{
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes)) ==
		-1 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes)) == -1)
		log_info("buffers of %d bytes: %s", bytes, strerror(errno));
}

static int
server_signals(struct server *s)
{
	static const int signals[SERVER_SIGNALS] = { SIGTERM, SIGINT, SIGHUP };
	int i;

	signal(SIGPIPE, SIG_IGN);
	for (i = 0; i < SERVER_SIGNALS; i++)
		if (evsignal_assign(&s->signals[i], s->base, signals[i],
			server_signal_cb, s) != 0 ||
		    event_add(&s->signals[i], NULL) != 0)
			return E_SYS;
	return E_OK;
}

static int
server_init(struct server *s, int data_fd, int monitor_fd)
{
	struct channel_conf conf = { 0 };
	int r;

	/* Not used yet, but closed at the end. */
	s->channel.fd = data_fd;
	s->monitor.fd = monitor_fd;
	if ((s->base = sender_base_new()) == NULL)
		return E_NOMEM;
	server_buffers(data_fd,
	    s->o->shaping.short_writes ? SERVER_SMALL_BUFFER : SERVER_BUFFER);
	conf.shape = s->o->shaping.shape;
	conf.delay = s->o->shaping.delay;
	conf.slow = s->o->shaping.short_writes;
	/* Sooner than the call itself is given up. */
	conf.patience = s->o->call_timeout * 500;
	if (conf.patience > SERVER_PATIENCE)
		conf.patience = SERVER_PATIENCE;
	if ((r = channel_init(&s->channel, s->base, data_fd, &conf,
		 &server_channel_calls, s)) != E_OK)
		return r;
	kclient_init(&s->kernel, s->base, &s->channel, s->o->rwsize,
	    &server_kernel_calls, s);
	if (evtimer_assign(&s->drain, s->base, server_drain_cb, s) != 0)
		return E_SYS;
	if ((r = client_init(&s->client, s->base, &s->channel,
		 s->o->call_timeout)) != E_OK)
		return r;
	s->client.quirks = s->o->quirks;
	if ((r = server_signals(s)) != E_OK)
		return r;
	return monitor_init(&s->monitor, s->base, monitor_fd,
	    &server_monitor_calls, s);
}

static void
server_fini(struct server *s)
{
	int i;

	kclient_abort(&s->kernel);
	kclient_detach(&s->kernel);
	kclient_fini(&s->kernel);
	client_fini(&s->client);
	monitor_fini(&s->monitor);
	channel_fini(&s->channel);
	for (i = 0; i < SERVER_SIGNALS; i++)
		if (event_initialized(&s->signals[i]))
			event_del(&s->signals[i]);
	if (event_initialized(&s->drain))
		event_del(&s->drain);
	if (s->base != NULL)
		event_base_free(s->base);
}

/* One line about the stream, for the report. */
static void
server_stream_line(const struct server *s, char *line, size_t cap)
{
	const struct sender_stats *st = &s->channel.sender.stats;

	snprintf(line, cap,
	    "stream: %llu requests in %llu pieces, %llu "
	    "joined, largest %zu bytes, %llu replies in %llu reads, seed "
	    "%llu",
	    (unsigned long long)st->messages, (unsigned long long)st->pieces,
	    (unsigned long long)st->joined, st->largest,
	    (unsigned long long)s->channel.replies,
	    (unsigned long long)s->channel.frame.stats.reads,
	    (unsigned long long)s->o->shaping.shape.seed);
}

static void
server_workload(struct server *s)
{
	const struct options *o = s->o;
	struct workload_conf conf = { 0 };
	char line[256];
	unsigned failed;
	int r;

	r = client_start(&s->client, o->minor,
	    o->rwsize != 0 ? o->rwsize : SERVER_DATA_MAX);
	s->ready = 1;
	monitor_answer(&s->monitor, r == 0 ? 0 : EIO);
	if (r != 0) {
		dprintf(o->report_fd, "FAIL %s\n",
		    client_why(&s->client, r, "INIT"));
		if (s->status == SERVER_FINE)
			s->status = SERVER_ROWS_FAILED;
		return;
	}
	conf.name = o->workload;
	conf.seed = o->shaping.shape.seed;
	conf.window = o->shaping.short_writes ? SERVER_WINDOW_SHORT :
						SERVER_WINDOW;
	conf.fill = o->shaping.short_writes ? SERVER_FILL : 0;
	conf.report_fd = o->report_fd;
	failed = workload_run(&conf, &s->client);
	if (failed > 0 && s->status == SERVER_FINE)
		s->status = SERVER_ROWS_FAILED;
	/* The last FORGETs have no answer, but must leave. */
	if (s->client.ended == 0 && !sender_is_idle(&s->channel.sender)) {
		server_drain(s);
		event_base_dispatch(s->base);
	}
	server_stream_line(s, line, sizeof(line));
	dprintf(o->report_fd, "%s\n", line);
}

int
server_run(const struct options *o, int data_fd, int monitor_fd)
{
	struct server s;
	char line[256];
	int r;

	memset(&s, 0, sizeof(s));
	s.o = o;
	s.kernel.dev = s.kernel.helper.pid = s.kernel.helper.comm = -1;
	s.use_kernel = o->workload == NULL;
	s.status = SERVER_FINE;
	if ((r = server_init(&s, data_fd, monitor_fd)) != E_OK) {
		log_error("starting: %s", err_why(r));
		s.status = SERVER_FAILED;
	} else if (s.use_kernel) {
		event_base_dispatch(s.base);
		server_stream_line(&s, line, sizeof(line));
		log_info("%s", line);
	} else {
		server_workload(&s);
	}
	server_fini(&s);
	return s.status;
}
