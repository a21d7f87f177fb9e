/* SPDX-License-Identifier: ISC */
/* What others may know of a session. */
#include "relay/session_own.h"

const struct session_stats *
session_stats(const struct session *s)
{
	return &s->stats;
}

uint64_t
session_quirked(const struct session *s, enum quirk_id id)
{
	return s->quirks.count[id];
}

unsigned
session_id(const struct session *s)
{
	return s->id;
}

int
session_front_closed(const struct session *s)
{
	return port_is_closed(s->front);
}

int
session_is_notifying(const struct session *s)
{
	return port_is_notifying(s->front);
}

size_t
session_in_flight(const struct session *s)
{
	return s->inflight.count;
}

size_t
session_most_in_flight(const struct session *s)
{
	return s->inflight.peak;
}

size_t
session_waiting(const struct session *s, struct session_waiting *out,
    size_t max)
{
	const struct inflight_req *r = inflight_oldest(&s->inflight);
	struct timespec now;
	size_t n;

	clock_gettime(CLOCK_MONOTONIC, &now);
	for (n = 0; r != NULL && n < max; r = TAILQ_NEXT(r, age), n++) {
		out[n].unique = r->unique;
		out[n].nodeid = r->nodeid;
		out[n].opcode = r->opcode;
		out[n].pid = r->pid;
		out[n].age_ms = inflight_age_ms(r, &now);
	}
	return n;
}
