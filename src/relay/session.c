/* SPDX-License-Identifier: ISC */
/*
 * A session opens both ports, and stops the reading of one side while the other
 * is behind.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "relay/init.h"
#include "relay/session_own.h"
#include "wire/errors.h"
#include "wire/head.h"

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

void
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
	.closed = session_front_ended,
	.drained = session_front_drained_cb,
	.refused = session_front_refused_cb,
	.notified = session_trace_result,
};

static const struct port_events session_dev_events = {
	.message = session_reply,
	.batch_end = session_dev_batch_cb,
	.closed = session_device_ended,
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
