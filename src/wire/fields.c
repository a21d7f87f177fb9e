/* SPDX-License-Identifier: ISC */
#include "wire/field_row.h"

#include <inttypes.h>

#include "wire/head.h"

/* What the last column means to each way of showing. */
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

#define ROW(mark, st, name, off, size, since, dialects, show, arg)         \
	{ name, off, size, STRUCT_##st, since, IN_##dialects, SHOW_##show, \
		ARG_##show(arg), MARK_##mark },

static const struct field fields[] = {
#define FIELD(st, name, ...) ROW(NONE, st, #name, __VA_ARGS__)
#define FIELD_NODE(st, name, ...) ROW(NODE, st, #name, __VA_ARGS__)
#define FIELD_UNIQUE(st, name, ...) ROW(UNIQUE, st, #name, __VA_ARGS__)
#define FIELD_SAME(st, name, ...) ROW(SAME, st, #name, __VA_ARGS__)
#define FIELD_SIZE(st, name, ...) ROW(SIZE, st, #name, __VA_ARGS__)
#define FIELD_LINKS(st, name, ...) ROW(LINKS, st, #name, __VA_ARGS__)
#include "wire/fields.def"
#undef FIELD
};

#define FIELD_COUNT (sizeof(fields) / sizeof(fields[0]))

/* The first field of the struct. */
static const struct field *
fields_of(enum wire_struct s)
{
	size_t low = 0, high = FIELD_COUNT, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (fields[middle].of < s)
			low = middle + 1;
		else
			high = middle;
	}
	return fields + low;
}

const struct field *
field_next(const struct field *f, enum wire_struct s,
    const struct wire_proto *pr, struct span bytes)
{
	size_t size = struct_size(s, pr), need;
	uint32_t minor = proto_minor(pr);

	/* darwin3 has the fields of new Linux minors, but an old minor. */
	if (pr->dialect == WIRE_DARWIN3)
		minor = WIRE_MINOR_NEWEST;
	if (bytes.len > size)
		bytes.len = size;
	f = f == NULL ? fields_of(s) : f + 1;
	for (; f < fields + FIELD_COUNT && f->of == s; f++) {
		if ((f->dialects & 1 << pr->dialect) == 0 || f->since > minor)
			continue;
		/* A struct within may end early in an old minor. */
		need = f->show == SHOW_SUB ? 1 : f->size;
		if (span_holds(bytes, f->off, need))
			return f;
	}
	return NULL;
}

uint64_t
field_word(struct span bytes, const struct field *f)
{
	switch (f->size) {
	case 2:
		return get_u16(bytes, f->off);
	case 4:
		return get_u32(bytes, f->off);
	default:
		return get_u64(bytes, f->off);
	}
}

static int64_t
field_signed(struct span bytes, const struct field *f)
{
	return f->size == 4 ? get_i32(bytes, f->off) : get_i64(bytes, f->off);
}

void
field_put(struct text *t, const struct field *f, const struct wire_proto *pr,
    struct span bytes)
{
	uint64_t v = field_word(bytes, f);

	switch (f->show) {
	case SHOW_FLAGS:
	case SHOW_FLAGS0:
		names_put(t, f->arg, pr->dialect, v);
		break;
	case SHOW_HEX:
	case SHOW_HEX0:
	case SHOW_HEX_IF:
		text_hex(t, v);
		break;
	case SHOW_OCT:
	case SHOW_OCT0:
	case SHOW_OCT_IF:
		text_put(t, "%#" PRIo64, v);
		break;
	case SHOW_INT:
	case SHOW_INT0:
		text_put(t, "%" PRId64, field_signed(bytes, f));
		break;
	default:
		text_u64(t, v);
		break;
	}
}

static size_t
request_field(const struct op *op, const struct wire_proto *pr, struct span m,
    enum field_mark mark, int nth)
{
	struct span body = span_from(m, WIRE_REQ_HEADER);
	struct wire_proto newest = *pr;
	const struct field *f = NULL;

	if (!op_known(op, pr))
		return 0;
	/* Kernels send operations that are newer than what was agreed on. */
	newest.minor = WIRE_MINOR_NEWEST;
	while ((f = field_next(f, op->in, &newest, body)) != NULL)
		if (f->mark == mark && nth-- == 0)
			return WIRE_REQ_HEADER + f->off;
	return 0;
}

size_t
op_in_node(const struct op *op, const struct wire_proto *pr, struct span m,
    int nth)
{
	return request_field(op, pr, m, MARK_NODE, nth);
}

size_t
op_in_unique(const struct op *op, const struct wire_proto *pr, struct span m)
{
	return request_field(op, pr, m, MARK_UNIQUE, 0);
}

int
op_forget_next(struct span m, size_t *at, struct op_forget *f)
{
	f->at = *at;
	if (head_opcode(m) == FUSE_OP_FORGET) {
		f->nodeid = head_nodeid(m);
		f->nlookup = get_u64(m, REQ_OFF(fuse_forget_in, nlookup));
		return (*at)++ == 0;
	}
	if (head_opcode(m) != FUSE_OP_BATCH_FORGET)
		return 0;
	if (*at == 0)
		f->at = WIRE_REQ_HEADER + SIZE_fuse_batch_forget_in;
	if (!span_holds(m, f->at, SIZE_fuse_forget_one))
		return 0;
	f->nodeid = get_u64(m, f->at + OFF_fuse_forget_one_nodeid);
	f->nlookup = get_u64(m, f->at + OFF_fuse_forget_one_nlookup);
	*at = f->at + SIZE_fuse_forget_one;
	return 1;
}
