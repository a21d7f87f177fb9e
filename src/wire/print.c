/* SPDX-License-Identifier: ISC */
/*
 * One line per message: head, the fields of its struct, then what follows
 * them.  The checks find what is wrong with a message; the printer prints what
 * the message has bytes for.
 */
#include "wire/print.h"

#include <inttypes.h>

#include "wire/check.h"
#include "wire/get.h"
#include "wire/print_fields.h"

/* Print the name at the front of *rest and take it with its NUL. */
static void
put_name(struct text *t, struct span *rest)
{
	if (rest->len == 0)
		return;
	text_str(t, " ");
	text_quote(t, get_name(rest));
}

static void
put_records(struct text *t, enum wire_struct s, const struct wire_proto *pr,
    struct span rest)
{
	const char *space = " [";

	while (rest.len >= RECORD_SIZE && !t->full) {
		text_put(t, "%s{", space);
		t->sep = " ";
		fields_put(t, s, pr, rest);
		text_str(t, " }");
		rest = span_from(rest, RECORD_SIZE);
		space = ", ";
	}
	if (*space == ',')
		text_str(t, "]");
}

static void
put_tail(struct text *t, const struct op *op, const struct wire_proto *pr,
    struct span rest)
{
	switch (op->tail) {
	case TAIL_NAMES:
	case TAIL_TARGET:
		put_name(t, &rest);
		put_name(t, &rest);
		break;
	case TAIL_NAME:
	case TAIL_ANYNAME:
	case TAIL_XNAME:
	case TAIL_XVALUE:
		put_name(t, &rest);
		break;
	case TAIL_RECORDS:
		put_records(t, op_record(op), pr, rest);
		break;
	default:
		break;
	}
}

static void
put_malformed(struct text *t, int r, size_t where)
{
	text_malformed(t, "%s, at byte %zu", err_text(r), where);
}

/* The fields and tail of a request with a row. */
static void
put_request(struct text *t, const struct op *op, const struct wire_proto *pr,
    struct span body)
{
	size_t size;

	pr = op_layout(op, pr);
	size = op_in_size(op, pr);
	if (struct_size_short(op->in, pr) == body.len)
		size = body.len;
	fields_put(t, op->in, pr, body);
	put_tail(t, op, pr, span_from(body, size));
}

size_t
wire_print_request(char *buf, size_t cap, const struct wire_proto *pr,
    struct span m)
{
	struct span body = span_from(m, WIRE_REQ_HEADER);
	const struct op *op, *checked;
	size_t where, ext = 0;
	struct wire_req h;
	struct text t;
	int r;

	text_init(&t, buf, cap);
	r = wire_check_request(pr, m, &checked, &where);
	if (wire_req_get(m, &h) != E_OK) {
		text_str(&t, "REQUEST");
		put_malformed(&t, r, where);
		return text_end(&t);
	}
	op = op_find(h.opcode);
	if (op != NULL && !op_known(op, pr))
		op = NULL;
	if (op != NULL)
		text_str(&t, op->name);
	else
		text_put(&t, "OP(%" PRIu32 ")", h.opcode);
	text_put(&t, " unique=%" PRIu64 " nodeid=%" PRIu64, h.unique,
	    h.nodeid);
	if (pr->dialect == WIRE_LINUX)
		ext = (size_t)h.extlen * EXTLEN_UNIT;
	if (ext <= body.len)
		body.len -= ext;
	if (op != NULL)
		put_request(&t, op, pr, body);
	else
		text_put(&t, " +%zu bytes", body.len);
	if (ext != 0)
		text_put(&t, " ext=%zu", ext);
	if (r != E_OK)
		put_malformed(&t, r, where);
	return text_end(&t);
}
