/* SPDX-License-Identifier: ISC */
/*
 * What a session can tell of itself: figures, and who waits for what.
 */
#ifndef FR_LIVE_TELL_H
#define FR_LIVE_TELL_H

#include "live/live.h"
#include "relay/session.h"

/* log_say() or one of its kind. */
typedef void tell_fn(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));

/* The figures of the session called name so far. */
void tell_stats(const struct session *s, const char *name, tell_fn *say);

/* Its requests in flight, the oldest first, with the paths that live knows;
 * always said. */
void tell_inflight(const struct session *s, const char *name,
    struct live *live);

#endif
