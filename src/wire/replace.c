/* SPDX-License-Identifier: ISC */
#include "wire/replace.h"

#include "wire/body.h"
#include "wire/describe.h"
#include "wire/dirent.h"
#include "wire/head.h"

struct replace {
	struct wire_buf *out;
	const struct wire_proto *pr;
	struct span m;
	wire_replace_fn *fn;
	void *arg;
	size_t len; /* of the message that is being made */
};

static void
put_span(struct replace *r, struct span s)
{
	wire_put_bytes(r->out, s.p, s.len);
}

/* The message's first bytes, as they are. */
static void
put_head(struct replace *r, size_t n)
{
	put_span(r, (struct span){ r->m.p, n < r->m.len ? n : r->m.len });
}

static struct span
other(struct replace *r, enum wire_text what, struct span was)
{
	return was.len == 0 ? was : r->fn(r->arg, what, was);
}

static void
put_name(struct replace *r, enum wire_text what, struct span was)
{
	put_span(r, other(r, what, was));
	wire_put_zero(r->out, 1);
}

/* ---- requests ---- */

static void
put_request(struct replace *r)
{
	static const enum wire_text what[][2] = {
		[WIRE_NAMES_ENTRY] = { WIRE_TEXT_ENTRY, WIRE_TEXT_ENTRY },
		[WIRE_NAMES_RENAME] = { WIRE_TEXT_ENTRY, WIRE_TEXT_ENTRY },
		[WIRE_NAMES_TARGET] = { WIRE_TEXT_ENTRY, WIRE_TEXT_PATH },
		[WIRE_NAMES_XATTR] = { WIRE_TEXT_XATTR, WIRE_TEXT_XATTR },
		[WIRE_NAMES_OTHER] = { WIRE_TEXT_PATH, WIRE_TEXT_PATH },
	};
	size_t end = wire_data_offset(r->pr, NULL, r->m, 1), where;
	struct span name[2];
	enum wire_names kind;
	const struct op *op;

	if (wire_check_request(r->pr, r->m, &op, &where) != E_OK ||
	    op == NULL) {
		put_head(r, WIRE_REQ_HEADER);
		return;
	}
	kind = wire_request_names(r->pr, r->m, name);
	if (kind == WIRE_NAMES_NONE) {
		put_head(r, end);
		return;
	}
	put_head(r, (size_t)(name[0].p - r->m.p));
	put_name(r, what[kind][0], name[0]);
	if (kind == WIRE_NAMES_RENAME || kind == WIRE_NAMES_TARGET)
		put_name(r, what[kind][1], name[1]);
	r->len = r->m.len - end + r->out->len;
}

/* ---- replies ---- */

static void
put_xattrs(struct replace *r, struct span list)
{
	while (list.len > 0)
		put_name(r, WIRE_TEXT_XATTR, get_name(&list));
	r->len = r->out->len;
}

/* The directory entry d with another name and the length of that. */
static void
put_dirent(struct replace *r, const struct wire_dirent *d, size_t head)
{
	size_t start = r->out->len, size;
	struct span name = other(r, WIRE_TEXT_ENTRY, d->name);

	put_span(r, (struct span){ d->name.p - head, head });
	put_span(r, name);
	size = r->out->len - start;
	wire_put_zero(r->out, (8 - size % 8) % 8);
	if (!r->out->failed)
		put_u32(r->out->p, r->out->len,
		    start + d->entry.len + OFF_fuse_dirent_namelen,
		    (uint32_t)name.len);
}

static void
put_dirents(struct replace *r, struct span list, int plus)
{
	size_t head = struct_size(STRUCT_fuse_dirent, r->pr);
	struct wire_dirent d;

	if (plus)
		head += struct_size(STRUCT_fuse_entry_out, r->pr);
	while (wire_dirent_next(r->pr, plus, &list, &d) > 0)
		put_dirent(r, &d, head);
	r->len = r->out->len;
}

static void
put_reply(struct replace *r, const struct wire_expect *e)
{
	const struct op *op = e != NULL ? op_find(e->opcode) : NULL;
	enum body_form form = body_form(op, r->pr, e);
	struct span body = span_from(r->m, WIRE_REP_HEADER);
	const char *why;

	put_head(r, WIRE_REP_HEADER);
	if (op == NULL || head_error(r->m) != 0)
		return;
	if (form == BODY_STRUCT_TEXT) {
		put_span(r,
		    (struct span){ body.p,
			body.len < op_out_size(op, r->pr) ?
			    body.len :
			    op_out_size(op, r->pr) });
		return;
	}
	if (form != BODY_TARGET && form != BODY_XNAMES &&
	    form != BODY_DIRENTS && form != BODY_DIRENTSPLUS) {
		put_span(r,
		    (struct span){ body.p,
			wire_data_offset(r->pr, e, r->m, 0) -
			    WIRE_REP_HEADER });
		return;
	}
	if (wire_check_reply(r->pr, e, r->m, &why) != REPLY_GOOD)
		return;
	if (form == BODY_TARGET) {
		put_span(r, other(r, WIRE_TEXT_PATH, body));
		r->len = r->out->len;
	} else if (form == BODY_XNAMES) {
		put_xattrs(r, body);
	} else {
		put_dirents(r, body, form == BODY_DIRENTSPLUS);
	}
}

/* ---- notifications ---- */

static void
put_notify(struct replace *r)
{
	const struct notify_row *row = notify_find(head_error(r->m));
	struct span body = span_from(r->m, WIRE_REP_HEADER), name;
	size_t fixed;

	if (row != NULL && row->tail != NOTIFY_TAIL_NAME) {
		put_head(r, wire_data_offset(r->pr, NULL, r->m, 0));
		return;
	}
	if (row == NULL || wire_check_notify(r->pr, r->m) != E_OK) {
		put_head(r, WIRE_REP_HEADER);
		return;
	}
	fixed = struct_size((enum wire_struct)row->fixed, r->pr);
	name = other(r, WIRE_TEXT_ENTRY,
	    notify_name(r->pr, head_error(r->m), body));
	put_head(r, WIRE_REP_HEADER + fixed);
	if (!r->out->failed)
		notify_set_namelen(head_error(r->m),
		    r->out->p + WIRE_REP_HEADER, r->out->len - WIRE_REP_HEADER,
		    (uint32_t)name.len);
	put_span(r, name);
	wire_put_zero(r->out, 1);
	r->len = r->out->len;
}

int
wire_replace(struct wire_buf *out, const struct wire_proto *pr,
    const struct wire_expect *e, struct span m, int is_request,
    wire_replace_fn *fn, void *arg, size_t *len)
{
	struct replace r = { .out = out,
		.pr = pr,
		.m = m,
		.fn = fn,
		.arg = arg,
		.len = m.len };

	out->len = 0;
	out->failed = 0;
	if (m.len < (is_request ? WIRE_REQ_HEADER : WIRE_REP_HEADER))
		put_head(&r, m.len);
	else if (is_request)
		put_request(&r);
	else if (head_unique(m) == 0)
		put_notify(&r);
	else
		put_reply(&r, e);
	*len = r.len;
	if (out->failed)
		return E_NOMEM;
	if (head_len(m) == m.len)
		put_u32(out->p, out->len, OFF_fuse_in_header_len,
		    (uint32_t)r.len);
	return E_OK;
}
