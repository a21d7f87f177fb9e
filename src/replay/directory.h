/* SPDX-License-Identifier: ISC */
/* Replies to READDIR and READDIRPLUS, recorded and new. */
#ifndef FR_REPLAY_DIRECTORY_H
#define FR_REPLAY_DIRECTORY_H

#include "replay/call.h"

/*
 * Both replies are good: take their entries.  Recorded nodes whose name
 * the new listing does not have yet, or without a node, are left in
 * c->lookups.  E_NOMEM, E_FULL.
 */
int directory_learn(struct replay_call *c, struct replay_maps *maps,
    const struct wire_proto *pr_was,
    const struct wire_proto *pr_is) ERR_MUSTCHECK;

/* The recorded listing is at its end: does the new one go on, and where?
 * 1 and *offset, or 0. */
int directory_goes_on(const struct replay_call *c,
    const struct replay_maps *maps, uint64_t *offset);

/* A reply to a request of our own that reads on.  E_NOMEM, E_NAME, E_FULL,
 * E_VALUE (an error). */
int directory_read_on(struct replay_call *c, struct replay_maps *maps,
    const struct wire_proto *pr_is, struct span reply) ERR_MUSTCHECK;

/*
 * Both listings are at their end: append in what they differ, to as much as
 * there is room for.  1 if they do, 0 if not or if there is nothing to
 * compare.
 */
int directory_difference(const struct replay_call *c,
    const struct replay_maps *maps, const struct wire_proto *pr_was,
    const struct wire_proto *pr_is, struct text *t);

#endif
