/* SPDX-License-Identifier: ISC */
/*
 * How the user wants a stream to be shaped: --fragment=MIN-MAX|none,
 * --coalesce=N, --delay=USEC, --short-writes, --seed=N.
 */
#ifndef FR_CHANNEL_SHAPING_H
#define FR_CHANNEL_SHAPING_H

#include "base/option.h"
#include "channel/shape.h"

struct shaping {
	struct shape shape;
	unsigned delay; /* us */
	int short_writes;
	int seeded;    /* --seed was given */
	int coalesced; /* --coalesce was given */
};

/* The table of these options. */
struct option_table shaping_options(struct shaping *s);

/* After all options: set the defaults that depend on others. */
void shaping_settle(struct shaping *s);

/* Draw a seed if none was given, short enough to be typed in again. */
void shaping_draw_seed(struct shaping *s);

#endif
