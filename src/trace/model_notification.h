/* SPDX-License-Identifier: ISC */
/*
 * Notifications, from their record until that of their result, which the
 * kernel gives to the relay.  The daemon does not get it: its write has
 * succeeded long before.
 *
 * The inside of a model; for model.c alone.
 */
#ifndef FR_TRACE_MODEL_NOTIFICATION_H
#define FR_TRACE_MODEL_NOTIFICATION_H

#include "trace/model.h"

void notifications_init(struct model *m);

/* A NOTIFY, and a RESULT. */
void notifications_begin(struct model *m, struct conn *conn,
    const struct trace_record *r);
void notifications_result(struct model *m, struct conn *conn,
    const struct trace_record *r);

/* Is the NOTIFY one that waits? */
int notifications_has(const struct model *m, const struct conn *conn,
    const struct trace_record *r);

/* It is `mono_ns` now. */
void notifications_advance(struct model *m, uint64_t mono_ns);

/* Nothing more is heard of those that wait. */
void notifications_end(struct model *m);

#endif
