/* SPDX-License-Identifier: ISC */
/* What the model takes from messages: INIT, and the paths of nodes. */
#ifndef FR_TRACE_LEARN_H
#define FR_TRACE_LEARN_H

#include "trace/call.h"

/* An INIT request is kept for its reply; other requests do nothing. */
void learn_init_request(struct conn *conn, struct span m);
void learn_init_reply(struct conn *conn, struct span m);

/* The second node that a request names: the new directory of a RENAME, the
 * old node of a LINK; else 0. */
uint64_t learn_newdir(const struct call *c, struct span m);

/* Does the RENAME swap two entries? */
uint8_t learn_swaps(const struct call *c, struct span m);

/* A request without a reply: FORGETs. */
void learn_request(struct call *c, struct span m);

/* A reply: entries that come, go and move. */
void learn_reply(struct call *c, const struct trace_record *r);

#endif
