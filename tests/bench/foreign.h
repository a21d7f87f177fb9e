/* SPDX-License-Identifier: ISC */
/*
 * How much of the machine did others use while we measured?
 *
 * All processors' busy time less our own and our ended children's.  A
 * measurement that others took part in says little: with one of two
 * processors taken, a pair of processes that talk to each other is packed
 * on one, which is another experiment.
 */
#ifndef FR_BENCH_FOREIGN_H
#define FR_BENCH_FOREIGN_H

#include <time.h>

struct foreign {
	double wall, busy, own; /* seconds, at the start */
};

void foreign_begin(struct foreign *f);

/* Processors that others kept busy on average; 0 where unknown. */
double foreign_end(const struct foreign *f);

/* Wait until they use at most `limit`, or the clock reads `deadline`. */
void foreign_wait(double limit, time_t deadline);

#endif
