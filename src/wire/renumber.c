/* SPDX-License-Identifier: ISC */
#include "wire/renumber.h"

#include "wire/body.h"
#include "wire/dirent.h"
#include "wire/field_row.h"
#include "wire/head.h"

#define DEPTH_MAX 3
#define NODE_SIZE 8 /* of those that PRUNE lists */

struct renumber {
	const struct wire_proto *pr;
	uint8_t *m;
	size_t len, kept;
	wire_renumber_fn *fn;
	void *arg;
};

/* What fields of these names mean, in any struct. */
static const struct {
	const char *name;
	enum wire_number what;
} meanings[] = {
	{ "nodeid", WIRE_NUMBER_NODE },
	{ "parent", WIRE_NUMBER_NODE },
	{ "child", WIRE_NUMBER_NODE },
	{ "unique", WIRE_NUMBER_UNIQUE },
	{ "notify_unique", WIRE_NUMBER_UNIQUE },
	{ "generation", WIRE_NUMBER_GENERATION },
	{ "ino", WIRE_NUMBER_INODE },
	{ "fh", WIRE_NUMBER_HANDLE },
	{ "fh_in", WIRE_NUMBER_HANDLE },
	{ "fh_out", WIRE_NUMBER_HANDLE },
	{ "pid", WIRE_NUMBER_PROCESS },
	{ "lock_owner", WIRE_NUMBER_OWNER },
	{ "owner", WIRE_NUMBER_OWNER },
	{ "kh", WIRE_NUMBER_POLL },
	{ "atime", WIRE_NUMBER_TIME },
	{ "mtime", WIRE_NUMBER_TIME },
	{ "ctime", WIRE_NUMBER_TIME },
	{ "crtime", WIRE_NUMBER_TIME },
	{ "btime", WIRE_NUMBER_TIME },
	{ "chgtime", WIRE_NUMBER_TIME },
	{ "bkuptime", WIRE_NUMBER_TIME },
	{ "ctime_darwin", WIRE_NUMBER_TIME },
	{ "tv_sec", WIRE_NUMBER_TIME },
	{ "atimensec", WIRE_NUMBER_FRACTION },
	{ "mtimensec", WIRE_NUMBER_FRACTION },
	{ "ctimensec", WIRE_NUMBER_FRACTION },
	{ "crtimensec", WIRE_NUMBER_FRACTION },
	{ "btimensec", WIRE_NUMBER_FRACTION },
	{ "chgtimensec", WIRE_NUMBER_FRACTION },
	{ "bkuptimensec", WIRE_NUMBER_FRACTION },
	{ "ctimensec_darwin", WIRE_NUMBER_FRACTION },
	{ "tv_nsec", WIRE_NUMBER_FRACTION },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static enum wire_number
meaning(const struct field *f)
{
	size_t i;

	if (f->mark == MARK_NODE)
		return WIRE_NUMBER_NODE;
	if (f->mark == MARK_UNIQUE)
		return WIRE_NUMBER_UNIQUE;
	if (f->of == STRUCT_fuse_notify_inval_inode_out &&
	    strcmp(f->name, "ino") == 0)
		return WIRE_NUMBER_NODE;
	for (i = 0; i < COUNT(meanings); i++)
		if (strcmp(f->name, meanings[i].name) == 0)
			return meanings[i].what;
	return WIRE_NUMBER_KINDS;
}

static struct span
whole(const struct renumber *r)
{
	return (struct span){ r->m, r->len };
}

/* The word of `size` bytes at off. */
static void
put_word(struct renumber *r, size_t off, size_t size, enum wire_number what)
{
	struct span kept = { r->m, r->kept };
	uint64_t v;

	if (!span_holds(kept, off, size))
		return;
	v = size == 4 ? get_u32(kept, off) : get_u64(kept, off);
	v = r->fn(r->arg, what, v);
	if (size == 4)
		put_u32(r->m, r->kept, off, (uint32_t)v);
	else
		put_u64(r->m, r->kept, off, v);
}

/* The numbers in the struct at off, as far as the message has it. */
static void
put_struct(struct renumber *r, enum wire_struct s, const struct wire_proto *pr,
    size_t off, int depth)
{
	const struct field *f = NULL;
	enum wire_number what;

	if (depth == DEPTH_MAX)
		return;
	while ((f = field_next(f, s, pr, span_from(whole(r), off))) != NULL) {
		if (f->show == SHOW_SUB) {
			put_struct(r, (enum wire_struct)f->arg, pr,
			    off + f->off, depth + 1);
			continue;
		}
		what = meaning(f);
		if (what != WIRE_NUMBER_KINDS && f->size >= 4)
			put_word(r, off + f->off, f->size, what);
	}
}

static void
put_request(struct renumber *r)
{
	struct span m = whole(r);
	const struct op *op = op_find(head_opcode(m));
	struct wire_proto newest = *r->pr;
	struct op_forget f;
	size_t at = 0;

	put_word(r, OFF_fuse_in_header_unique, 8, WIRE_NUMBER_UNIQUE);
	/* (Of a FORGET, too.) */
	put_word(r, OFF_fuse_in_header_nodeid, 8, WIRE_NUMBER_NODE);
	put_word(r, OFF_fuse_in_header_pid, 4, WIRE_NUMBER_PROCESS);
	if (op == NULL || !op_known(op, r->pr))
		return;
	if (op_code(op) == FUSE_OP_BATCH_FORGET) {
		while (op_forget_next(m, &at, &f))
			put_word(r, f.at + OFF_fuse_forget_one_nodeid, 8,
			    WIRE_NUMBER_NODE);
		return;
	}
	/* Kernels send operations that are newer than what was agreed on. */
	newest.minor = WIRE_MINOR_NEWEST;
	put_struct(r, (enum wire_struct)op->in,
	    op->tail == TAIL_INIT ? op_layout(op, r->pr) : &newest,
	    WIRE_REQ_HEADER, 0);
	if (op_code(op) == FUSE_OP_READDIR ||
	    op_code(op) == FUSE_OP_READDIRPLUS)
		put_word(r, REQ_OFF(fuse_read_in, offset), 8,
		    WIRE_NUMBER_PLACE);
}

static void
put_dirents(struct renumber *r, int plus)
{
	struct span list = span_from(whole(r), WIRE_REP_HEADER);
	size_t at, head = struct_size(STRUCT_fuse_dirent, r->pr);
	struct wire_dirent d;

	while (wire_dirent_next(r->pr, plus, &list, &d) > 0) {
		at = (size_t)(d.name.p - r->m) - head;
		put_word(r, at + OFF_fuse_dirent_ino, 8, WIRE_NUMBER_INODE);
		put_word(r, at + OFF_fuse_dirent_off, 8, WIRE_NUMBER_PLACE);
		if (plus)
			put_struct(r, STRUCT_fuse_entry_out, r->pr,
			    at - d.entry.len, 0);
	}
}

static void
put_reply(struct renumber *r, const struct wire_expect *e)
{
	const struct op *op = e != NULL ? op_find(e->opcode) : NULL;
	enum body_form form = body_form(op, r->pr, e);

	put_word(r, OFF_fuse_in_header_unique, 8, WIRE_NUMBER_UNIQUE);
	if (op == NULL || head_error(whole(r)) != 0)
		return;
	switch (form) {
	case BODY_BYTES:
	case BODY_TARGET:
	case BODY_XNAMES:
	case BODY_SIZE:
	case BODY_COUNT:
		return;
	case BODY_DIRENTS:
	case BODY_DIRENTSPLUS:
		put_dirents(r, form == BODY_DIRENTSPLUS);
		return;
	default:
		break;
	}
	put_struct(r, (enum wire_struct)op->out, op_layout(op, r->pr),
	    WIRE_REP_HEADER, 0);
	if (op->reply == ANSWER_CREATED)
		put_struct(r, STRUCT_fuse_open_out, r->pr,
		    WIRE_REP_HEADER +
			struct_size((enum wire_struct)op->out, r->pr),
		    0);
}

static void
put_notify(struct renumber *r)
{
	const struct notify_row *row = notify_find(head_error(whole(r)));
	size_t at;

	if (row == NULL)
		return;
	put_struct(r, (enum wire_struct)row->fixed, r->pr, WIRE_REP_HEADER, 0);
	if (row->tail != NOTIFY_TAIL_NODES)
		return;
	at = WIRE_REP_HEADER +
	    struct_size((enum wire_struct)row->fixed, r->pr);
	for (; r->len >= NODE_SIZE && at <= r->len - NODE_SIZE;
	     at += NODE_SIZE)
		put_word(r, at, NODE_SIZE, WIRE_NUMBER_NODE);
}

void
wire_renumber(const struct wire_proto *pr, const struct wire_expect *e,
    uint8_t *m, size_t len, size_t kept, int is_request, wire_renumber_fn *fn,
    void *arg)
{
	struct renumber r = { .pr = pr,
		.m = m,
		.len = len,
		.kept = kept,
		.fn = fn,
		.arg = arg };

	if (is_request)
		put_request(&r);
	else if (head_unique(whole(&r)) == 0)
		put_notify(&r);
	else
		put_reply(&r, e);
}
