/* SPDX-License-Identifier: ISC */
#include "wire/describe.h"

#include "wire/body.h"
#include "wire/head.h"
#include "wire/print_fields.h"

/* Bytes that the last record of a list, and the text after it, can take. */
#define RESERVE 256

/* Parts of a request with a row. */
struct parts {
	const struct op *op;	 /* NULL: no row */
	struct span fixed, tail; /* extensions left out */
	size_t ext;
};

static void
parts_get(struct parts *p, const struct wire_proto *pr, struct span m)
{
	struct wire_req h;
	size_t size;

	memset(p, 0, sizeof(*p));
	p->fixed = span_from(m, WIRE_REQ_HEADER);
	p->tail = span_from(m, m.len);
	if (wire_req_get(m, &h) != E_OK)
		return;
	p->op = op_find(h.opcode);
	if (p->op == NULL || !op_known(p->op, pr)) {
		p->op = NULL;
		return;
	}
	if (pr->dialect == WIRE_LINUX)
		p->ext = (size_t)h.extlen * EXTLEN_UNIT;
	if (p->ext > p->fixed.len)
		p->ext = 0;
	p->fixed.len -= p->ext;
	size = op_in_size(p->op, pr);
	if (struct_size_short(p->op->in, pr) == p->fixed.len ||
	    p->op->tail == TAIL_INIT || size > p->fixed.len)
		size = p->fixed.len;
	p->tail = span_from(p->fixed, size);
	p->fixed.len = size;
}

static enum wire_names
names_get(const struct parts *p, struct span name[2])
{
	struct span rest = p->tail;

	name[0] = name[1] = span_from(rest, rest.len);
	if (p->op == NULL)
		return WIRE_NAMES_NONE;
	switch (p->op->tail) {
	case TAIL_NAMES:
	case TAIL_TARGET:
		name[0] = get_name(&rest);
		name[1] = get_name(&rest);
		return p->op->tail == TAIL_NAMES ? WIRE_NAMES_RENAME :
						   WIRE_NAMES_TARGET;
	case TAIL_NAME:
		name[0] = get_name(&rest);
		return WIRE_NAMES_ENTRY;
	case TAIL_XNAME:
	case TAIL_XVALUE:
		name[0] = get_name(&rest);
		return WIRE_NAMES_XATTR;
	case TAIL_ANYNAME:
		name[0] = get_name(&rest);
		return WIRE_NAMES_OTHER;
	default:
		return WIRE_NAMES_NONE;
	}
}

enum wire_names
wire_request_names(const struct wire_proto *pr, struct span m,
    struct span name[2])
{
	struct parts p;

	parts_get(&p, pr, m);
	return names_get(&p, name);
}

/* A line has the name alone, and only if the message has it. */
static void
put_name(struct text *t, const struct parts *p, const char *key,
    struct span name)
{
	if (t->style != TEXT_LINE) {
		text_name(t, key, name);
	} else if (name.p < p->tail.p + p->tail.len) {
		text_str(t, " ");
		text_quote(t, name);
	}
}

static void
put_names(struct text *t, const struct parts *p)
{
	static const char *const keys[][2] = {
		[WIRE_NAMES_ENTRY] = { "name", NULL },
		[WIRE_NAMES_RENAME] = { "name", "newname" },
		[WIRE_NAMES_TARGET] = { "name", "target" },
		[WIRE_NAMES_XATTR] = { "xattr", NULL },
		[WIRE_NAMES_OTHER] = { "name", NULL },
	};
	struct span name[2];
	enum wire_names kind = names_get(p, name);

	if (kind == WIRE_NAMES_NONE)
		return;
	put_name(t, p, keys[kind][0], name[0]);
	if (keys[kind][1] != NULL)
		put_name(t, p, keys[kind][1], name[1]);
}

static int
has_room(const struct text *t)
{
	return !t->full && t->cap - t->len > t->cap / 4 + RESERVE;
}

