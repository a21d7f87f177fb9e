/* SPDX-License-Identifier: ISC */
/*
 * Replies and notifications as lines of text.
 */
#include "wire/print.h"

#include <inttypes.h>

#include "wire/check.h"
#include "wire/dirent.h"
#include "wire/get.h"
#include "wire/print_fields.h"

static void
put_dirents(struct text *t, const struct wire_proto *pr, int plus,
    struct span body)
{
	const char *space = ": ";
	struct wire_dirent d;
	int r;

	text_put(t, " %zu bytes", body.len);
	while ((r = wire_dirent_next(pr, plus, &body, &d)) > 0 && !t->full) {
		text_str(t, space);
		text_quote(t, d.name);
		if (plus)
			text_put(t, "=%" PRIu64, get_u64(d.entry, 0));
		space = " ";
	}
	if (r < 0)
		text_put(t, " <malformed: %s>", err_text(r));
}

/* The struct of the reply, and whether its length is the right one. */
static void
put_fixed(struct text *t, const struct op *op, const struct wire_proto *pr,
    struct span body)
{
	size_t first = struct_size(op->out, pr), whole = op_out_size(op, pr);
	struct wire_proto newest = { .dialect = pr->dialect };

	text_str(t, " 0");
	fields_put(t, op->out, op->reply == ANSWER_INIT ? &newest : pr, body);
	if (op->reply == ANSWER_CREATED)
		fields_put(t, STRUCT_fuse_open_out, pr,
		    span_from(body, first));
	if (op->reply == ANSWER_INIT)
		return;
	if (op->reply == ANSWER_IOCTL || op->reply == ANSWER_CUSE) {
		if (body.len > whole)
			text_put(t, " +%zu bytes", body.len - whole);
		if (body.len >= whole)
			return;
	}
	if (body.len != whole)
		text_put(t, " <malformed: body of %zu bytes, not %zu>",
		    body.len, whole);
}

static void
put_body(struct text *t, const struct op *op, const struct wire_proto *pr,
    struct span body)
{
	switch (op->reply) {
	case ANSWER_DATA:
	case ANSWER_XATTR:
	case ANSWER_XLIST:
		text_put(t, " %zu bytes", body.len);
		break;
	case ANSWER_TARGET:
		text_str(t, " ");
		text_quote(t, body);
		break;
	case ANSWER_DIRENTS:
		put_dirents(t, pr, 0, body);
		break;
	case ANSWER_DIRENTSPLUS:
		put_dirents(t, pr, 1, body);
		break;
	default:
		put_fixed(t, op, pr, body);
		break;
	}
}

static void
put_error(struct text *t, int32_t error)
{
	const char *name = NULL;

	if (error < 0 && error != INT32_MIN)
		name = wire_errno_name(-error);
	text_put(t, " %" PRId32, error);
	if (name != NULL)
		text_put(t, " %s", name);
}

/* The length word, if it is wrong. */
static void
put_length(struct text *t, struct span m, uint32_t len)
{
	if (len != m.len)
		text_put(t, " <malformed: length word %" PRIu32
		    ", message has %zu bytes>", len, m.len);
}

size_t
wire_print_reply(char *buf, size_t cap, const struct wire_proto *pr,
    uint32_t opcode, struct span m)
{
	struct span body = span_from(m, WIRE_REP_HEADER);
	const struct op *op = op_find(opcode);
	struct wire_rep h;
	struct text t;

	if (op != NULL && !op_known(op, pr))
		op = NULL;
	text_init(&t, buf, cap);
	if (op != NULL)
		text_str(&t, op->name);
	else if (opcode == FUSE_OP_NONE)
		text_str(&t, "REPLY");
	else
		text_put(&t, "OP(%" PRIu32 ")", opcode);
	if (wire_rep_get(m, &h) != E_OK) {
		text_put(&t, " <malformed: %s>", err_text(E_SHORT));
		return text_end(&t);
	}
	text_put(&t, " unique=%" PRIu64 " =", h.unique);
	if (h.error != 0) {
		put_error(&t, h.error);
		if (body.len != 0)
			text_put(&t, " <malformed: error with %zu bytes>",
			    body.len);
	} else if (op == NULL) {
		text_put(&t, " 0 +%zu bytes", body.len);
	} else {
		put_body(&t, op, pr, body);
	}
	put_length(&t, m, h.len);
	return text_end(&t);
}

size_t
wire_print_notify(char *buf, size_t cap, const struct wire_proto *pr,
    struct span m)
{
	struct span body = span_from(m, WIRE_REP_HEADER), name;
	const struct notify_row *row;
	struct wire_rep h;
	struct text t;
	size_t len;
	int r;

	text_init(&t, buf, cap);
	if (wire_rep_get(m, &h) != E_OK) {
		text_put(&t, "NOTIFY <malformed: %s>", err_text(E_SHORT));
		return text_end(&t);
	}
	if ((row = notify_find(h.error)) == NULL) {
		text_put(&t, "NOTIFY(%" PRId32 ") +%zu bytes", h.error,
		    body.len);
		put_length(&t, m, h.len);
		return text_end(&t);
	}
	text_put(&t, "NOTIFY_%s", row->name);
	fields_put(&t, row->fixed, pr, body);
	if (row->tail == NOTIFY_TAIL_NAME) {
		name = span_from(body, struct_size(row->fixed, pr));
		len = notify_namelen(h.error, body);
		if (name.len > len)
			name.len = len;
		text_str(&t, " ");
		text_quote(&t, name);
	}
	r = wire_check_notify(pr, m);
	if (r != E_OK)
		text_put(&t, " <malformed: %s>", err_text(r));
	return text_end(&t);
}
