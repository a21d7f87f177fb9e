/* SPDX-License-Identifier: ISC */
/* Replies to READDIR and READDIRPLUS, recorded and new. */
#ifndef FR_REPLAY_DIRECTORY_H
#define FR_REPLAY_DIRECTORY_H

#include "replay/call.h"

/*
 * Take the entries of both replies, which are good.  A recorded node is added
 * to c->lookups if the new listing does not have its name yet, or has it
 * without a node.  E_NOMEM, E_FULL.
 */
int directory_learn(struct replay_call *c, struct replay_maps *maps,
    const struct wire_proto *pr_was,
    const struct wire_proto *pr_is) ERR_MUSTCHECK;

/* The recorded listing is at its end: does the new one go on, and where?
 * 1 and *offset, or 0. */
int directory_goes_on(const struct replay_call *c,
    const struct replay_maps *maps, uint64_t *offset);

/* Take the reply to a READDIR that the replay sent by itself to read on.
 * E_NOMEM, E_NAME, E_FULL, E_VALUE (the reply is an error). */
int directory_read_on(struct replay_call *c, struct replay_maps *maps,
    const struct wire_proto *pr_is, struct span reply) ERR_MUSTCHECK;

/*
 * If both listings are at their end, compare them, and append where they
 * differ, as far as t has space.  1 if they differ; 0 if not, or if there is
 * nothing to compare.
 */
int directory_difference(const struct replay_call *c,
    const struct replay_maps *maps, const struct wire_proto *pr_was,
    const struct wire_proto *pr_is, struct text *t);

#endif
