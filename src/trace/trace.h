/* SPDX-License-Identifier: ISC */
/*
 * Hand each record to every sink.  Without a sink a record is not looked at,
 * but for the ring of the last messages.
 *
 * A sink may keep nothing of a record but copies, may not block and may not
 * fail: what it can't take it counts as lost.
 */
#ifndef FR_TRACE_TRACE_H
#define FR_TRACE_TRACE_H

#include <sys/queue.h>

#include "trace/caller.h"
#include "trace/record.h"

struct trace_sink {
	void (*record)(struct trace_sink *s, const struct trace_record *r);
	STAILQ_ENTRY(trace_sink) link;
};

struct ring;

struct trace {
	struct ring *ring; /* borrowed; NULL: the last are not kept */
	STAILQ_HEAD(, trace_sink) sinks;
	struct caller_cache *callers; /* borrowed; NULL: nobody asks */
	uint64_t real_minus_mono;     /* nanoseconds */
	uint64_t next_sync;	      /* when to look at it again */
};

void trace_init(struct trace *t);

/* The sink is borrowed and must outlive t. */
void trace_add(struct trace *t, struct trace_sink *s);

/* Stamp the record with the time, keep it in the ring and hand it on, behind
 * the name of its caller if that is news. */
void trace_put(struct trace *t, struct trace_record *r);

/* Hand on a record that has its times already. */
void trace_pass(struct trace *t, const struct trace_record *r);

/* Hand what is in the ring to a sink, oldest first.  E_NOMEM. */
int trace_replay(const struct trace *t, struct trace_sink *to) ERR_MUSTCHECK;

/* CLOCK_MONOTONIC in nanoseconds. */
uint64_t trace_clock(void);

#endif
