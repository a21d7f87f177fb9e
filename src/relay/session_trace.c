/* SPDX-License-Identifier: ISC */
#include "relay/session_own.h"

#include <stdio.h>
#include <string.h>

void
session_observe(struct session *s, enum trace_kind kind, unsigned flags,
    struct span m, const struct frame_msg *from,
    const struct inflight_req *row)
{
	struct trace_record r = { .kind = (uint8_t)kind,
		.dir = kind == TRACE_REQUEST ? TRACE_TO_DAEMON :
					       TRACE_TO_FRONT,
		.flags = (uint16_t)flags,
		.session = s->id,
		.kept = (uint32_t)m.len,
		.m = m,
		.proto = &s->proto };

	if (kind == TRACE_REPLY && row != NULL)
		r.expect = &row->expect;
	if (from != NULL) {
		r.offset = from->offset;
		r.pieces = from->pieces;
		r.index = from->index;
		r.first = from->pieces > 1 ? (uint32_t)from->first : r.kept;
	}
	trace_put(s->trace, &r);
}

void
session_trace_result(void *session, const struct notifier_head *h, int error)
{
	struct session *s = session;
	struct trace_record r = { .kind = TRACE_RESULT,
		.dir = TRACE_TO_FRONT,
		.session = s->id,
		.first = (uint32_t)h->whole,
		.index = (uint32_t)error,
		.kept = (uint32_t)h->head.len,
		.m = h->head,
		.proto = &s->proto };

	if (s->trace != NULL)
		trace_put(s->trace, &r);
}

void
session_trace_chunk(void *session, uint64_t offset, size_t n)
{
	struct session *s = session;
	static const uint8_t nothing[1];
	struct trace_record r = { .kind = TRACE_CHUNK,
		.session = s->id,
		.offset = offset,
		.m = { nothing, n } };

	if (s->trace != NULL)
		trace_put(s->trace, &r);
}

static void
session_trace_words(struct session *s, enum trace_kind kind, unsigned flags,
    const char *words)
{
	struct trace_record r = { .kind = (uint8_t)kind,
		.flags = (uint16_t)flags,
		.session = s->id,
		.kept = (uint32_t)strlen(words),
		.m = { (const uint8_t *)words, strlen(words) } };

	trace_put(s->trace, &r);
}

void
session_trace_begin(struct session *s, const char *target)
{
	if (s->trace != NULL)
		session_trace_words(s, TRACE_BEGIN, 0, target);
}

void
session_trace_end(struct session *s)
{
	char words[128];
	unsigned flags = 0;

	if (s->trace == NULL || s->end_traced)
		return;
	s->end_traced = 1;
	if (session_starting(s) && s->daemon_gone &&
	    (s->front_error == E_OK || s->front_error == E_EOF)) {
		/* No message tells why; the daemon's own words may. */
		snprintf(words, sizeof(words),
		    "the daemon is gone, INIT was "
		    "not done");
	} else if (s->stats.unanswered > 0) {
		snprintf(words, sizeof(words),
		    "the daemon is gone, %llu "
		    "requests were in flight",
		    (unsigned long long)s->stats.unanswered);
		flags = TRACE_BAD;
	} else if (s->front_error != E_OK && s->front_error != E_EOF) {
		snprintf(words, sizeof(words), "the front is lost: %s",
		    err_text(s->front_error));
		flags = TRACE_BAD;
	} else {
		snprintf(words, sizeof(words), "the %s is gone",
		    s->daemon_gone ? "daemon" : "front");
	}
	session_trace_words(s, TRACE_END, flags, words);
}
