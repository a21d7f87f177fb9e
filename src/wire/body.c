/* SPDX-License-Identifier: ISC */
#include "wire/body.h"

#include <inttypes.h>

#include "wire/dirent.h"
#include "wire/get.h"
#include "wire/names.h"
#include "wire/offsets.h"
#include "wire/print_fields.h"

/* So many names of a list are shown in a line about a call. */
#define LIST_SHOWN 24

/* By enum op_answer; what is not here is a BODY_STRUCT. */
static const uint8_t forms[ANSWER_KINDS] = {
	[ANSWER_COUNT] = BODY_COUNT,
	[ANSWER_DATA] = BODY_BYTES,
	[ANSWER_DIRENTS] = BODY_DIRENTS,
	[ANSWER_DIRENTSPLUS] = BODY_DIRENTSPLUS,
	[ANSWER_TARGET] = BODY_TARGET,
	[ANSWER_XATTR] = BODY_BYTES,
	[ANSWER_XLIST] = BODY_XNAMES,
	[ANSWER_IOCTL] = BODY_STRUCT_DATA,
	[ANSWER_INIT] = BODY_STRUCT_CUT,
	[ANSWER_CUSE] = BODY_STRUCT_TEXT,
};

enum body_form
body_form(const struct op *op, const struct wire_proto *pr,
    const struct wire_expect *e)
{
	if (op == NULL || !op_known(op, pr))
		return BODY_BYTES;
	if (op->reply != ANSWER_XATTR && op->reply != ANSWER_XLIST)
		return forms[op->reply];
	if (e == NULL)
		return BODY_BYTES;
	return e->tail == 0 ? BODY_SIZE : forms[op->reply];
}

uint64_t
body_count(const struct op *op, struct span body)
{
	return op->out == STRUCT_fuse_write_out ?
	    get_u32(body, OFF_fuse_write_out_size) :
	    get_u64(body, OFF_fuse_copy_file_range_out_bytes_copied);
}

static void
put_bytes(struct text *t, size_t n)
{
	if (t->style == TEXT_JSON)
		text_key(t, "bytes");
	text_put(t, t->style == TEXT_LINE ? " %zu bytes" : "%zu", n);
}

static void
list_open(struct text *t, const char *name)
{
	if (t->style == TEXT_LINE) {
		t->sep = ": ";
		return;
	}
	if (t->style == TEXT_JSON)
		text_key(t, name);
	else
		text_str(t, " ");
	text_open(t, '[');
}

static void
list_close(struct text *t)
{
	if (t->style != TEXT_LINE)
		text_close(t, ']');
}

/* Is one more to be printed, and does t have space for it? */
static int
list_goes_on(const struct text *t, size_t n)
{
	if (t->style == TEXT_LINE)
		return 1;
	if (t->full || t->cap - t->len < t->cap / 4)
		return 0;
	return t->style != TEXT_CALL || n < LIST_SHOWN;
}

static void
list_name(struct text *t, struct span name)
{
	text_str(t, t->sep);
	text_quote(t, name);
	t->sep = t->style == TEXT_JSON ? "," :
	    t->style == TEXT_LINE      ? " " :
					 ", ";
}

/* All fields of an entry: wrong offsets and attributes show in them. */
static void
put_whole_dirent(struct text *t, const struct wire_proto *pr,
    const struct wire_dirent *d)
{
	text_str(t, t->sep);
	text_open(t, '{');
	text_name(t, "name", d->name);
	text_key(t, "ino");
	text_u64(t, d->ino);
	text_key(t, "off");
	text_u64(t, d->off);
	text_key(t, "type");
	if (t->style == TEXT_JSON)
		text_u64(t, d->type);
	else
		names_put(t, TABLE_dtype, pr->dialect, d->type);
	if (d->entry.len > 0)
		fields_put(t, STRUCT_fuse_entry_out, pr, d->entry);
	text_close(t, '}');
}

