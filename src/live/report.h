/* SPDX-License-Identifier: ISC */
/*
 * What the log is told of a session on request: its figures, and its requests
 * in flight.
 */
#ifndef FR_LIVE_REPORT_H
#define FR_LIVE_REPORT_H

#include "base/log.h"
#include "live/live.h"
#include "relay/session.h"

/* log_say() or one of its kind. */
typedef void report_fn(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));

/* Say the figures of the session so far; `name` is what lines call it. */
void report_stats(const struct session *s, const char *name, report_fn *say);

/* Say which requests are in flight, the oldest first, with the paths that live
 * knows. */
void report_inflight(const struct session *s, const char *name,
    struct live *live);

#endif
