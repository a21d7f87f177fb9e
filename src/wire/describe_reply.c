/* SPDX-License-Identifier: ISC */
#include "wire/body.h"
#include "wire/describe.h"
#include "wire/errors.h"
#include "wire/head.h"
#include "wire/print_fields.h"

void
wire_put_result(struct text *t, const struct wire_proto *pr,
    const struct wire_expect *e, struct span m)
{
	struct span body = span_from(m, WIRE_REP_HEADER);
	size_t start = t->len;
	struct wire_rep h;

	if (wire_rep_get(m, &h) != E_OK) {
		text_malformed(t, "%s", err_text(E_SHORT));
		return;
	}
	if (h.error != 0) {
		if (t->style != TEXT_JSON)
			errors_put(t, pr, h.error);
		if (body.len != 0)
			text_malformed(t, "error with a body");
	} else {
		body_put(t, op_find(e->opcode), pr, e, body);
	}
	if (t->len == start && t->style != TEXT_JSON)
		text_str(t, "0");
	if (h.len != m.len)
		text_malformed(t, "%s", err_text(E_LEN));
}

const char *
wire_put_notify(struct text *t, const struct wire_proto *pr, struct span m)
{
	struct span body = span_from(m, WIRE_REP_HEADER);
	const struct notify_row *row = notify_find(head_error(m));
	int r;

	if (m.len < WIRE_REP_HEADER || row == NULL) {
		text_key(t, "bytes");
		text_put(t, "%zu", body.len);
		return NULL;
	}
	fields_put(t, row->fixed, pr, body);
	if (row->tail == NOTIFY_TAIL_NAME)
		text_name(t, "name", notify_name(pr, head_error(m), body));
	if ((r = wire_check_notify(pr, m)) != E_OK)
		text_malformed(t, "%s", err_text(r));
	return row->name;
}

uint64_t
wire_notify_about(const struct wire_proto *pr, struct span m,
    struct span *name)
{
	struct span body = span_from(m, WIRE_REP_HEADER);
	int32_t code = head_error(m);
	const struct notify_row *row = notify_find(code);

	*name = span_from(m, m.len);
	if (row == NULL)
		return 0;
	if (row->tail == NOTIFY_TAIL_NAME)
		*name = notify_name(pr, code, body);
	switch (code) {
	case FUSE_NOTIFY_INVAL_INODE:
		return get_u64(body, OFF_fuse_notify_inval_inode_out_ino);
	case FUSE_NOTIFY_INVAL_ENTRY:
		return get_u64(body, OFF_fuse_notify_inval_entry_out_parent);
	case FUSE_NOTIFY_DELETE:
		return get_u64(body, OFF_fuse_notify_delete_out_parent);
	case FUSE_NOTIFY_STORE:
		return get_u64(body, OFF_fuse_notify_store_out_nodeid);
	case FUSE_NOTIFY_RETRIEVE:
		return get_u64(body, OFF_fuse_notify_retrieve_out_nodeid);
	default:
		return 0;
	}
}
