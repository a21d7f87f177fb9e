/* SPDX-License-Identifier: ISC */
/*
 * Figures for Prometheus over HTTP, on this machine only: an address of the
 * loopback, or a socket in the file system that is its owner's alone.
 */
#ifndef FR_LIVE_METRICS_H
#define FR_LIVE_METRICS_H

#include <event2/event.h>

#include "trace/view.h"

struct metrics;

/* Listen at `where`: "ADDRESS:PORT" or "unix:PATH".  print() writes the
 * figures.  Anything but E_OK was told in the log. */
int metrics_open(struct metrics **out, struct event_base *base,
    const char *where, void (*print)(void *arg, const struct view_out *out),
    void *arg) ERR_MUSTCHECK;

/* NULL is legal. */
void metrics_close(struct metrics *m);

#endif
