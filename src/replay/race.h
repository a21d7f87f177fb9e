/* SPDX-License-Identifier: ISC */
/*
 * Was something changed while a request was in flight?  Then the reply may
 * have it as it was before or after the change, and two replies need not
 * agree.
 *
 * Time is counted in records of the capture: requests that did not overlap in
 * the capture do not overlap when they are sent again.
 */
#ifndef FR_REPLAY_RACE_H
#define FR_REPLAY_RACE_H

#include <stdint.h>

struct race {
	uint64_t last; /* record of the last change's reply, or 0 */
	unsigned busy; /* changes in flight */
};

static inline void
race_begin(struct race *r)
{
	r->busy++;
}

static inline void
race_end(struct race *r, uint64_t record)
{
	r->busy--;
	r->last = record;
}

/* Was it changed since this record?  `own` changes that are still in flight
 * are the caller's own and do not count. */
static inline int
race_since(const struct race *r, uint64_t record, unsigned own)
{
	return r->busy > own || r->last > record;
}

#endif
