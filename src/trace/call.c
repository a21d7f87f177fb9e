/* SPDX-License-Identifier: ISC */
#include "trace/call.h"

#include "wire/ops.h"

int
call_comm_doubt(const struct call *c)
{
	return c->comm[0] != '\0' && (c->flags & TRACE_DOUBT);
}

size_t
call_path(const struct call *c, int nth, char *buf)
{
	const struct span none = { NULL, 0 };
	struct span name = c->name[nth];
	uint64_t dir = nth == 0 ? c->nodeid : c->newdir;

	if (c->target != NULL)
		return nth == 0 ? call_path(c->target, 0, buf) : 0;
	if (nth == 1 && c->opcode == FUSE_OP_LINK)
		return paths_get(c->conn->paths, c->newdir, none, buf);
	if (dir == 0 || (nth == 1 && c->names != WIRE_NAMES_RENAME))
		return 0;
	switch (c->names) {
	case WIRE_NAMES_ENTRY:
	case WIRE_NAMES_RENAME:
	case WIRE_NAMES_TARGET:
		return paths_get(c->conn->paths, dir, name, buf);
	default:
		return paths_get(c->conn->paths, dir, none, buf);
	}
}
