/* SPDX-License-Identifier: ISC */
/*
 * What a reply tells of the file types of nodes.  The Linux kernel remembers
 * them, and takes a node that comes back as another type for a bad one.
 */
#ifndef FR_WIRE_NODE_TYPE_H
#define FR_WIRE_NODE_TYPE_H

#include "wire/ops.h"

struct wire_node_type {
	uint64_t nodeid;
	uint32_t type; /* its S_IFMT bits */
	uint8_t entry; /* it adds a lookup */
};

/*
 * Iterate over them in a good reply without error to a request about
 * `nodeid`: *at is 0 at first.  1 and *n; 0 at the end.
 */
int wire_node_type_next(const struct wire_proto *pr, uint32_t opcode,
    uint64_t nodeid, struct span reply, size_t *at, struct wire_node_type *n);

/* Does a reply with another type spoil the node for who has it already, and
 * not the call that it answers? */
int wire_is_spoilt_later(uint32_t opcode);

#endif