static void
put_dirent(struct text *t, const struct wire_proto *pr,
    const struct wire_dirent *d)
{
	if (t->style == TEXT_JSON || t->style == TEXT_FULL) {
		put_whole_dirent(t, pr, d);
		return;
	}
	list_name(t, d->name);
	if (d->entry.len > 0 && t->style == TEXT_LINE)
		text_put(t, "=%" PRIu64,
		    get_u64(d->entry, OFF_fuse_entry_out_nodeid));
}

static void
put_dirents(struct text *t, const struct wire_proto *pr, int plus,
    struct span body)
{
	struct wire_dirent d;
	size_t shown = 0, n = 0;
	int r;

	put_bytes(t, body.len);
	list_open(t, "entries");
	while ((r = wire_dirent_next(pr, plus, &body, &d)) > 0) {
		n++;
		if (!list_goes_on(t, shown))
			continue;
		put_dirent(t, pr, &d);
		shown++;
	}
	if (shown < n && t->style != TEXT_JSON)
		text_str(t, ", ...");
	list_close(t);
	if (shown < n && t->style == TEXT_JSON) {
		text_key(t, "more");
		text_put(t, "%zu", n - shown);
	} else if (shown < n) {
		text_put(t, " %zu entries", n);
	}
	if (r < 0)
		text_malformed(t, "%s", err_text(r));
	else if (body.len > 0)
		text_malformed(t, "%zu bytes that are no whole entry",
		    body.len);
}

static void
put_xnames(struct text *t, struct span body)
{
	struct span name;
	size_t shown = 0;

	put_bytes(t, body.len);
	list_open(t, "names");
	while (body.len > 0) {
		name = get_name(&body);
		if (list_goes_on(t, shown++))
			list_name(t, name);
	}
	list_close(t);
}

static void
put_target(struct text *t, struct span body)
{
	if (t->style == TEXT_JSON) {
		text_name(t, "target", body);
		return;
	}
	text_str(t, t->style == TEXT_LINE ? " " : "");
	text_quote(t, body);
}

/* Is the length of a body with structs the right one? */
static void
put_length(struct text *t, enum body_form form, size_t len, size_t whole)
{
	if (form == BODY_STRUCT_CUT || len == whole)
		return;
	if (len > whole &&
	    (form == BODY_STRUCT_DATA || form == BODY_STRUCT_TEXT)) {
		if (t->style != TEXT_LINE)
			text_key(t, "bytes");
		text_put(t, t->style == TEXT_LINE ? " +%zu bytes" : "%zu",
		    len - whole);
	} else if (t->style == TEXT_LINE) {
		text_malformed(t, "body of %zu bytes, not %zu", len, whole);
	} else {
		text_malformed(t, "%s",
		    err_text(len < whole ? E_SHORT : E_LONG));
	}
}

static void
put_structs(struct text *t, enum body_form form, const struct op *op,
    const struct wire_proto *pr, struct span body)
{
	if (t->style == TEXT_LINE)
		text_str(t, " 0");
	if (form == BODY_COUNT && t->style == TEXT_CALL)
		text_u64(t, body_count(op, body));
	else
		fields_put(t, op->out, op_layout(op, pr), body);
	if (op->reply == ANSWER_CREATED)
		fields_put(t, STRUCT_fuse_open_out, pr,
		    span_from(body, struct_size(op->out, pr)));
	put_length(t, form, body.len, op_out_size(op, pr));
}

void
body_put(struct text *t, const struct op *op, const struct wire_proto *pr,
    const struct wire_expect *e, struct span body)
{
	enum body_form form = body_form(op, pr, e);

	switch (form) {
	case BODY_BYTES:
		put_bytes(t, body.len);
		break;
	case BODY_TARGET:
		put_target(t, body);
		break;
	case BODY_XNAMES:
		put_xnames(t, body);
		break;
	case BODY_DIRENTS:
		put_dirents(t, pr, 0, body);
		break;
	case BODY_DIRENTSPLUS:
		put_dirents(t, pr, 1, body);
		break;
	default:
		put_structs(t, form, op, pr, body);
		break;
	}
}
