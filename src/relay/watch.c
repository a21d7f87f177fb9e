/* SPDX-License-Identifier: ISC */
/*
 * The age of requests.
 *
 * A request that waits for long is told of once, with what is known about
 * it: a hanging mount should never be without a line in the log.  With a
 * timeout it is answered in the daemon's stead, and its row stays so that
 * the late reply is swallowed.
 *
 * The timer runs only while something is in flight: an idle session wakes
 * nobody up.
 */
#include <errno.h>

#include "relay/session_own.h"
#include "wire/get.h"

#define WATCH_MOST_MS 1000
#define WATCH_LEAST_MS 20
#define WATCH_AGAIN_MOST 32 /* in one turn */

/* A lock may be waited for as long as it takes. */
static int
watch_is_patient(const struct inflight_req *r)
{
	return r->own || r->opcode == FUSE_OP_SETLKW;
}

static void
watch_tell(struct session *s, struct inflight_req *r, long long age)
{
	char name[OP_NAME_MAX];

	r->warned = 1;
	if (log_allow(&s->limit))
		log_warn("session %u: no answer to %s unique=%llu nodeid=%llu "
			 "of process %u for %lld s",
		    s->id, op_name_of(r->opcode, name),
		    (unsigned long long)r->unique,
		    (unsigned long long)r->nodeid, r->pid, age / 1000);
}

/* 1: other rows than r left the list of those that wait. */
static int
watch_expire(struct session *s, struct inflight_req *r, long long age)
{
	char name[OP_NAME_MAX];

	s->stats.timed_out++;
	if (log_allow(&s->limit))
		log_warn("session %u: %s unique=%llu nodeid=%llu of process "
			 "%u answered with ETIMEDOUT after %lld ms",
		    s->id, op_name_of(r->opcode, name),
		    (unsigned long long)r->unique,
		    (unsigned long long)r->nodeid, r->pid, age);
	session_answer_row(s, r, ETIMEDOUT);
	if (r->split == NULL) {
		inflight_expire(&s->inflight, r);
		return 0;
	}
	split_drop(s, r);
	if (r->again == AGAIN_ASKED)
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

/* How often to look: often enough for the shorter of the two limits. */
void
session_watch(struct session *s)
{
	const struct relay_conf *c = &s->relay->conf;
	unsigned ms = WATCH_MOST_MS;
	struct timeval tv;

	if (c->again_ms / 4 < ms)
		ms = c->again_ms / 4;
	if (c->timeout_ms != 0 && c->timeout_ms / 4 < ms)
		ms = c->timeout_ms / 4;
	if (c->warn_ms != 0 && c->warn_ms / 4 < ms)
		ms = c->warn_ms / 4;
	if (ms < WATCH_LEAST_MS)
		ms = WATCH_LEAST_MS;
	tv.tv_sec = (time_t)(ms / 1000);
	tv.tv_usec = (suseconds_t)(ms % 1000) * 1000;
	s->watching = event_add(s->watch, &tv) == 0;
}

/* Does nothing have to be done about what waits for so long? */
static int
watch_is_young(const struct relay_conf *c, long long age)
{
	return age < c->again_ms && (c->warn_ms == 0 || age < c->warn_ms) &&
	    (c->timeout_ms == 0 || age < c->timeout_ms);
}

/* Ask for READs again; the oldest come first. */
static void
watch_again(struct session *s, const struct timespec *now)
{
	struct inflight_req *r = inflight_oldest(&s->inflight);
	long long age;
	int asked = 0;

	while (r != NULL && asked < WATCH_AGAIN_MOST) {
		age = inflight_age_ms(r, now);
		if (watch_is_young(&s->relay->conf, age))
			return;
		if (!again_ask(s, r, age)) {
			r = TAILQ_NEXT(r, age);
			continue;
		}
		asked++;
		if (s->state != SESSION_OPEN)
			return;
		r = inflight_oldest(&s->inflight);
	}
}

static void
watch_cb(evutil_socket_t fd, short what, void *arg)
{
	struct session *s = arg;
	const struct relay_conf *c = &s->relay->conf;
	struct inflight_req *r, *next;
	uint64_t before = s->stats.timed_out;
	struct timespec now;
	long long age;

	(void)fd;
	(void)what;
	s->watching = 0;
	if (s->state != SESSION_OPEN)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	watch_again(s, &now);
	if (s->state != SESSION_OPEN)
		return;
	for (r = inflight_oldest(&s->inflight); r != NULL; r = next) {
		next = TAILQ_NEXT(r, age);
		age = inflight_age_ms(r, &now);
		if (watch_is_young(c, age))
			break; /* those behind are younger */
		if (watch_is_patient(r))
			continue;
		if (c->timeout_ms != 0 && age >= c->timeout_ms) {
			if (watch_expire(s, r, age))
				next = inflight_oldest(&s->inflight);
		} else if (c->warn_ms != 0 && age >= c->warn_ms &&
		    !r->warned) {
			watch_tell(s, r, age);
		}
	}
	if (s->inflight.count > 0)
		session_watch(s);
	if (s->stats.timed_out == before)
		return;
	port_take_back(&s->dev, watch_is_expired, s);
	session_go_on(s);
	port_flush(&s->front);
	if (s->ev->timed_out != NULL)
		s->ev->timed_out(s->arg);
}

int
session_watch_init(struct session *s)
{
	s->watch = evtimer_new(s->relay->base, watch_cb, s);
	return s->watch == NULL ? E_NOMEM : E_OK;
}
