/* SPDX-License-Identifier: ISC */
/* Points in time as options have them, in the forms in which traces do. */
#ifndef FR_LIVE_TRACE_TIME_H
#define FR_LIVE_TRACE_TIME_H

#include <stdint.h>

#include "base/err.h"

enum trace_time_kind {
	TRACE_TIME_ANY,	 /* not given */
	TRACE_TIME_REAL, /* ns since 1970 */
	TRACE_TIME_DAY	 /* ns since the local midnight */
};

struct trace_time {
	enum trace_time_kind kind;
	uint64_t ns;
};

/*
 * Seconds since 1970; "HH:MM[:SS]"; "YYYY-MM-DD HH:MM[:SS]", or with a T
 * between them, local, or with a Z behind them UTC.  Seconds may have a
 * fraction.  E_VALUE.
 */
int trace_time_parse(struct trace_time *t, const char *text) ERR_MUSTCHECK;

/* In ns since 1970, 0 if none was given.  A time of day is that of the day at
 * begin_ns; an end that is not behind it is of the day after. */
uint64_t trace_time_real(const struct trace_time *t, uint64_t begin_ns,
    int is_end);

#endif
