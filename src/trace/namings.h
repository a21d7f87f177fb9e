/* SPDX-License-Identifier: ISC */
/*
 * By which calls nodes got and changed their names: the records that a cut of
 * a capture must have so that a reader of it knows the paths of its nodes.
 */
#ifndef FR_TRACE_NAMINGS_H
#define FR_TRACE_NAMINGS_H

#include "trace/kept.h"
#include "trace/model.h"

struct namings {
	struct table_entry *nodes; /* owned */
	struct kept *kept; /* borrowed; its `failed` is set without memory */
};

void namings_init(struct namings *g, struct kept *kept);
void namings_fini(struct namings *g);

/* The successful reply m ends the call, and the model has not yet learned
 * from it. */
void namings_learn(struct namings *g, const struct call *call, struct span m,
    const struct spot *spot);

/* The record, a TRACE_NODE, repeats a node from an earlier file. */
void namings_note_node(struct namings *g, uint64_t session,
    const struct paths_node *node, uint64_t record);

/* The request m takes references to nodes back. */
void namings_forget(struct namings *g, const struct call *call, struct span m);

/* Keep all that named the node, and its directories. */
void namings_keep(struct namings *g, uint64_t session, uint64_t nodeid);

#endif
