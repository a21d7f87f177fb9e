/* SPDX-License-Identifier: ISC */
/*
 * What the ages of requests in flight ask for, read off the table; nothing is
 * changed there.
 */
#ifndef FR_RELAY_WATCH_H
#define FR_RELAY_WATCH_H

#include "relay/conf.h"
#include "relay/inflight.h"

enum watch_due {
	WATCH_REREAD, /* a READ may be asked for again, its reply may be lost */
	WATCH_WARN,   /* it waits for long, and no line of the log says so */
	WATCH_EXPIRE  /* the timeout is over: it is to be answered */
};

/* A row, what is due, and how old the row is. */
struct watch_found {
	struct inflight_req *r;
	enum watch_due due;
	long long age_ms;
};

/* Milliseconds until the table is to be looked at again: often enough for the
 * shortest of the limits. */
unsigned watch_period_ms(const struct relay_conf *c);

/*
 * The next row after `after` (NULL: the oldest) for which something is due at
 * `now`: 1 and *f, or 0.  watch_next_reread() finds READs that may be sent to
 * the daemon again, watch_next_late() requests to warn of or to answer.
 */
int watch_next_reread(const struct inflight *t, const struct relay_conf *c,
    const struct timespec *now, const struct inflight_req *after,
    struct watch_found *f);
int watch_next_late(const struct inflight *t, const struct relay_conf *c,
    const struct timespec *now, const struct inflight_req *after,
    struct watch_found *f);

#endif
