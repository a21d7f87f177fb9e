/* SPDX-License-Identifier: ISC */
/*
 * The file types of nodes in a reply.  The Linux kernel remembers the type of
 * each node; if a later reply has another type for it, the kernel marks the
 * node as bad.
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
 * Iterate over the nodes in a good reply without error to a request about
 * `nodeid`; *at is 0 at first.  1 and *n; 0 at the end.
 */
int wire_node_type_next(const struct wire_proto *pr, uint32_t opcode,
    uint64_t nodeid, struct span reply, size_t *at, struct wire_node_type *n);

/* If a reply to this opcode has another type for a node, does the kernel take
 * the reply all the same, and mark the node as bad for its later users?  (Of
 * other opcodes, it fails the call.) */
int wire_is_spoilt_later(uint32_t opcode);

#endif
