/* SPDX-License-Identifier: ISC */
#include "channel/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "channel/rng.h"
#include "wire/build.h"
#include "wire/head.h"
#include "wire/init.h"
#include "wire/print.h"

/* Requests without a reply.  A kernel keeps far fewer; beyond this the daemon
 * has stopped answering. */
#define CHANNEL_PENDING_MAX 65536
#define CHANNEL_BUDGET 16 /* reads in one turn of the loop */
#define CHANNEL_LINE 512  /* of a message printed for debugging */
#define CHANNEL_DUMP 64	  /* bytes of a bad message shown */

/* The slow reader: a few bytes at a time, and long pauses in between. */
#define SLOW_READ 16384
#define SLOW_PAUSE 100	 /* us, at most */
#define SLOW_STALL 20000 /* us, after some megabytes */
#define SLOW_STALL_BYTES (4u * 1024 * 1024)

/* A request that was sent and has no reply yet. */
struct channel_call {
	struct table_entry entry;
	uint64_t unique;
	struct wire_expect expect;
	void *user; /* the asker's, given back with the reply */
};

static struct channel_call *
channel_find(const struct channel *c, uint64_t unique)
{
	return table_find(c->pending, &unique, sizeof(unique));
}

static void
channel_end(struct channel *c, int r)
{
	if (c->ended)
		return;
	c->ended = 1;
	event_del(&c->in);
	event_del(&c->pause);
	event_del(&c->stuck);
	c->calls->end(c->arg, r);
}

/* Say what is wrong with a message, with its first bytes. */
static void
channel_report(const struct channel *c, struct span m, uint64_t offset,
    uint32_t opcode, const char *why)
{
	char name[OP_NAME_MAX], text[1024], *line, *next;

	log_error("bad reply at offset %llu: unique=%llu opcode=%s "
		  "len=%lu: %s",
	    (unsigned long long)offset, (unsigned long long)head_unique(m),
	    opcode != 0 ? op_name_of(opcode, name) : "?",
	    (unsigned long)head_len(m), why);
	wire_print_hex(text, sizeof(text), "  ", m, CHANNEL_DUMP);
	for (line = text; line != NULL && *line != '\0'; line = next) {
		if ((next = strchr(line, '\n')) != NULL)
			*next++ = '\0';
		log_error("%s", line);
	}
	log_info("%lu replies were good before it", (unsigned long)c->replies);
}

static int
channel_bad(const struct channel *c, const struct frame_msg *m,
    uint32_t opcode, const char *why)
{
	struct span s = { m->p, m->len };

	channel_report(c, s, m->offset, opcode, why);
	return E_PROTO;
}

/* The INIT exchange settles the layouts of everything behind it. */
static int
channel_settle(struct channel *c, struct span reply)
{
	struct span request = { c->init->p, c->init->len };
	int r = E_OK;

	if (head_error(reply) == 0)
		r = wire_proto_from_init(&c->proto, request, reply);
	wire_buf_fini(c->init);
	free(c->init);
	c->init = NULL;
	return r;
}

static int
channel_notified(struct channel *c, const struct frame_msg *m)
{
	struct span s = { m->p, m->len };
	int r;

	if ((r = wire_check_notify(&c->proto, s)) != E_OK)
		return channel_bad(c, m, 0, err_text(r));
	/* FUSE-T does not know notifications either. */
	c->notifications++;
	return E_OK;
}

/* An answer to an INTERRUPT, which needs none and may come late. */
static int
channel_interrupted(struct channel *c, const struct frame_msg *m)
{
	struct span s = { m->p, m->len };

	if (m->len != WIRE_REP_HEADER)
		return channel_bad(c, m, FUSE_OP_INTERRUPT,
		    "answer to an INTERRUPT with a body");
	c->interrupts--;
	c->calls->reply(c->arg, NULL, FUSE_OP_INTERRUPT, s);
	return E_OK;
}

static int
channel_message(struct channel *c, const struct frame_msg *m)
{
	struct span s = { m->p, m->len };
	uint64_t unique = head_unique(s);
	char line[CHANNEL_LINE];
	struct channel_call *call;
	const char *why = NULL;
	uint32_t opcode;
	void *user;

	if (unique == 0)
		return channel_notified(c, m);
	if ((call = channel_find(c, unique)) == NULL) {
		if ((unique & 1) != 0 && c->interrupts > 0)
			return channel_interrupted(c, m);
		return channel_bad(c, m, 0, "no such request is in flight");
	}
	opcode = call->expect.opcode;
	if (log_shows(LOG_DEBUG)) {
		wire_print_reply(line, sizeof(line), &c->proto, opcode, s);
		log_debug("< %s", line);
	}
	if (wire_check_reply(&c->proto, &call->expect, s, &why) != REPLY_GOOD)
		return channel_bad(c, m, opcode, why);
	if (opcode == FUSE_OP_INIT && c->init != NULL &&
	    channel_settle(c, s) != E_OK)
		return channel_bad(c, m, opcode, "INIT reply of no version");
	c->replies++;
	user = call->user;
	table_drop(&c->pending, call);
	c->calls->reply(c->arg, user, opcode, s);
	return E_OK;
}

