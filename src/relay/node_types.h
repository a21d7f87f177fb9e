/* SPDX-License-Identifier: ISC */
/*
 * The file types of nodes, as the front's kernel has learnt them.  A reply with
 * another type for the same node passes all checks; the kernel makes EIO of it,
 * and of all later requests about the node.
 *
 * The table has a fixed size: of two nodes with the same place in it the later
 * one is remembered.  So a change may be missed, but none is reported that was
 * not there.
 */
#ifndef FR_RELAY_NODE_TYPES_H
#define FR_RELAY_NODE_TYPES_H

#include "wire/ops.h"

struct node_types {
	/* private */
	struct node_place *places; /* owned; NULL: nothing is known */
};

void node_types_init(struct node_types *t);
void node_types_fini(struct node_types *t);

/* A good request that leaves for the daemon: what it takes back is not known
 * any more. */
void node_types_request(struct node_types *t, uint32_t opcode, struct span m);

/* A good reply without error that goes to the kernel.  1: it gives a node
 * another type than the kernel has; else 0. */
int node_types_reply(struct node_types *t, const struct wire_proto *pr,
    uint32_t opcode, uint64_t nodeid, struct span reply);

#endif
