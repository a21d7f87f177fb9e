/* SPDX-License-Identifier: ISC */
/*
 * The rows of ops.def, structs.def and notify.def as tables.  An opcode's
 * row is found by one indexed load; there is nothing to start or stop.
 */
#include <stdio.h>

#include "wire/get.h"
#include "wire/offsets.h"
#include "wire/op_row.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* The message offset of a handle, by the name of its field. */
#define HANDLE_none(st) 0
#define HANDLE_fh(st) REQ_OFF(st, fh)
#define HANDLE_fh_in(st) REQ_OFF(st, fh_in)
#define HANDLE_fh_out(st) REQ_OFF(st, fh_out)

static const struct op rows[] = {
#define OP(num, opname, minor, fl, st_in, tl, st_out, rep, h, h2, bit) \
	{                                                              \
		.name = #opname,                                       \
		.code = num,                                           \
		.fh_bit = bit,                                         \
		.fh = HANDLE_##h(st_in),                               \
		.fh2 = HANDLE_##h2(st_in),                             \
		.flags = fl,                                           \
		.since = minor,                                        \
		.in = STRUCT_##st_in,                                  \
		.out = STRUCT_##st_out,                                \
		.tail = TAIL_##tl,                                     \
		.reply = ANSWER_##rep,                                 \
	},
#include "wire/ops.def"
#undef OP
};

enum row_index {
#define OP(num, name, ...) ROW_##name,
#include "wire/ops.def"
#undef OP
	ROW_COUNT
};
_Static_assert(ROW_COUNT < UINT8_MAX, "row_of[] is too narrow");

/* Row index + 1 by opcode. */
static const uint8_t row_of[] = {
#define OP(num, name, ...) [num] = ROW_##name + 1,
#include "wire/ops.def"
#undef OP
};

static const struct notify_row notify_rows[] = {
#define NOTIFY(num, notname, since, st, tl) \
	[num] = { #notname, STRUCT_##st, NOTIFY_TAIL_##tl },
#include "wire/notify.def"
#undef NOTIFY
};

struct struct_row {
	uint16_t size[3]; /* by dialect */
	uint16_t old[3];  /* below minor, or without the flag */
	uint8_t minor;
	uint8_t loose;
	uint8_t flag_dialect; /* dialect + 1 */
	uint8_t bit;
};

static const struct struct_row structs[STRUCT_COUNT] = {
#define STRUCT(st, since, l, d, d3) [STRUCT_##st] = { .size = { l, d, d3 } },
#define STRUCT_OLD(st, since, l, d, d3, below, ol, od) \
	[STRUCT_##st] = { .size = { l, d, d3 },        \
		.old = { ol, od, od },                 \
		.minor = below },
#define STRUCT_LOOSE(st, since, l, d, d3, below, ol, od) \
	[STRUCT_##st] = { .size = { l, d, d3 },          \
		.old = { ol, od, od },                   \
		.minor = below,                          \
		.loose = 1 },
#define STRUCT_FLAG(st, since, l, d, d3, dialect, b, without) \
	[STRUCT_##st] = { .size = { l, d, d3 },               \
		.old = { without, without, without },         \
		.flag_dialect = WIRE_##dialect + 1,           \
		.bit = b },
#include "wire/structs.def"
#undef STRUCT
#undef STRUCT_OLD
#undef STRUCT_LOOSE
#undef STRUCT_FLAG
};

const struct op *
op_find(uint32_t opcode)
{
	if (opcode >= ARRAY_LEN(row_of) || row_of[opcode] == 0)
		return NULL;
	return &rows[row_of[opcode] - 1];
}

const struct op *
op_row(size_t i)
{
	return i < ARRAY_LEN(rows) ? &rows[i] : NULL;
}

uint32_t
op_code(const struct op *op)
{
	return op->code;
}

const char *
op_name(const struct op *op)
{
	return op->name;
}

unsigned
op_flags(const struct op *op)
{
	return op->flags;
}

const char *
op_name_of(uint32_t opcode, char buf[OP_NAME_MAX])
{
	const struct op *op = op_find(opcode);

	if (op != NULL)
		return op->name;
	snprintf(buf, OP_NAME_MAX, "OP(%u)", opcode);
	return buf;
}

int
op_known(const struct op *op, const struct wire_proto *pr)
{
	switch (pr->dialect) {
	case WIRE_LINUX:
		return (op->flags & OP_DARWIN) == 0;
	case WIRE_DARWIN:
		return (op->flags & OP_LINUX) == 0;
	case WIRE_DARWIN3:
	default:
		return 1;
	}
}

enum wire_struct
op_record(const struct op *op)
{
	return op->code == FUSE_OP_BATCH_FORGET ?
	    STRUCT_fuse_forget_one :
	    STRUCT_fuse_removemapping_one;
}

const struct wire_proto *
op_layout(const struct op *op, const struct wire_proto *pr)
{
	static const struct wire_proto newest[] = {
		{ .dialect = WIRE_LINUX },
		{ .dialect = WIRE_DARWIN },
		{ .dialect = WIRE_DARWIN3 },
	};

	return op->code == FUSE_OP_INIT ? &newest[pr->dialect] : pr;
}

uint32_t
proto_minor(const struct wire_proto *pr)
{
	return pr->minor != 0 ? pr->minor : WIRE_MINOR_NEWEST;
}

size_t
struct_size(enum wire_struct s, const struct wire_proto *pr)
{
	const struct struct_row *row = &structs[s];
	unsigned d = pr->dialect;

	if (!row->loose && proto_minor(pr) < row->minor)
		return row->old[d];
	if (row->flag_dialect == d + 1 && (pr->flags >> row->bit & 1) == 0)
		return row->old[d];
	return row->size[d];
}

size_t
struct_size_short(enum wire_struct s, const struct wire_proto *pr)
{
	const struct struct_row *row = &structs[s];

	if (row->loose && proto_minor(pr) < row->minor)
		return row->old[pr->dialect];
	return struct_size(s, pr);
}

size_t
op_in_size(const struct op *op, const struct wire_proto *pr)
{
	return struct_size(op->in, pr);
}

size_t
op_out_size(const struct op *op, const struct wire_proto *pr)
{
	size_t size = struct_size(op->out, pr);

	if (op->reply == ANSWER_CREATED)
		size += struct_size(STRUCT_fuse_open_out, pr);
	return size;
}

size_t
op_in_fh(const struct op *op, const struct wire_proto *pr, struct span m,
    int nth)
{
	size_t off = nth == 0 ? op->fh : nth == 1 ? op->fh2 : 0;

	if (!op_known(op, pr) || !span_holds(m, off, sizeof(uint64_t)))
		return 0;
	if (op->fh_bit != 0 &&
	    (get_u32(m, WIRE_REQ_HEADER + OFF_FIRST_WORD) & op->fh_bit) == 0)
		return 0;
	return off;
}

size_t
op_out_fh(const struct op *op, const struct wire_proto *pr)
{
	if (!op_known(op, pr))
		return 0;
	if (op->reply == ANSWER_OPENED)
		return REP_OFF(fuse_open_out, fh);
	if (op->reply == ANSWER_CREATED)
		return WIRE_REP_HEADER + struct_size(op->out, pr) +
		    OFF_fuse_open_out_fh;
	return 0;
}

const struct notify_row *
notify_find(int32_t code)
{
	if (code <= 0 || (size_t)code >= ARRAY_LEN(notify_rows))
		return NULL;
	return &notify_rows[code];
}
