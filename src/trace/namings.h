/* SPDX-License-Identifier: ISC */
/*
 * By which calls nodes got and changed their names: what must be kept of a
 * capture so that the paths of what else is kept can be told.
 */
#ifndef FR_TRACE_NAMINGS_H
#define FR_TRACE_NAMINGS_H

#include "trace/kept.h"
#include "trace/model.h"

struct named_node;

struct namings {
	struct named_node *nodes; /* owned */
	struct kept *kept;	  /* borrowed; told of no memory, too */
};

void namings_init(struct namings *g, struct kept *kept);
void namings_fini(struct namings *g);

/* The successful reply m ends the call, and the model has not yet learned
 * from it. */
void namings_learn(struct namings *g, const struct call *call, struct span m,
    const struct spot *spot);

/* The record says what an earlier file told of a node. */
void namings_told(struct namings *g, uint64_t session,
    const struct paths_node *told, uint64_t record);

/* The request m takes references to nodes back. */
void namings_forget(struct namings *g, const struct call *call, struct span m);

/* Keep all that named the node, and its directories. */
void namings_keep(struct namings *g, uint64_t session, uint64_t nodeid);

#endif
