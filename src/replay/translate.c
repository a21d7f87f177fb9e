/* SPDX-License-Identifier: ISC */
/* Translate the numbers of the recorded session to those of the new one. */
#include "replay/call.h"
#include "wire/head.h"

static uint64_t
request_u64(const struct replay_call *c, size_t off)
{
	return get_u64(call_span(&c->request), off);
}

static void
request_put(struct replay_call *c, size_t off, uint64_t v)
{
	put_u64(c->request.p, c->request.len, off, v);
}

static enum replay_skip
translate_node(struct replay_call *c, struct replay_maps *maps, size_t off)
{
	struct replay_node *node;

	node = nodes_find(&maps->nodes, request_u64(c, off));
	if (node == NULL || c->nnodes == CALL_NODES)
		return SKIP_NODE;
	nodes_pin(node);
	c->node[c->nnodes++] = node;
	request_put(c, off, node->is);
	return SKIP_NOT;
}

static enum replay_skip
translate_nodes(struct replay_call *c, struct replay_maps *maps,
    const struct wire_proto *pr)
{
	enum replay_skip skip = SKIP_NOT;
	size_t off;
	int i;

	if (c->nodeid != 0)
		skip = translate_node(c, maps, OFF_fuse_in_header_nodeid);
	for (i = 0; c->op != NULL && skip == SKIP_NOT; i++) {
		off = op_in_node(c->op, pr, call_span(&c->request), i);
		if (off == 0)
			break;
		skip = translate_node(c, maps, off);
	}
	return skip;
}

/* Keep those records of a FORGET whose lookups the new file system gave. */
static enum replay_skip
translate_forgets(struct replay_call *c, struct replay_maps *maps)
{
	struct span m = call_span(&c->request);
	size_t at = 0, to = WIRE_REQ_HEADER + SIZE_fuse_batch_forget_in;
	struct replay_node *node;
	struct op_forget f;
	uint64_t is, count;
	uint32_t n = 0;

	while (op_forget_next(m, &at, &f)) {
		node = nodes_find(&maps->nodes, f.nodeid);
		if (node == NULL)
			continue;
		is = node->is;
		count = nodes_forget(&maps->nodes, f.nodeid, f.nlookup);
		if (count == 0)
			continue;
		n++;
		if (f.at == 0) {
			request_put(c, OFF_fuse_in_header_nodeid, is);
			request_put(c, REQ_OFF(fuse_forget_in, nlookup),
			    count);
		} else {
			request_put(c, to + OFF_fuse_forget_one_nodeid, is);
			request_put(c, to + OFF_fuse_forget_one_nlookup,
			    count);
			to += SIZE_fuse_forget_one;
		}
	}
	if (c->opcode == FUSE_OP_BATCH_FORGET) {
		put_u32(c->request.p, c->request.len,
		    REQ_OFF(fuse_batch_forget_in, count), n);
		head_set_len(c->request.p, to);
		c->request.len = c->request.kept = to;
	}
	return n > 0 ? SKIP_NOT : SKIP_FORGET;
}

static int
is_readdir(uint32_t opcode)
{
	return opcode == FUSE_OP_READDIR || opcode == FUSE_OP_READDIRPLUS;
}

static int
is_of_directory(uint32_t opcode)
{
	return is_readdir(opcode) || opcode == FUSE_OP_RELEASEDIR ||
	    opcode == FUSE_OP_FSYNCDIR;
}

static struct replay_handle *
translate_find(const struct replay_call *c, struct replay_maps *maps,
    uint64_t fh, uint64_t nodeid)
{
	struct replay_handle *h = handles_find(&maps->handles, fh, nodeid);

	/* Where OPENDIR was answered with ENOSYS, directories are read without
	 * being opened. */
	if (h != NULL || fh != 0 || !maps->no_opendir ||
	    !is_readdir(c->opcode) ||
	    handles_enter(&maps->handles, fh, nodeid, fh) != E_OK)
		return h;
	return handles_find(&maps->handles, fh, nodeid);
}

/* The nth handle of the request; it belongs to the request's nth node. */
static enum replay_skip
translate_handle(struct replay_call *c, struct replay_maps *maps,
    const struct wire_proto *pr, int nth)
{
	size_t off = op_in_fh(c->op, pr, call_span(&c->request), nth);
	struct replay_handle *h;
	uint64_t fh;

	if (off == 0)
		return SKIP_NOT;
	if ((unsigned)nth >= c->nnodes)
		return SKIP_HANDLE;
	fh = request_u64(c, off);
	h = translate_find(c, maps, fh, c->node[nth]->was);
	if (h == NULL)
		return fh == 0 &&
			(is_of_directory(c->opcode) ? maps->no_opendir :
						      maps->no_open) ?
		    SKIP_NOT :
		    SKIP_HANDLE;
	if (nth == 0)
		c->fh = fh;
	if (is_readdir(c->opcode))
		request_put(c, REQ_OFF(fuse_read_in, offset),
		    listing_seek(&h->listing,
			request_u64(c, REQ_OFF(fuse_read_in, offset)),
			c->record));
	request_put(c, off,
	    c->opcode == FUSE_OP_RELEASE || c->opcode == FUSE_OP_RELEASEDIR ?
		handles_close(&maps->handles, h) :
		h->is);
	return SKIP_NOT;
}

/* The request is not sent: what it would have changed is not known any more. */
static void
translate_note_unsent(struct replay_call *c)
{
	unsigned i;

	for (i = 0; i < c->nnodes; i++) {
		if (c->names == WIRE_NAMES_XATTR)
			c->node[i]->xattr_unknown = 1;
		else
			c->node[i]->data_unknown = 1;
	}
}

/* Does the request read what is not known any more? */
static int
reads_unknown(const struct replay_call *c)
{
	unsigned i;

	for (i = 0; i < c->nnodes; i++) {
		switch (c->opcode) {
		case FUSE_OP_READ:
		case FUSE_OP_LSEEK:
		case FUSE_OP_COPY_FILE_RANGE:
		case FUSE_OP_COPY_FILE_RANGE_64:
			if (c->node[i]->data_unknown)
				return 1;
			break;
		case FUSE_OP_GETXATTR:
		case FUSE_OP_LISTXATTR:
		case FUSE_OP_REMOVEXATTR:
			if (c->node[i]->xattr_unknown)
				return 1;
			break;
		default:
			break;
		}
	}
	return 0;
}

enum replay_skip
call_translate(struct replay_call *c, struct replay_maps *maps,
    const struct wire_proto *pr)
{
	enum replay_skip skip;
	int i;

	if (c->opcode == FUSE_OP_FORGET || c->opcode == FUSE_OP_BATCH_FORGET)
		return translate_forgets(c, maps);
	if (c->opcode == FUSE_OP_NOTIFY_REPLY)
		return SKIP_NOTIFY;
	if ((skip = translate_nodes(c, maps, pr)) != SKIP_NOT)
		return skip;
	if (c->request.kept < c->request.len)
		skip = SKIP_DATA;
	else if (reads_unknown(c))
		skip = SKIP_AFTER;
	if (skip != SKIP_NOT) {
		if (c->op != NULL && (op_flags(c->op) & OP_CHANGES))
			translate_note_unsent(c);
		return skip;
	}
	for (i = 0; c->op != NULL && i < 2 && skip == SKIP_NOT; i++)
		skip = translate_handle(c, maps, pr, i);
	return skip;
}
