/* SPDX-License-Identifier: ISC */
#include "trace/latency.h"

#define STEP_BITS 4 /* LATENCY_STEPS is 1 << STEP_BITS */
#define US UINT64_C(1000)
#define MS (1000 * US)

const uint64_t latency_bounds[LATENCY_BOUNDS] = {
	10 * US,
	25 * US,
	50 * US,
	100 * US,
	250 * US,
	500 * US,
	1 * MS,
	2500 * US,
	5 * MS,
	10 * MS,
	25 * MS,
	50 * MS,
	100 * MS,
	250 * MS,
	500 * MS,
	1000 * MS,
	2500 * MS,
	5000 * MS,
	10000 * MS,
};

/* Below 32 each value has a bucket, then each doubling has sixteen. */
static unsigned
bucket_of(uint64_t ns)
{
	unsigned high = 63 - (unsigned)__builtin_clzll(ns | 1), shift;

	if (high <= STEP_BITS)
		return (unsigned)ns;
	shift = high - STEP_BITS;
	return (shift + 1) * LATENCY_STEPS +
	    ((unsigned)(ns >> shift) & (LATENCY_STEPS - 1));
}

/* The largest value of a bucket. */
static uint64_t
bucket_end(unsigned b)
{
	unsigned shift;
	uint64_t first;

	if (b < 2 * LATENCY_STEPS)
		return b;
	shift = b / LATENCY_STEPS - 1;
	first = (uint64_t)(LATENCY_STEPS + b % LATENCY_STEPS) << shift;
	return first + ((UINT64_C(1) << shift) - 1);
}

void
latency_add(struct latency *l, uint64_t ns)
{
	unsigned b = bucket_of(ns), i = 0;

	if (l->count == 0 || ns < l->min_ns)
		l->min_ns = ns;
	if (ns > l->max_ns)
		l->max_ns = ns;
	l->count++;
	l->sum_ns += ns;
	l->bucket[b < LATENCY_BUCKETS ? b : LATENCY_BUCKETS - 1]++;
	while (i < LATENCY_BOUNDS && ns > latency_bounds[i])
		i++;
	if (i < LATENCY_BOUNDS)
		l->within[i]++;
}

void
latency_merge(struct latency *l, const struct latency *other)
{
	unsigned i;

	if (other->count == 0)
		return;
	if (l->count == 0 || other->min_ns < l->min_ns)
		l->min_ns = other->min_ns;
	if (other->max_ns > l->max_ns)
		l->max_ns = other->max_ns;
	l->count += other->count;
	l->sum_ns += other->sum_ns;
	for (i = 0; i < LATENCY_BUCKETS; i++)
		l->bucket[i] += other->bucket[i];
	for (i = 0; i < LATENCY_BOUNDS; i++)
		l->within[i] += other->within[i];
}

uint64_t
latency_part(const struct latency *l, double part)
{
	uint64_t want = (uint64_t)(part * (double)l->count + .5), seen = 0;
	unsigned i;

	if (l->count == 0)
		return 0;
	if (want == 0)
		want = 1;
	for (i = 0; i < LATENCY_BUCKETS; i++)
		if ((seen += l->bucket[i]) >= want)
			break;
	if (i == LATENCY_BUCKETS || bucket_end(i) > l->max_ns)
		return l->max_ns;
	return bucket_end(i) < l->min_ns ? l->min_ns : bucket_end(i);
}

uint64_t
latency_upto(const struct latency *l, unsigned i)
{
	uint64_t n = 0;
	unsigned k;

	for (k = 0; k <= i && k < LATENCY_BOUNDS; k++)
		n += l->within[k];
	return n;
}
