/* SPDX-License-Identifier: ISC */
/*
 * The last messages, kept for the moment when something goes wrong: a sink
 * that copies the head of each record to a fixed place and does nothing
 * else.
 */
#ifndef FR_TRACE_RING_H
#define FR_TRACE_RING_H

#include "trace/inflate.h"
#include "trace/model.h"

#define RING_SLOTS 256 /* a power of two */
#define RING_KEEP 192  /* bytes of a message */

struct ring_slot {
	struct trace_record r;
	struct wire_proto proto;
	uint8_t kept[RING_KEEP];
};

struct ring {
	struct trace_sink sink;
	uint64_t count;		 /* records ever seen */
	struct ring_slot *slots; /* owned */
};

/* E_NOMEM. */
int ring_init(struct ring *g) ERR_MUSTCHECK;
void ring_fini(struct ring *g);

/* Hand the records, oldest first, to a sink.  E_NOMEM. */
int ring_replay(const struct ring *g, struct trace_sink *to) ERR_MUSTCHECK;

#endif