static void
put_records(struct text *t, const struct parts *p, const struct wire_proto *pr)
{
	struct span rest = p->tail;

	text_key(t, "records");
	text_open(t, '[');
	for (; rest.len >= RECORD_SIZE && has_room(t);
	     rest = span_from(rest, RECORD_SIZE)) {
		text_str(t, t->sep);
		text_open(t, '{');
		fields_put(t, op_record(p->op), pr, rest);
		text_close(t, '}');
	}
	text_close(t, ']');
}

static void
put_line_records(struct text *t, const struct parts *p,
    const struct wire_proto *pr)
{
	struct span rest = p->tail;
	const char *space = " [";

	for (; rest.len >= RECORD_SIZE && !t->full;
	     rest = span_from(rest, RECORD_SIZE)) {
		text_put(t, "%s{", space);
		t->sep = " ";
		fields_put(t, op_record(p->op), pr, rest);
		text_str(t, " }");
		space = ", ";
	}
	if (*space == ',')
		text_str(t, "]");
}

/* What follows the fixed struct, where the style has it. */
static void
put_tail(struct text *t, const struct parts *p, const struct wire_proto *pr)
{
	if (t->style != TEXT_JSON && t->style != TEXT_LINE)
		return;
	put_names(t, p);
	if (p->op->tail != TAIL_RECORDS)
		return;
	if (t->style == TEXT_LINE)
		put_line_records(t, p, pr);
	else
		put_records(t, p, pr);
}

void
wire_put_args(struct text *t, const struct wire_proto *pr, struct span m)
{
	const struct op *op;
	struct parts p;
	size_t where;
	int r;

	parts_get(&p, pr, m);
	if (p.op != NULL) {
		fields_put(t, p.op->in, op_layout(p.op, pr), p.fixed);
		put_tail(t, &p, pr);
	} else if (t->style == TEXT_LINE) {
		text_put(t, " +%zu bytes", p.fixed.len);
	} else {
		text_key(t, "bytes");
		text_put(t, "%zu", p.fixed.len);
	}
	if (p.ext != 0) {
		text_key(t, "ext");
		text_put(t, "%zu", p.ext);
	}
	if ((r = wire_check_request(pr, m, &op, &where)) != E_OK)
		text_malformed(t, "%s, at byte %zu", err_text(r), where);
}

/* Where the names end: old kernels append security contexts, and the header
 * does not have their length. */
static size_t
after_names(const struct parts *p, struct span m)
{
	struct span name[2], last;
	size_t end = (size_t)(p->tail.p - m.p);

	if (names_get(p, name) == WIRE_NAMES_NONE)
		return end;
	last = name[1].len > 0 ? name[1] : name[0];
	end = (size_t)(last.p - m.p) + last.len + 1;
	return end < m.len ? end : m.len;
}

static size_t
reply_data_offset(const struct wire_proto *pr, const struct wire_expect *e,
    struct span m)
{
	const struct op *op = e != NULL ? op_find(e->opcode) : NULL;

	if (head_unique(m) == 0) /* STORE is the one with data */
		return head_error(m) == FUSE_NOTIFY_STORE ? WIRE_REP_HEADER +
			struct_size(STRUCT_fuse_notify_store_out, pr) :
							    m.len;
	if (head_error(m) != 0)
		return WIRE_REP_HEADER;
	switch (body_form(op, pr, e)) {
	case BODY_BYTES:
		return WIRE_REP_HEADER;
	case BODY_STRUCT_DATA:
		return WIRE_REP_HEADER + struct_size(op->out, pr);
	default:
		return m.len;
	}
}

size_t
wire_data_offset(const struct wire_proto *pr, const struct wire_expect *e,
    struct span m, int is_request)
{
	struct parts p;
	size_t off;

	if (!is_request) {
		off = reply_data_offset(pr, e, m);
		return off < m.len ? off : m.len;
	}
	parts_get(&p, pr, m);
	if (p.op == NULL)
		return m.len < WIRE_REQ_HEADER ? m.len : WIRE_REQ_HEADER;
	switch (p.op->tail) {
	case TAIL_RECORDS:
		return m.len;
	case TAIL_INIT:
		return m.len;
	default:
		return after_names(&p, m);
	}
}
