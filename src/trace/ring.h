/* SPDX-License-Identifier: ISC */
/*
 * The last messages of all sessions, kept for the moment when something goes
 * wrong.  Of each message its header, its arguments and its names are copied,
 * RING_KEEP bytes at most; file data is not.
 */
#ifndef FR_TRACE_RING_H
#define FR_TRACE_RING_H

#include "trace/record.h"

#define RING_SLOTS 256 /* a power of two */
#define RING_KEEP 128  /* bytes of a message */

struct ring {
	uint64_t count;		 /* records ever seen */
	struct ring_slot *slots; /* owned */
	/* A session has ended badly (TRACE_BAD); the record is in the ring.
	 * May be NULL. */
	void (*ended_badly)(void *arg);
	void *arg;
};

/* Without ended_badly().  E_NOMEM. */
int ring_init(struct ring *g) ERR_MUSTCHECK;
void ring_fini(struct ring *g);

/* Keep a record that has its time by CLOCK_MONOTONIC.  A read of the stream is
 * no message and is not kept. */
void ring_put(struct ring *g, const struct trace_record *r);

/* Hand the records, oldest first, to record(); real_minus_mono makes their
 * time of day.  E_NOMEM. */
int ring_replay(const struct ring *g, uint64_t real_minus_mono,
    void (*record)(void *arg, const struct trace_record *r),
    void *arg) ERR_MUSTCHECK;

#endif
