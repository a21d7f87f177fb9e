/* SPDX-License-Identifier: ISC */
/*
 * How the user wants a stream to be shaped: --fragment=MIN-MAX|none,
 * --coalesce=N, --delay=USEC, --short-writes, --seed=N.
 */
#ifndef FR_CHANNEL_SHAPING_H
#define FR_CHANNEL_SHAPING_H

#include "base/err.h"
#include "channel/shape.h"

struct shaping {
	struct shape shape;
	unsigned delay; /* us */
	int short_writes;
	int seeded;    /* --seed was given */
	int coalesced; /* --coalesce was given */
};

/* Take an option, without its dashes.  E_VALUE: not a value of it; E_UNSUP:
 * it is not one of these. */
int shaping_take(struct shaping *s, const char *name,
    const char *value) ERR_MUSTCHECK;

/* All options were given: settle what was not. */
void shaping_settle(struct shaping *s);

/* Draw a seed if none was given: one that can be typed in again. */
void shaping_draw_seed(struct shaping *s);

#endif
