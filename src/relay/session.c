/* SPDX-License-Identifier: ISC */
/*
 * The life of a session: it opens both ports, stops the reading of one side
 * while the other is behind, and ends when either side ends.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "relay/init.h"
#include "relay/session_own.h"
#include "wire/errors.h"
#include "wire/head.h"

#define DESTROY_WAIT_S 5
/* A daemon's threads may still work on requests that came before DESTROY.  A
 * FORGET has no reply that would tell when it is done, and a DESTROY that
 * overtakes it in the daemon frees the node that it names. */
#define DESTROY_AFTER_MS 50

/* Answer the request `unique` with -num; r is its row, or NULL. */
static void
session_put_answer(struct session *s, uint64_t unique,
    const struct inflight_req *r, int num)
{
	uint8_t m[WIRE_REP_HEADER];

	head_put_reply(m, sizeof(m), unique, -num);
	port_put_small(s->front, m, sizeof(m));
	session_trace_made(s, TRACE_REPLY, TRACE_OWN,
	    (struct span){ m, sizeof(m) }, r);
}

void
session_answer(struct session *s, uint64_t unique, int num)
{
	session_put_answer(s, unique, NULL, num);
}

void
session_answer_row(struct session *s, const struct inflight_req *r, int num)
{
	session_put_answer(s, r->unique, r, num);
}

uint64_t
session_unique_of(struct span m)
{
	const struct op *op = op_find(head_opcode(m));

	return op != NULL && (op_flags(op) & OP_NOREPLY) ? 0 : head_unique(m);
}

int
session_has_unique(struct span m, void *arg)
{
	const uint64_t *unique = arg;

	return session_unique_of(m) == *unique;
}

/* Is more kept for requests in parts than this mark allows? */
static int
session_keeps_above(const struct session *s, size_t mark)
{
	return s->parts.writes > mark ||
	    s->parts.reads / SESSION_PARTS_READING > mark;
}

/* Read the front again, if no reason to stop it is left; inflight_max requests
 * in flight are none. */
static void
session_go_on_below(struct session *s, size_t inflight_max)
{
	if (!s->held || port_full(s->dev) || port_full(s->front) ||
	    s->inflight.count > inflight_max ||
	    session_keeps_above(s, s->relay->conf.low_mark))
		return;
	s->held = 0;
	port_resume(s->front);
}

void
session_go_on(struct session *s)
{
	session_go_on_below(s, SESSION_INFLIGHT_MAX / 2);
}

void
session_done(struct session *s, struct inflight_req *r)
{
	inflight_done(&s->inflight, r);
	session_go_on(s);
}

void
session_hold(struct session *s)
{
	if (!port_full(s->dev) && !port_full(s->front) &&
	    s->inflight.count < SESSION_INFLIGHT_MAX &&
	    !session_keeps_above(s, s->relay->conf.high_mark))
		return;
	s->held = 1;
	port_pause(s->front);
}

static void
session_over(struct session *s)
{
	s->state = SESSION_OVER;
	event_del(s->deadline);
}

/* Answer all requests in flight: the daemon will not. */
static void
session_answer_all(struct session *s)
{
	struct inflight_req *r;
	unsigned waited;
	size_t n = 0;

	while ((r = inflight_oldest(&s->inflight)) != NULL) {
		if (!r->own) {
			session_answer_row(s, r, s->relay->conf.dead_errno);
			/* Nobody waits for the answer to a RELEASE. */
			waited = r->opcode != FUSE_OP_RELEASE &&
			    r->opcode != FUSE_OP_RELEASEDIR;
			n += waited;
			s->stats.unanswered += waited &&
			    r->opcode != FUSE_OP_DESTROY;
		}
		inflight_done(&s->inflight, r);
	}
	session_parts_fini(s);
	while ((r = TAILQ_FIRST(&s->inflight.expired)) != NULL)
		inflight_done(&s->inflight, r);
	port_flush(s->front);
	session_go_on_below(s, 0);
	if (n > 0 && session_starting(s))
		log_warn("session %u: the daemon ended before it had "
			 "answered INIT",
		    s->id);
	else if (n > 0)
		log_warn("session %u: the daemon is gone; requests in flight "
			 "that were answered with an error: %zu",
		    s->id, n);
}

void
session_daemon_died(struct session *s)
{
	enum session_state was;

	/* Its last replies may be unread. */
	port_read_out(s->dev);
	if (s->daemon_gone)
		return;
	was = s->state;
	s->daemon_gone = 1;
	session_over(s);
	if (was == SESSION_OPEN)
		session_answer_all(s);
	if (was == SESSION_DESTROY)
		s->ev->front_gone(s->arg, s->front_error);
	s->ev->daemon_gone(s->arg);
}

void
session_end_front(struct session *s)
{
	port_closed(s->front, E_EOF);
}

