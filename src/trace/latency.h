/* SPDX-License-Identifier: ISC */
/*
 * Counts of durations, fine enough for percentiles that are right to a few
 * percent: sixteen steps for each doubling; and exact ones of what took at
 * most so long, for a few round bounds.
 */
#ifndef FR_TRACE_LATENCY_H
#define FR_TRACE_LATENCY_H

#include <stdint.h>

#define LATENCY_STEPS 16
#define LATENCY_BUCKETS (62 * LATENCY_STEPS)
#define LATENCY_BOUNDS 19 /* from 10 us to 10 s */

struct latency {
	uint64_t count, sum_ns, min_ns, max_ns;
	uint64_t bucket[LATENCY_BUCKETS];
	/* Those above the bound before, up to this one. */
	uint64_t within[LATENCY_BOUNDS];
};

/* The bounds, rising. */
extern const uint64_t latency_bounds[LATENCY_BOUNDS];

void latency_add(struct latency *l, uint64_t ns);

/* Add what other has counted. */
void latency_merge(struct latency *l, const struct latency *other);

/* The duration that `part` (0 to 1) of all do not exceed; 0 if there are
 * none. */
uint64_t latency_part(const struct latency *l, double part);

/* How many took at most latency_bounds[i], exactly. */
uint64_t latency_upto(const struct latency *l, unsigned i);

#endif