/* Handle all complete messages that were read. */
static int
channel_messages(struct channel *c)
{
	struct frame_msg m;
	uint8_t head[WIRE_REP_HEADER];
	struct span s = { head, 0 };
	int r;

	while ((r = frame_next(&c->frame, &m)) > 0)
		if ((r = channel_message(c, &m)) != E_OK || c->ended)
			return r;
	if (r == E_DESYNC) {
		s = frame_waiting(&c->frame);
		channel_report(c, s, c->frame.offset, 0,
		    "impossible length word, stream out of step");
	}
	return r;
}

/* Report a message whose rest does not come; `why` says what came instead. */
static void
channel_unfinished(const struct channel *c, const char *why)
{
	size_t want, have = frame_partial(&c->frame, &want);
	struct span s = frame_waiting(&c->frame);
	char text[64];

	snprintf(text, sizeof(text), "%s after %zu of %zu bytes", why, have,
	    want);
	channel_report(c, s, c->frame.offset, 0, text);
}

/* End of file: E_EOF, or E_PROTO in the middle of a message. */
static int
channel_closed(const struct channel *c)
{
	size_t want;

	if (frame_partial(&c->frame, &want) == 0)
		return E_EOF;
	channel_unfinished(c, "end of file");
	return E_PROTO;
}

static void
channel_stuck_cb(evutil_socket_t fd, short what, void *arg)
{
	struct channel *c = arg;

	(void)fd;
	(void)what;
	channel_unfinished(c, "nothing more");
	channel_end(c, E_PROTO);
}

/* Start the timer for the rest of a message of which a part was read. */
static void
channel_watch(struct channel *c)
{
	struct timeval tv;
	size_t want;

	tv.tv_sec = (time_t)(c->patience / 1000);
	tv.tv_usec = (suseconds_t)(c->patience % 1000) * 1000;
	if (frame_partial(&c->frame, &want) > 0)
		event_add(&c->stuck, &tv);
	else
		event_del(&c->stuck);
}

/* Read once and handle what came: E_OK, E_AGAIN, or the end. */
static int
channel_read(struct channel *c)
{
	uint8_t *room;
	size_t len, few;
	ssize_t n;

	if ((room = frame_room(&c->frame, &len)) == NULL)
		return E_NOMEM;
	if (c->slow) {
		few = (size_t)rng_range(&c->rng, 1, SLOW_READ);
		len = len > few ? few : len;
	}
	do
		n = recv(c->fd, room, len, MSG_DONTWAIT);
	while (n == -1 && errno == EINTR);
	if (n == 0 || (n == -1 && errno == ECONNRESET))
		return channel_closed(c);
	if (n == -1)
		return errno == EAGAIN ? E_AGAIN : E_SYS;
	frame_commit(&c->frame, (size_t)n);
	c->to_stall -= c->to_stall < (size_t)n ? c->to_stall : (size_t)n;
	return channel_messages(c);
}

/* Stop reading for a while, so that the daemon's writes fill the socket. */
static void
channel_rest(struct channel *c)
{
	struct timeval tv = { 0, 0 };

	tv.tv_usec = (suseconds_t)rng_range(&c->rng, 0, SLOW_PAUSE);
	if (c->to_stall == 0) {
		tv.tv_usec = SLOW_STALL;
		c->to_stall = SLOW_STALL_BYTES;
	}
	event_del(&c->in);
	event_add(&c->pause, &tv);
}

static void
channel_pause_cb(evutil_socket_t fd, short what, void *arg)
{
	struct channel *c = arg;

	(void)fd;
	(void)what;
	event_add(&c->in, NULL);
}

static void
channel_in_cb(evutil_socket_t fd, short what, void *arg)
{
	struct channel *c = arg;
	int budget = c->slow ? 1 : CHANNEL_BUDGET, r = E_OK;

	(void)fd;
	(void)what;
	while (budget-- > 0 && r == E_OK && !c->ended)
		r = channel_read(c);
	if (r != E_OK && r != E_AGAIN) {
		channel_end(c, r);
		return;
	}
	if (c->ended)
		return;
	channel_watch(c);
	if (c->slow)
		channel_rest(c);
}

static void
channel_room_cb(void *arg)
{
	struct channel *c = arg;

	c->calls->room(c->arg);
}

/* The daemon closed its end.  What it wrote before is still read: the end
 * of file tells. */
static void
channel_gone_cb(void *arg)
{
	(void)arg;
}

static const struct sender_calls channel_sender_calls = {
	.room = channel_room_cb,
	.gone = channel_gone_cb,
};

