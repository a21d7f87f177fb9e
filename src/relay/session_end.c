/* SPDX-License-Identifier: ISC */
/*
 * How a session ends.  When the daemon goes first, the requests in flight are
 * answered here; when the front goes first, the daemon is sent DESTROY.
 */
#include <errno.h>
#include <string.h>

#include "relay/session_own.h"
#include "wire/errors.h"
#include "wire/head.h"

#define DESTROY_WAIT_S 5
/* A daemon's threads may still work on requests that came before DESTROY.  A
 * FORGET has no reply that would tell when it is done, and a DESTROY that
 * overtakes it in the daemon frees the node that it names. */
#define DESTROY_AFTER_MS 50

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

void
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

void
session_front_ended(void *arg, int r)
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

void
session_device_ended(void *arg, int r)
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