/* The front is gone: send DESTROY to the daemon. */
static void
session_send_destroy(struct session *s)
{
	uint8_t m[WIRE_REQ_HEADER] = { 0 };
	struct timeval tv = { DESTROY_WAIT_S, 0 };
	struct inflight_req *r;

	s->own_unique = SESSION_OWN_UNIQUE;
	head_put_request(m, sizeof(m), FUSE_OP_DESTROY, s->own_unique, 0);
	s->state = SESSION_DESTROY;
	event_add(s->deadline, &tv);
	if (inflight_add(&s->inflight, s->own_unique, &r) != E_OK) {
		event_active(s->deadline, EV_TIMEOUT, 0);
		return;
	}
	r->own = 1;
	r->opcode = FUSE_OP_DESTROY;
	wire_expect_set(&r->expect, &s->proto, (struct span){ m, sizeof(m) });
	session_trace_made(s, TRACE_REQUEST, TRACE_OWN,
	    (struct span){ m, sizeof(m) }, r);
	port_put_small(s->dev, m, sizeof(m));
	port_flush(s->dev);
}

static void
session_deadline_cb(evutil_socket_t fd, short what, void *arg)
{
	struct session *s = arg;

	(void)fd;
	(void)what;
	if (s->state != SESSION_DESTROY)
		return;
	if (s->own_unique == 0) {
		session_send_destroy(s);
		return;
	}
	log_warn("session %u: the daemon did not answer DESTROY in %d s",
	    s->id, DESTROY_WAIT_S);
	session_over(s);
	s->ev->front_gone(s->arg, s->front_error);
}

static void
session_front_closed_cb(void *arg, int r)
{
	struct timeval tv = { 0, 1000 * DESTROY_AFTER_MS };
	struct session *s = arg;
	struct port_where w;

	port_where(s->front, &w);
	if (r == E_DESYNC) {
		log_error(
		    "session %u: desync: the front's stream is out of "
		    "step at byte %llu: message length %u is not between %d "
		    "and %u (opcode word %u)",
		    s->id, (unsigned long long)w.offset, head_len(w.start),
		    WIRE_REQ_HEADER, SESSION_REQUEST_MAX,
		    head_opcode(w.start));
	} else if (w.start.len > 0) {
		log_warn("session %u: the front closed inside a message: "
			 "%zu of %zu bytes at byte %llu",
		    s->id, w.start.len, w.len, (unsigned long long)w.offset);
	} else if (r == E_SYS) {
		log_error("session %u: reading the front: %s", s->id,
		    strerror(errno));
	}
	/* No answer will come on a stream that is out of step.  Shut it, so
	 * that the front does not wait for one. */
	if (r != E_EOF)
		port_shut(s->front);
	s->front_error = r;
	port_resume(s->dev);
	if (s->state != SESSION_OPEN) {
		s->ev->front_gone(s->arg, r);
		return;
	}
	if (s->init_done && !s->destroy_seen) {
		s->state = SESSION_DESTROY;
		if (!s->last_is_noreply && s->inflight.count == 0)
			tv.tv_usec = 0;
		event_add(s->deadline, &tv);
		return;
	}
	session_over(s);
	s->ev->front_gone(s->arg, r);
}

static void
session_dev_closed_cb(void *arg, int r)
{
	struct session *s = arg;
	struct port_where w;

	port_where(s->dev, &w);
	if (r == E_SYS)
		log_error("session %u: the daemon's end: %s", s->id,
		    strerror(errno));
	else if (r != E_EOF)
		log_error("session %u: the daemon's stream is lost at byte "
			  "%llu: %s",
		    s->id, (unsigned long long)w.offset, err_text(r));
	session_daemon_died(s);
}

/* All messages of one read of the front, or of the daemon, were handled: send
 * what they led to. */
static void
session_front_batch_cb(void *arg)
{
	struct session *s = arg;

	spin_traffic(&s->relay->spin, SPIN_FRONT);
	port_flush(s->dev);
	port_flush(s->front);
	session_hold(s);
}

static void
session_dev_batch_cb(void *arg)
{
	struct session *s = arg;

	spin_traffic(&s->relay->spin, SPIN_DEVICE);
	port_flush(s->front);
	if (port_full(s->front))
		port_pause(s->dev);
}

static void
session_front_drained_cb(void *arg)
{
	struct session *s = arg;

	port_resume(s->dev);
	session_go_on_below(s, SESSION_INFLIGHT_MAX - 1);
}

static void
session_dev_drained_cb(void *arg)
{
	session_go_on_below(arg, SESSION_INFLIGHT_MAX - 1);
}

/* The front's descriptor does not take a reply.  The front would wait for it
 * for ever, so the descriptor is closed. */
static void
session_front_refused_cb(void *arg, struct span m, int r)
{
	struct session *s = arg;

	log_error("session %u: a reply of %zu bytes can't be sent to the "
		  "front: %s",
	    s->id, m.len, err_text(r));
	port_closed(s->front, r);
}