int
channel_init(struct channel *c, struct event_base *base, int fd,
    const struct channel_conf *conf, const struct channel_calls *calls,
    void *arg)
{
	int r;

	memset(c, 0, sizeof(*c));
	c->fd = fd;
	c->proto = wire_proto_unknown;
	c->calls = calls;
	c->arg = arg;
	c->slow = conf->slow;
	c->patience = conf->patience;
	c->rng = ~conf->shape.seed;
	c->to_stall = SLOW_STALL_BYTES;
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) == -1 ||
	    fcntl(fd, F_SETFL, O_NONBLOCK) == -1)
		return E_SYS;
	r = frame_init(&c->frame, WIRE_REP_HEADER, CHANNEL_REPLY_MAX);
	if (r != E_OK)
		return r;
	if ((r = sender_init(&c->sender, base, fd, &conf->shape, conf->delay,
		 &channel_sender_calls, c)) != E_OK)
		return r;
	if (event_assign(&c->in, base, fd, EV_READ | EV_PERSIST, channel_in_cb,
		c) != 0 ||
	    evtimer_assign(&c->pause, base, channel_pause_cb, c) != 0 ||
	    evtimer_assign(&c->stuck, base, channel_stuck_cb, c) != 0 ||
	    event_add(&c->in, NULL) != 0)
		return E_SYS;
	return E_OK;
}

void
channel_fini(struct channel *c)
{
	if (event_initialized(&c->in))
		event_del(&c->in);
	if (event_initialized(&c->pause))
		event_del(&c->pause);
	if (event_initialized(&c->stuck))
		event_del(&c->stuck);
	sender_fini(&c->sender);
	table_free(&c->pending);
	frame_fini(&c->frame);
	if (c->init != NULL) {
		wire_buf_fini(c->init);
		free(c->init);
		c->init = NULL;
	}
	file_close(&c->fd);
}

/* Keep a copy of INIT: its reply can't be understood without. */
static int
channel_keep_init(struct channel *c, struct span m)
{
	if (c->init != NULL) /* another one, unanswered */
		wire_buf_fini(c->init);
	else if ((c->init = malloc(sizeof(*c->init))) == NULL)
		return E_NOMEM;
	wire_buf_init(c->init);
	wire_put_bytes(c->init, m.p, m.len);
	return c->init->failed ? E_NOMEM : E_OK;
}

/* What the reply to m must be like.  *answered: will there be one? */
static int
channel_expect(struct channel *c, struct span m, struct wire_expect *e,
    int *answered)
{
	const struct op *op = NULL;
	size_t where = 0;
	int r;

	memset(e, 0, sizeof(*e));
	if ((r = wire_check_request(&c->proto, m, &op, &where)) != E_OK) {
		log_error("request at fault, byte %zu: %s", where,
		    err_text(r));
		return r;
	}
	wire_expect_set(e, &c->proto, m);
	*answered = !e->noreply;
	if (op != NULL && (op_flags(op) & OP_MAYREPLY) != 0) {
		c->interrupts++;
		*answered = 0;
	}
	return E_OK;
}

/* E_EXISTS (the unique is in flight already), E_FULL, E_NOMEM. */
static int
channel_add(struct channel *c, uint64_t unique, const struct wire_expect *e,
    void *user)
{
	struct channel_call *call;

	if (channel_find(c, unique) != NULL)
		return E_EXISTS;
	if (channel_pending(c) >= CHANNEL_PENDING_MAX)
		return E_FULL;
	call = table_get(&c->pending, &unique, sizeof(unique), sizeof(*call));
	if (call == NULL)
		return E_NOMEM;
	call->expect = *e;
	call->user = user;
	return E_OK;
}

int
channel_ask(struct channel *c, struct span m, void *user)
{
	char line[CHANNEL_LINE];
	struct channel_call *call;
	struct wire_expect e;
	uint64_t unique = head_unique(m);
	int r, answered;

	if (c->ended || c->sender.is_gone)
		return E_EOF;
	if ((r = channel_expect(c, m, &e, &answered)) != E_OK)
		return r;
	if (log_shows(LOG_DEBUG)) {
		wire_print_request(line, sizeof(line), &c->proto, m);
		log_debug("> %s", line);
	}
	if (e.opcode == FUSE_OP_INIT && (r = channel_keep_init(c, m)) != E_OK)
		return r;
	if (answered && (r = channel_add(c, unique, &e, user)) != E_OK)
		return r;
	if ((r = sender_put(&c->sender, m)) == E_OK)
		return E_OK;
	if (answered && (call = channel_find(c, unique)) != NULL)
		table_drop(&c->pending, call);
	return r;
}

void
channel_forget(struct channel *c, const void *user)
{
	struct channel_call *call = (void *)c->pending;

	for (; call != NULL; call = table_next(call))
		if (call->user == user)
			call->user = NULL;
}

size_t
channel_pending(const struct channel *c)
{
	return table_count(c->pending);
}

int
channel_is_idle(const struct channel *c)
{
	return sender_is_idle(&c->sender) && (c->pending == NULL || c->ended);
}
