/* SPDX-License-Identifier: ISC */
#include "wire/print_fields.h"

#include <inttypes.h>
#include <string.h>

#include "wire/get.h"
#include "wire/names.h"

enum show {
	SHOW_PAD,
	SHOW_SUB,
	SHOW_FLAGS, SHOW_FLAGS0,
	SHOW_DEC, SHOW_DEC0, SHOW_DEC_IF,
	SHOW_HEX, SHOW_HEX0, SHOW_HEX_IF,
	SHOW_OCT, SHOW_OCT0, SHOW_OCT_IF,
	SHOW_INT, SHOW_INT0
};

/* What the last column means to each of them. */
#define ARG_PAD(arg) 0
#define ARG_SUB(arg) STRUCT_##arg
#define ARG_FLAGS(arg) TABLE_##arg
#define ARG_FLAGS0(arg) TABLE_##arg
#define ARG_DEC(arg) 0
#define ARG_DEC0(arg) 0
#define ARG_DEC_IF(arg) arg
#define ARG_HEX(arg) 0
#define ARG_HEX0(arg) 0
#define ARG_HEX_IF(arg) arg
#define ARG_OCT(arg) 0
#define ARG_OCT0(arg) 0
#define ARG_OCT_IF(arg) arg
#define ARG_INT(arg) 0
#define ARG_INT0(arg) 0

struct field {
	const char *name;
	uint16_t off, size;
	uint8_t of;		/* enum wire_struct */
	uint8_t since;		/* 7.x minor */
	uint8_t dialects;	/* enum dialect_set */
	uint8_t show, arg;
};

static const struct field fields[] = {
#define FIELD(st, name, off, size, since, dialects, show, arg)       \
	{ #name, off, size, STRUCT_##st, since, IN_##dialects,       \
		SHOW_##show, ARG_##show(arg) },
#include "wire/fields.def"
#undef FIELD
};

#define FIELD_COUNT (sizeof(fields) / sizeof(fields[0]))

static uint64_t
get_word(struct span m, const struct field *f)
{
	switch (f->size) {
	case 2:
		return get_u16(m, f->off);
	case 4:
		return get_u32(m, f->off);
	default:
		return get_u64(m, f->off);
	}
}

static int64_t
get_signed(struct span m, const struct field *f)
{
	return f->size == 4 ? get_i32(m, f->off) : get_i64(m, f->off);
}

/* Is the field one that is told only if it says something? */
static int
is_silent(const struct field *f, struct span bytes, uint64_t v)
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
		return (get_u32(bytes, 0) >> f->arg & 1) == 0;
	default:
		return 0;
	}
}

/*
 * What a line about a call tells of the structs that describe a file:
 * these fields, as if they were the call's own.
 */
static int
is_telling(const struct field *f)
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
		/* The nodes are told as paths. */
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
put_value(struct text *t, const struct field *f, const struct wire_proto *pr,
    struct span bytes, uint64_t v)
{
	switch (f->show) {
	case SHOW_FLAGS:
	case SHOW_FLAGS0:
		names_put(t, f->arg, pr->dialect, v);
		break;
	case SHOW_HEX:
	case SHOW_HEX0:
	case SHOW_HEX_IF:
		text_put(t, "0x%" PRIx64, v);
		break;
	case SHOW_OCT:
	case SHOW_OCT0:
	case SHOW_OCT_IF:
		text_put(t, "%#" PRIo64, v);
		break;
	case SHOW_INT:
	case SHOW_INT0:
		text_put(t, "%" PRId64, get_signed(bytes, f));
		break;
	default:
		text_put(t, "%" PRIu64, v);
		break;
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
	text_put(t, "%s", quote);
	put_value(t, f, pr, bytes, get_word(bytes, f));
	text_put(t, "%s", quote);
}

/* Structs lie in one another at most three deep. */
#define DEPTH_MAX 3

static void
put_struct(struct text *t, enum wire_struct s, const struct wire_proto *pr,
    struct span bytes, int depth)
{
	const struct field *f;
	size_t size = struct_size(s, pr), need;
	uint32_t minor = proto_minor(pr);

	/* It has the fields of new Linux minors, but not the number. */
	if (pr->dialect == WIRE_DARWIN3)
		minor = WIRE_MINOR_NEWEST;
	if (depth == DEPTH_MAX)
		return;
	if (bytes.len > size)
		bytes.len = size;
	for (f = fields; f < fields + FIELD_COUNT && !t->full; f++) {
		if (f->of != s || (f->dialects & 1 << pr->dialect) == 0 ||
		    f->since > minor)
			continue;
		/* A struct within may end early in an old minor. */
		need = f->show == SHOW_SUB ? 1 : f->size;
		if (!span_holds(bytes, f->off, need) ||
		    is_silent(f, bytes, get_word(bytes, f)) ||
		    (t->style == TEXT_CALL && (!is_telling(f) ||
			(is_empty_zero(f) && get_word(bytes, f) == 0))))
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
