/* SPDX-License-Identifier: ISC */
/*
 * The protocol's operations, one row each (ops.def).  Everything that must
 * know an opcode reads its row: validator, printer, builder, quirks.
 * An opcode without a row is not an error: it is carried unchanged.
 */
#ifndef FR_WIRE_OPS_H
#define FR_WIRE_OPS_H

#include "wire/proto.h"

/* FUSE_OP_LOOKUP = 1, ...: one enumerator per row of ops.def. */
enum fuse_op {
#define OP(num, name, ...) FUSE_OP_##name = num,
#include "wire/ops.def"
#undef OP
	FUSE_OP_NONE = 0
};

/* Notification codes: NOTIFY_POLL = 1, ... from notify.def. */
enum fuse_notify {
#define NOTIFY(num, name, ...) FUSE_NOTIFY_##name = num,
#include "wire/notify.def"
#undef NOTIFY
	FUSE_NOTIFY_NONE = 0
};

/* Row flags. */
#define OP_NOREPLY 0x01	 /* never answered (FORGET, ...) */
#define OP_MAYREPLY 0x02 /* INTERRUPT: a header may come back */
#define OP_LINUX 0x04	 /* only in the Linux dialect */
#define OP_DARWIN 0x08	 /* only in the darwin dialects */
#define OP_ENTRY 0x10	 /* reply adds a lookup reference */
#define OP_EXTS 0x20	 /* request may end in extensions */
/* What it may change, so that what happens meanwhile may see either. */
#define OP_CHANGES 0x40 /* contents or attributes of its nodes */
#define OP_NAMES 0x80	/* entries of its directories */
#define OP_LOCKS 0x100	/* locks on its node */
/* Does the process that caused it wait for the reply?  All others do. */
#define OP_LEFT 0x200  /* no: it has gone on, and may be gone */
#define OP_AHEAD 0x400 /* not always: the kernel reads ahead */

struct op;

/* The row of an opcode, NULL if there is none. */
const struct op *op_find(uint32_t opcode);

uint32_t op_code(const struct op *op);
const char *op_name(const struct op *op);
unsigned op_flags(const struct op *op);

/* "LOOKUP", or "OP(123)" written to buf for an opcode without a row. */
#define OP_NAME_MAX 24
const char *op_name_of(uint32_t opcode, char buf[OP_NAME_MAX]);

/* Bytes of the fixed request struct behind the header, in this dialect,
 * minor and with these flags granted. */
size_t op_in_size(const struct op *op, const struct wire_proto *pr);

/* Bytes of the fixed reply struct behind the header. */
size_t op_out_size(const struct op *op, const struct wire_proto *pr);

/*
 * Where file handles are, as message offsets; 0 = none.  `nth` counts from
 * 0 (COPY_FILE_RANGE carries two).  A request's handle that is only there
 * when a flag says so (GETATTR, SETATTR, STATX) is judged by message m.
 */
size_t op_in_fh(const struct op *op, const struct wire_proto *pr,
    struct span m, int nth);
size_t op_out_fh(const struct op *op, const struct wire_proto *pr);

/*
 * The nth node id, from 0, that a request carries behind its header, and
 * the unique of the request that it (an INTERRUPT) is about: as message
 * offsets; 0 = none.  FORGETs in batches: op_forget_next().
 */
size_t op_in_node(const struct op *op, const struct wire_proto *pr,
    struct span m, int nth);
size_t op_in_unique(const struct op *op, const struct wire_proto *pr,
    struct span m);

/*
 * Iterate over what a FORGET or BATCH_FORGET takes back: *at is 0 at first.
 * 1; 0 at the end.
 */
struct op_forget {
	size_t at; /* message offset of the record; FORGET: 0 */
	uint64_t nodeid, nlookup;
};
int op_forget_next(struct span m, size_t *at, struct op_forget *f);

/* Iterate over the rows: i from 0 until NULL. */
const struct op *op_row(size_t i);

#endif