/* The device end does not take this request: answer it here. */
static void
session_dev_refused_cb(void *arg, struct span m, int r)
{
	struct session *s = arg;
	struct inflight_req *req;
	uint64_t unique = head_unique(m);

	s->stats.refused++;
	if (log_allow(&s->limit))
		log_warn("session %u: request unique=%llu opcode %u of %zu "
			 "bytes can't be given to the daemon: %s (raise "
			 "net.core.wmem_max or lower --max-write)",
		    s->id, (unsigned long long)unique, head_opcode(m), m.len,
		    err_text(r));
	if ((req = inflight_find(&s->inflight, session_unique_of(m))) ==
		NULL ||
	    req->expired)
		return;
	if (req->parts != NULL) {
		session_part_refused(s, req, r == E_NOMEM ? ENOMEM : EIO);
		return;
	}
	session_answer_row(s, req, r == E_NOMEM ? ENOMEM : EIO);
	session_done(s, req);
	port_flush(s->front);
}

/* The daemon was gone before the request came: answer it here. */
static void
session_came_late_cb(void *arg, struct span m)
{
	struct session *s = arg;
	struct inflight_req *req;

	req = inflight_find(&s->inflight, session_unique_of(m));
	if (req == NULL || req->expired || req->own || req->parts != NULL)
		return;
	session_answer_row(s, req, s->relay->conf.gone_errno);
	session_done(s, req);
}

static const struct port_events session_front_events = {
	.message = session_request,
	.chunk = session_trace_chunk,
	.batch_end = session_front_batch_cb,
	.closed = session_front_closed_cb,
	.drained = session_front_drained_cb,
	.refused = session_front_refused_cb,
	.notified = session_trace_result,
};

static const struct port_events session_dev_events = {
	.message = session_reply,
	.batch_end = session_dev_batch_cb,
	.closed = session_dev_closed_cb,
	.drained = session_dev_drained_cb,
	.refused = session_dev_refused_cb,
	.came_late = session_came_late_cb,
	.in_pieces = session_reply_in_pieces,
};

int
session_new(struct session **out, struct relay *r,
    const struct session_conf *c)
{
	struct port_conf pc = { .base = r->base,
		.conf = &r->conf,
		.scratch = &r->scratch };
	struct session *s;
	int ret;

	*out = NULL;
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return E_NOMEM;
	s->relay = r;
	s->trace = r->trace;
	s->id = ++r->sessions_made;
	s->ev = c->ev;
	s->arg = c->arg;
	s->proto = s->relay->conf.proto;
	s->proto.on_darwin = WIRE_ON_HOST == WIRE_ON_DARWIN;
	s->device_is_stream = c->device_is_stream;
	s->carry_request = c->pair.request;
	s->carry_reply = c->pair.reply;
	s->request_max = s->carry_request;
	s->data_max = init_data_max(r->conf.max_write, s->carry_request,
	    s->carry_reply);
	inflight_init(&s->inflight);
	TAILQ_INIT(&s->parts.list);
	reread_init(&s->reread);
	node_types_init(&s->types);
	quirks_init(&s->quirks, r->conf.quirks);
	ret = E_NOMEM;
	s->deadline = evtimer_new(r->base, session_deadline_cb, s);
	if (s->deadline == NULL || session_watch_init(s) != E_OK)
		goto fail;
	pc.arg = s;
	pc.kind = c->device_is_stream ? PORT_STREAM : PORT_PACKET;
	pc.fd = c->pair.relay;
	pc.min = WIRE_REP_HEADER;
	pc.max = s->carry_reply;
	pc.ev = &session_dev_events;
	if ((ret = port_new(&s->dev, &pc)) != E_OK)
		goto fail;
	pc.kind = c->front_kind;
	pc.fd = c->front_fd;
	pc.min = WIRE_REQ_HEADER;
	pc.max = SESSION_REQUEST_MAX;
	pc.ev = &session_front_events;
	if ((ret = port_new(&s->front, &pc)) != E_OK) {
		port_free_but_fd(s->dev);
		s->dev = NULL;
		goto fail;
	}
	*out = s;
	return E_OK;
fail:
	session_free(s);
	return ret;
}

int
session_say_end(struct session *s)
{
	return port_say_end(s->dev);
}

void
session_close_device(struct session *s)
{
	int was_open = s->state == SESSION_OPEN;

	session_over(s);
	s->daemon_gone = 1;
	port_close(s->dev);
	if (was_open)
		session_answer_all(s);
}

void
session_free(struct session *s)
{
	if (s == NULL)
		return;
	port_free(s->front);
	port_free(s->dev);
	inflight_fini(&s->inflight);
	session_parts_fini(s);
	reread_fini(&s->reread);
	node_types_fini(&s->types);
	if (s->deadline != NULL)
		event_free(s->deadline);
	if (s->watch != NULL)
		event_free(s->watch);
	free(s);
}
