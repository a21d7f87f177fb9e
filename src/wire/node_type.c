/* SPDX-License-Identifier: ISC */
#include "wire/node_type.h"

#include <sys/stat.h>

#include "wire/attr.h"
#include "wire/dirent.h"
#include "wire/op_row.h"

static uint32_t
statx_type(struct span body)
{
	struct span st = span_from(body, OFF_fuse_statx_out_stat);

	return (get_u32(st, OFF_fuse_statx_mask) & SX_TYPE) != 0 ?
	    get_u16(st, OFF_fuse_statx_mode) & S_IFMT :
	    0;
}

static void
entry_type(const struct wire_proto *pr, struct span entry,
    struct wire_node_type *n)
{
	n->nodeid = get_u64(entry, OFF_fuse_entry_out_nodeid);
	n->type = attr_mode(pr, attr_of_entry(pr, entry)) & S_IFMT;
	n->entry = 1;
}

/* Entries for the directory itself and its parent are no lookups. */
static int
dirent_type(const struct wire_proto *pr, struct span body, size_t *at,
    struct wire_node_type *n)
{
	struct span rest = span_from(body, *at);
	struct wire_dirent d;

	while (wire_dirent_next(pr, 1, &rest, &d) > 0) {
		*at = body.len - rest.len;
		entry_type(pr, d.entry, n);
		if (n->nodeid != 0 && !span_is_dots(d.name))
			return 1;
	}
	return 0;
}

int
wire_node_type_next(const struct wire_proto *pr, uint32_t opcode,
    uint64_t nodeid, struct span reply, size_t *at, struct wire_node_type *n)
{
	struct span body = span_from(reply, WIRE_REP_HEADER);
	const struct op *op = op_find(opcode);

	memset(n, 0, sizeof(*n));
	if (op == NULL || !op_known(op, pr))
		return 0;
	if (op->reply == ANSWER_DIRENTSPLUS)
		return dirent_type(pr, body, at, n);
	if ((*at)++ > 0)
		return 0;
	n->nodeid = nodeid;
	switch (op->reply) {
	case ANSWER_LOOKUP:
	case ANSWER_NEW:
	case ANSWER_CREATED:
		entry_type(pr, body, n);
		break;
	case ANSWER_ATTR:
		n->type = attr_mode(pr, attr_of_attr_out(pr, body)) & S_IFMT;
		break;
	case ANSWER_STATX:
		n->type = statx_type(body);
		break;
	default:
		break;
	}
	return n->nodeid != 0 && n->type != 0;
}

int
wire_is_spoilt_later(uint32_t opcode)
{
	return opcode == FUSE_OP_LOOKUP || opcode == FUSE_OP_READDIRPLUS;
}
