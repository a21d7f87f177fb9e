/* SPDX-License-Identifier: ISC */
/* A line of text per message. */
#include "wire/print.h"

#include <inttypes.h>

#include "wire/body.h"
#include "wire/describe.h"
#include "wire/errors.h"
#include "wire/get.h"
#include "wire/head.h"
#include "wire/print_fields.h"

size_t
wire_print_request(char *buf, size_t cap, const struct wire_proto *pr,
    struct span m)
{
	const struct op *op;
	struct wire_req h;
	struct text t;
	size_t where;
	int r;

	text_init(&t, buf, cap);
	if (wire_req_get(m, &h) != E_OK) {
		r = wire_check_request(pr, m, &op, &where);
		text_str(&t, "REQUEST");
		text_malformed(&t, "%s, at byte %zu", err_text(r), where);
		return text_end(&t);
	}
	op = op_find(h.opcode);
	if (op != NULL && op_known(op, pr))
		text_str(&t, op->name);
	else
		text_put(&t, "OP(%" PRIu32 ")", h.opcode);
	text_put(&t, " unique=%" PRIu64 " nodeid=%" PRIu64, h.unique,
	    h.nodeid);
	wire_put_args(&t, pr, m);
	return text_end(&t);
}

static void
put_error(struct text *t, const struct wire_proto *pr, int32_t error)
{
	const char *name = wire_reply_errno(pr, error);

	text_put(t, " %" PRId32, error);
	if (name != NULL)
		text_put(t, " %s", name);
}

/* The length word, if it is wrong. */
static void
put_length(struct text *t, struct span m, uint32_t len)
{
	if (len != m.len)
		text_malformed(t,
		    "length word %" PRIu32 ", message has %zu bytes", len,
		    m.len);
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
		text_malformed(&t, "%s", err_text(E_SHORT));
		return text_end(&t);
	}
	text_put(&t, " unique=%" PRIu64 " =", h.unique);
	if (h.error != 0) {
		put_error(&t, pr, h.error);
		if (body.len != 0)
			text_malformed(&t, "error with %zu bytes", body.len);
	} else if (op == NULL) {
		text_put(&t, " 0 +%zu bytes", body.len);
	} else {
		body_put(&t, op, pr, NULL, body);
	}
	put_length(&t, m, h.len);
	return text_end(&t);
}

size_t
wire_print_notify(char *buf, size_t cap, const struct wire_proto *pr,
    struct span m)
{
	struct span body = span_from(m, WIRE_REP_HEADER);
	const struct notify_row *row;
	struct wire_rep h;
	struct text t;
	int r;

	text_init(&t, buf, cap);
	if (wire_rep_get(m, &h) != E_OK) {
		text_str(&t, "NOTIFY");
		text_malformed(&t, "%s", err_text(E_SHORT));
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
		text_str(&t, " ");
		text_quote(&t, notify_name(pr, h.error, body));
	}
	r = wire_check_notify(pr, m);
	if (r != E_OK)
		text_malformed(&t, "%s", err_text(r));
	return text_end(&t);
}
