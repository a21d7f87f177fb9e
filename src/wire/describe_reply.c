/* SPDX-License-Identifier: ISC */
#include <inttypes.h>

#include "wire/describe.h"
#include "wire/dirent.h"
#include "wire/get.h"
#include "wire/names.h"
#include "wire/print_fields.h"

/* So many names of a list are shown in a line for people. */
#define LIST_SHOWN 24

/* Is there room for one more, and is it to be shown? */
static int
list_goes_on(const struct text *t, size_t n)
{
	if (t->full || t->cap - t->len < t->cap / 4)
		return 0;
	return t->style == TEXT_JSON || t->style == TEXT_FULL ||
	    n < LIST_SHOWN;
}

static void
put_malformed(struct text *t, const char *why)
{
	if (t->style == TEXT_JSON) {
		text_key(t, "malformed");
		text_put(t, "\"%s\"", why);
	} else {
		text_put(t, " <malformed: %s>", why);
	}
}

static void
put_bytes(struct text *t, size_t n)
{
	if (t->style == TEXT_JSON)
		text_key(t, "bytes");
	text_put(t, "%zu", n);
}

static void
put_dirent(struct text *t, const struct wire_dirent *d, int plus)
{
	if (t->style != TEXT_JSON) {
		text_str(t, t->sep);
		text_quote(t, d->name);
		t->sep = ", ";
		return;
	}
	text_str(t, t->sep);
	text_open(t, '{');
	text_name(t, "name", d->name);
	text_key(t, "ino");
	text_u64(t, d->ino);
	text_key(t, "off");
	text_u64(t, d->off);
	text_key(t, "type");
	text_put(t, "%" PRIu32, d->type);
	if (plus) {
		text_key(t, "nodeid");
		text_u64(t, get_u64(d->entry, 0));
	}
	text_close(t, '}');
}

static void
put_dirents(struct text *t, const struct wire_proto *pr, int plus,
    struct span body)
{
	struct wire_dirent d;
	size_t shown = 0, n = 0;
	int r;

	put_bytes(t, body.len);
	if (t->style == TEXT_JSON)
		text_key(t, "entries");
	else
		text_str(t, " ");
	text_open(t, '[');
	while ((r = wire_dirent_next(pr, plus, &body, &d)) > 0) {
		n++;
		if (!list_goes_on(t, shown))
			continue;
		put_dirent(t, &d, plus);
		shown++;
	}
	if (shown < n && t->style != TEXT_JSON)
		text_str(t, ", ...");
	text_close(t, ']');
	if (shown < n && t->style == TEXT_JSON) {
		text_key(t, "more");
		text_put(t, "%zu", n - shown);
	} else if (shown < n) {
		text_put(t, " %zu entries", n);
	}
	if (r < 0)
		put_malformed(t, err_text(r));
}

/* The names of a LISTXATTR reply. */
static void
put_xnames(struct text *t, struct span body)
{
	const uint8_t *nul;
	struct span name;
	size_t shown = 0;

	put_bytes(t, body.len);
	if (t->style == TEXT_JSON)
		text_key(t, "names");
	else
		text_str(t, " ");
	text_open(t, '[');
	for (; body.len > 0; body = span_from(body, name.len + 1)) {
		name = body;
		nul = memchr(body.p, '\0', body.len);
		if (nul != NULL)
			name.len = (size_t)(nul - body.p);
		if (!list_goes_on(t, shown++))
			continue;
		text_str(t, t->sep);
		text_quote(t, name);
		t->sep = t->style == TEXT_JSON ? "," : ", ";
	}
	text_close(t, ']');
}

/* The struct of the reply, and whether its length is the right one. */
static void
put_fixed(struct text *t, const struct op *op, const struct wire_proto *pr,
    struct span body)
{
	size_t first = struct_size(op->out, pr), whole = op_out_size(op, pr);
	struct wire_proto newest = { .dialect = pr->dialect };
	int longer = op->reply == ANSWER_IOCTL || op->reply == ANSWER_CUSE;

	if (op->reply == ANSWER_COUNT && t->style == TEXT_CALL) {
		text_u64(t, whole == 8 && op->out ==
		    STRUCT_fuse_write_out ? (uint64_t)get_u32(body, 0) :
		    get_u64(body, 0));
	} else {
		fields_put(t, op->out, op->reply == ANSWER_INIT ? &newest :
		    pr, body);
	}
	if (op->reply == ANSWER_CREATED)
		fields_put(t, STRUCT_fuse_open_out, pr,
		    span_from(body, first));
	if (longer && body.len > whole) {
		text_key(t, "bytes");
		text_put(t, "%zu", body.len - whole);
	}
	if (op->reply != ANSWER_INIT && body.len != whole &&
	    !(longer && body.len > whole))
		put_malformed(t, err_text(body.len < whole ? E_SHORT :
		    E_LONG));
}

static void
put_body(struct text *t, const struct op *op, const struct wire_proto *pr,
    const struct wire_expect *e, struct span body)
{
	switch (op->reply) {
	case ANSWER_DATA:
		put_bytes(t, body.len);
		break;
	case ANSWER_XATTR:
	case ANSWER_XLIST:
		if (e->tail == 0)
			put_fixed(t, op, pr, body);
		else if (op->reply == ANSWER_XATTR)
			put_bytes(t, body.len);
		else
			put_xnames(t, body);
		break;
	case ANSWER_TARGET:
		if (t->style == TEXT_JSON)
			text_name(t, "target", body);
		else
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

void
wire_put_result(struct text *t, const struct wire_proto *pr,
    const struct wire_expect *e, struct span m)
{
	struct span body = span_from(m, WIRE_REP_HEADER);
	const struct op *op = op_find(e->opcode);
	size_t start = t->len;
	struct wire_rep h;

	if (wire_rep_get(m, &h) != E_OK) {
		put_malformed(t, err_text(E_SHORT));
		return;
	}
	if (h.error != 0) {
		if (t->style != TEXT_JSON)
			names_put_error(t, h.error);
		if (body.len != 0)
			put_malformed(t, "error with a body");
	} else if (op == NULL || !op_known(op, pr)) {
		put_bytes(t, body.len);
	} else {
		put_body(t, op, pr, e, body);
	}
	if (t->len == start && t->style != TEXT_JSON)
		text_str(t, "0");
	if (h.len != m.len)
		put_malformed(t, err_text(E_LEN));
}

const char *
wire_put_notify(struct text *t, const struct wire_proto *pr, struct span m)
{
	struct span body = span_from(m, WIRE_REP_HEADER), name;
	const struct notify_row *row = notify_find(get_i32(m, 4));
	size_t len;
	int r;

	if (m.len < WIRE_REP_HEADER || row == NULL) {
		text_key(t, "bytes");
		text_put(t, "%zu", body.len);
		return NULL;
	}
	fields_put(t, row->fixed, pr, body);
	if (row->tail == NOTIFY_TAIL_NAME) {
		name = span_from(body, struct_size(row->fixed, pr));
		len = notify_namelen(get_i32(m, 4), body);
		if (name.len > len)
			name.len = len;
		text_name(t, "name", name);
	}
	if ((r = wire_check_notify(pr, m)) != E_OK)
		put_malformed(t, err_text(r));
	return row->name;
}
