/* SPDX-License-Identifier: ISC */
#include "wire/print_fields.h"

#include <string.h>

#include "wire/field_row.h"

/* Is the field left out, because it is padding, or 0, or not valid? */
static int
is_left_out(const struct field *f, struct span bytes, uint64_t v)
{
	switch (f->show) {
	case SHOW_PAD:
		return 1;
	case SHOW_FLAGS0:
	case SHOW_DEC0:
	case SHOW_HEX0:
	case SHOW_OCT0:
	case SHOW_INT0:
		return v == 0;
	case SHOW_DEC_IF:
	case SHOW_HEX_IF:
	case SHOW_OCT_IF:
		return (get_u32(bytes, OFF_FIRST_WORD) >> f->arg & 1) == 0;
	default:
		return 0;
	}
}

/*
 * Does a line in TEXT_CALL style have this field?  Of the structs that describe
 * a file, it has a few fields, as if they were the call's own.
 */
static int
is_important(const struct field *f)
{
	switch (f->of) {
	case STRUCT_fuse_entry_out:
		return f->off == 0 || f->show == SHOW_SUB;
	case STRUCT_fuse_attr_out:
	case STRUCT_fuse_statx_out:
		return f->show == SHOW_SUB;
	case STRUCT_fuse_attr:
	case STRUCT_fuse_statx:
		return strcmp(f->name, "mode") == 0 ||
		    strcmp(f->name, "size") == 0;
	case STRUCT_fuse_rename_in:
	case STRUCT_fuse_rename2_in:
	case STRUCT_fuse_exchange_in:
	case STRUCT_fuse_link_in:
		/* The nodes are printed as paths. */
		return f->show != SHOW_DEC;
	default:
		return strcmp(f->name, "lock_owner") != 0;
	}
}

/* Does "0" say nothing in this table? */
static int
is_empty_zero(const struct field *f)
{
	return f->show == SHOW_FLAGS && f->arg != TABLE_access &&
	    f->arg != TABLE_open && f->arg != TABLE_lktype &&
	    f->arg != TABLE_whence && f->arg != TABLE_dtype;
}

static int
is_flattened(const struct text *t, const struct field *f)
{
	return t->style == TEXT_CALL && f->show == SHOW_SUB &&
	    (f->arg == STRUCT_fuse_attr || f->arg == STRUCT_fuse_statx);
}

static void put_struct(struct text *t, enum wire_struct s,
    const struct wire_proto *pr, struct span bytes, int depth);

/* What JSON has as a string: not a decimal number. */
static int
is_text(const struct field *f)
{
	switch (f->show) {
	case SHOW_FLAGS:
	case SHOW_FLAGS0:
	case SHOW_HEX:
	case SHOW_HEX0:
	case SHOW_HEX_IF:
	case SHOW_OCT:
	case SHOW_OCT0:
	case SHOW_OCT_IF:
		return 1;
	default:
		return 0;
	}
}

static void
put_field(struct text *t, const struct field *f, const struct wire_proto *pr,
    struct span bytes, int depth)
{
	const char *quote = t->style == TEXT_JSON && is_text(f) ? "\"" : "";

	if (is_flattened(t, f)) {
		put_struct(t, f->arg, pr, span_from(bytes, f->off), depth);
		return;
	}
	text_key(t, f->name);
	if (f->show == SHOW_SUB) {
		text_open(t, '{');
		put_struct(t, f->arg, pr, span_from(bytes, f->off), depth);
		text_close(t, '}');
		return;
	}
	text_str(t, quote);
	field_put(t, f, pr, bytes);
	text_str(t, quote);
}

/* Structs lie in one another at most three deep. */
#define DEPTH_MAX 3

static void
put_struct(struct text *t, enum wire_struct s, const struct wire_proto *pr,
    struct span bytes, int depth)
{
	const struct field *f = NULL;
	uint64_t v;

	if (depth == DEPTH_MAX)
		return;
	while (!t->full && (f = field_next(f, s, pr, bytes)) != NULL) {
		v = field_word(bytes, f);
		if (is_left_out(f, bytes, v) ||
		    (t->style == TEXT_CALL &&
			(!is_important(f) || (is_empty_zero(f) && v == 0))))
			continue;
		put_field(t, f, pr, bytes, depth + 1);
	}
}

void
fields_put(struct text *t, enum wire_struct s, const struct wire_proto *pr,
    struct span bytes)
{
	put_struct(t, s, pr, bytes, 0);
}
