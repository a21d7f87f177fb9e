/* SPDX-License-Identifier: ISC */
#include "trace/learn.h"

#include <string.h>

#include "wire/dirent.h"
#include "wire/head.h"
#include "wire/init.h"
#include "wire/ops.h"

#define RENAME_SWAPS 2u /* RENAME_EXCHANGE, FUSE_RENAME_SWAP */

_Static_assert((int)OFF_DARWIN2_fuse_rename_in_flags ==
	(int)OFF_fuse_rename2_in_flags,
    "a RENAME that has flags has them where a RENAME2 does");

void
learn_init_request(struct conn *conn, struct span m)
{
	if (head_opcode(m) != FUSE_OP_INIT)
		return;
	conn->init_len = m.len < sizeof(conn->init) ? m.len :
						      sizeof(conn->init);
	memcpy(conn->init, m.p, conn->init_len);
}

void
learn_init_reply(struct conn *conn, struct span m)
{
	struct span request = { conn->init, conn->init_len };
	int r;

	if (conn->init_len == 0 || head_error(m) != 0)
		return;
	/* If the exchange is refused, proto is unchanged. */
	r = wire_proto_from_init(&conn->proto, request, m);
	(void)r;
}

uint64_t
learn_newdir(const struct call *c, struct span m)
{
	switch (c->opcode) {
	case FUSE_OP_RENAME:
		return get_u64(m, REQ_OFF(fuse_rename_in, newdir));
	case FUSE_OP_RENAME2:
		return get_u64(m, REQ_OFF(fuse_rename2_in, newdir));
	case FUSE_OP_LINK:
		return get_u64(m, REQ_OFF(fuse_link_in, oldnodeid));
	case FUSE_OP_EXCHANGE:
		return get_u64(m,
		    WIRE_REQ_HEADER + OFF_DARWIN_fuse_exchange_in_newdir);
	default:
		return 0;
	}
}

uint8_t
learn_swaps(const struct call *c, struct span m)
{
	const struct op *op = op_find(c->opcode);

	if (c->opcode != FUSE_OP_RENAME && c->opcode != FUSE_OP_RENAME2)
		return 0;
	if (op_in_size(op, &c->conn->proto) != SIZE_fuse_rename2_in)
		return 0;
	return (get_u32(m, REQ_OFF(fuse_rename2_in, flags)) & RENAME_SWAPS) !=
	    0;
}

void
learn_request(struct call *c, struct span m)
{
	struct op_forget f;
	size_t at = 0;

	while (op_forget_next(m, &at, &f))
		paths_forget(c->conn->paths, f.nodeid, f.nlookup);
}

static void
learn_direntplus(struct call *c, struct span m)
{
	struct span rest = span_from(m, WIRE_REP_HEADER);
	struct wire_dirent d;

	while (wire_dirent_next(&c->conn->proto, 1, &rest, &d) > 0)
		paths_enter(c->conn->paths, c->nodeid, d.name,
		    get_u64(d.entry, OFF_fuse_entry_out_nodeid));
}

void
learn_reply(struct call *c, const struct trace_record *r)
{
	const struct op *op = op_find(c->opcode);
	struct paths *p = c->conn->paths;

	if (op == NULL || head_error(r->m) != 0 || (r->flags & TRACE_PART))
		return;
	if (op_flags(op) & OP_ENTRY) {
		if (c->opcode != FUSE_OP_TMPFILE)
			paths_enter(p, c->nodeid, c->name[0],
			    get_u64(r->m, REP_OFF(fuse_entry_out, nodeid)));
		return;
	}
	switch (c->opcode) {
	case FUSE_OP_READDIRPLUS:
		learn_direntplus(c, r->m);
		break;
	case FUSE_OP_UNLINK:
	case FUSE_OP_RMDIR:
		paths_remove(p, c->nodeid, c->name[0]);
		break;
	case FUSE_OP_RENAME:
	case FUSE_OP_RENAME2:
		paths_move(p, c->nodeid, c->name[0], c->newdir, c->name[1],
		    c->swaps);
		break;
	case FUSE_OP_EXCHANGE:
		paths_move(p, c->nodeid, c->name[0], c->newdir, c->name[1], 1);
		break;
	default:
		break;
	}
}
