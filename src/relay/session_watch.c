/* SPDX-License-Identifier: ISC */
/*
 * The age of requests.
 *
 * A request that waits for long is reported once, with what is known about it:
 * a hanging mount should never be without a line in the log.  With a timeout it
 * is answered in the daemon's stead, and its row stays so that the late reply
 * is swallowed.
 *
 * The timer runs only while something is in flight: an idle session wakes
 * nobody up.
 */
#include <errno.h>

#include "relay/session_own.h"

#define REREAD_MOST 32 /* READs asked for again in one turn */

static void
watch_warn(struct session *s, const struct watch_found *f)
{
	struct inflight_req *r = f->r;
	char name[OP_NAME_MAX];

	r->warned = 1;
	if (log_allow(&s->limit))
		log_warn("session %u: no answer to %s unique=%llu nodeid=%llu "
			 "of process %u for %lld s",
		    s->id, op_name_of(r->opcode, name),
		    (unsigned long long)r->unique,
		    (unsigned long long)r->nodeid, r->pid, f->age_ms / 1000);
}

/* 1: other rows than this left the list of those that wait. */
static int
watch_expire(struct session *s, const struct watch_found *f)
{
	struct inflight_req *r = f->r;
	char name[OP_NAME_MAX];

	s->stats.timed_out++;
	if (log_allow(&s->limit))
		log_warn("session %u: %s unique=%llu nodeid=%llu of process "
			 "%u answered with ETIMEDOUT after %lld ms",
		    s->id, op_name_of(r->opcode, name),
		    (unsigned long long)r->unique,
		    (unsigned long long)r->nodeid, r->pid, f->age_ms);
	session_answer_row(s, r, ETIMEDOUT);
	if (r->parts == NULL) {
		inflight_expire(&s->inflight, r);
		return 0;
	}
	session_parts_drop(s, r);
	if (r->reread == REREAD_ASKED)
		inflight_expire(&s->inflight, r);
	else /* the daemon was given parts alone */
		inflight_done(&s->inflight, r);
	return 1;
}

/* What still waits for the daemon although it was answered is not for it to
 * see any more, and takes the place of what others ask. */
static int
watch_is_expired(struct span m, void *arg)
{
	struct session *s = arg;
	struct inflight_req *r = inflight_find(&s->inflight,
	    session_unique_of(m));

	if (r == NULL || !r->expired)
		return 0;
	inflight_done(&s->inflight, r);
	return 1;
}

void
session_watch(struct session *s)
{
	unsigned ms = watch_period_ms(&s->relay->conf);
	struct timeval tv;

	tv.tv_sec = (time_t)(ms / 1000);
	tv.tv_usec = (suseconds_t)(ms % 1000) * 1000;
	s->watching = event_add(s->watch, &tv) == 0;
}

/* Ask for READs again; the oldest come first. */
static void
watch_reread(struct session *s, const struct timespec *now)
{
	const struct relay_conf *c = &s->relay->conf;
	const struct inflight_req *after = NULL;
	struct watch_found f;
	int asked = 0;

	while (asked < REREAD_MOST &&
	    watch_next_reread(&s->inflight, c, now, after, &f)) {
		after = f.r;
		if (!session_reread(s, f.r, f.age_ms))
			continue;
		if (s->state != SESSION_OPEN)
			return;
		asked++;
		after = NULL; /* the row may be gone */
	}
}

/* Report or answer those that wait for too long. */
static void
watch_late(struct session *s, const struct timespec *now)
{
	const struct relay_conf *c = &s->relay->conf;
	const struct inflight_req *after = NULL, *before;
	struct watch_found f;

	while (watch_next_late(&s->inflight, c, now, after, &f)) {
		after = f.r;
		if (f.due == WATCH_WARN) {
			watch_warn(s, &f);
			continue;
		}
		before = TAILQ_PREV(f.r, inflight_list, age);
		after = watch_expire(s, &f) ? NULL : before;
	}
}

static void
watch_cb(evutil_socket_t fd, short what, void *arg)
{
	struct session *s = arg;
	uint64_t before = s->stats.timed_out;
	struct timespec now;

	(void)fd;
	(void)what;
	s->watching = 0;
	if (s->state != SESSION_OPEN)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	watch_reread(s, &now);
	if (s->state != SESSION_OPEN)
		return;
	watch_late(s, &now);
	if (s->inflight.count > 0)
		session_watch(s);
	if (s->stats.timed_out == before)
		return;
	port_take_back(s->dev, watch_is_expired, s);
	session_go_on(s);
	port_flush(s->front);
	if (s->ev->timed_out != NULL)
		s->ev->timed_out(s->arg);
}

int
session_watch_init(struct session *s)
{
	s->watch = evtimer_new(s->relay->base, watch_cb, s);
	return s->watch == NULL ? E_NOMEM : E_OK;
}
