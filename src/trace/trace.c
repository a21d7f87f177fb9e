/* SPDX-License-Identifier: ISC */
#include "trace/trace.h"

#include <string.h>
#include <time.h>

#include "trace/ring.h"
#include "wire/head.h"
#include "wire/ops.h"

#define NS_PER_S UINT64_C(1000000000)

static uint64_t
clock_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

uint64_t
trace_clock(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

void
trace_init(struct trace *t)
{
	memset(t, 0, sizeof(*t));
	STAILQ_INIT(&t->sinks);
}

void
trace_add(struct trace *t, struct trace_sink *s)
{
	STAILQ_INSERT_TAIL(&t->sinks, s, link);
}

void
trace_pass(struct trace *t, const struct trace_record *r)
{
	struct trace_sink *s;

	STAILQ_FOREACH (s, &t->sinks, link)
		s->record(s, r);
}

/* Does the process still wait when its name is read? */
static enum caller_waits
caller_waits(uint32_t opcode)
{
	const struct op *op = op_find(opcode);
	unsigned flags = op != NULL ? op_flags(op) : 0;

	if (flags & OP_LEFT)
		return CALLER_LEFT;
	return flags & OP_AHEAD ? CALLER_MAY_WAIT : CALLER_WAITS;
}

/* If the name of r's caller is a new one, hand it on as a record; mark r with
 * TRACE_DOUBT if the name is not certain. */
static void
trace_caller(struct trace *t, struct trace_record *r)
{
	uint8_t text[TRACE_CALLER_NAME + CALLER_NAME_MAX];
	struct trace_record c = { .kind = TRACE_CALLER,
		.session = r->session,
		.mono_ns = r->mono_ns,
		.real_ns = r->real_ns };
	uint32_t pid = get_u32(r->m, OFF_fuse_in_header_pid);
	size_t len;
	int doubt;

	len = caller_news(t->callers, pid, caller_waits(head_opcode(r->m)),
	    (char *)text + TRACE_CALLER_NAME, &doubt);
	if (doubt)
		r->flags |= TRACE_DOUBT;
	if (len == 0)
		return;
	put_u32(text, sizeof(text), TRACE_CALLER_PID, pid);
	c.m.p = text;
	c.m.len = TRACE_CALLER_NAME + len;
	c.kept = (uint32_t)c.m.len;
	trace_pass(t, &c);
}

void
trace_put(struct trace *t, struct trace_record *r)
{
	if (STAILQ_EMPTY(&t->sinks) &&
	    (t->ring == NULL || r->kind == TRACE_CHUNK))
		return;
	r->mono_ns = trace_clock();
	if (t->ring != NULL)
		ring_put(t->ring, r);
	if (STAILQ_EMPTY(&t->sinks))
		return;
	/* The real-time clock may be set: look about once a second. */
	if (r->mono_ns >= t->next_sync) {
		t->real_minus_mono = clock_ns(CLOCK_REALTIME) - r->mono_ns;
		t->next_sync = r->mono_ns + NS_PER_S;
	}
	r->real_ns = r->mono_ns + t->real_minus_mono;
	if (r->kind == TRACE_REQUEST && t->callers != NULL)
		trace_caller(t, r);
	trace_pass(t, r);
}

static void
trace_hand(void *arg, const struct trace_record *r)
{
	struct trace_sink *to = arg;

	to->record(to, r);
}

int
trace_replay(const struct trace *t, struct trace_sink *to)
{
	return ring_replay(t->ring, clock_ns(CLOCK_REALTIME) - trace_clock(),
	    trace_hand, to);
}
