/* SPDX-License-Identifier: ISC */
/*
 * The inside of the protocol's rows; private to src/wire/.
 */
#ifndef FR_WIRE_OP_ROW_H
#define FR_WIRE_OP_ROW_H

#include "wire/offsets.h"
#include "wire/ops.h"

enum wire_struct {
	STRUCT_none,
#define STRUCT(name, ...) STRUCT_##name,
#define STRUCT_OLD STRUCT
#define STRUCT_LOOSE STRUCT
#define STRUCT_FLAG STRUCT
#include "wire/structs.def"
#undef STRUCT
#undef STRUCT_OLD
#undef STRUCT_LOOSE
#undef STRUCT_FLAG
	STRUCT_COUNT
};

/* What follows the fixed struct of a request. */
enum op_tail {
	TAIL_NONE,
	TAIL_NAME,    /* one directory entry's name */
	TAIL_NAMES,   /* two of them */
	TAIL_TARGET,  /* a name and the target of a link */
	TAIL_ANYNAME, /* a name that may hold slashes */
	TAIL_XNAME,   /* an attribute's name */
	TAIL_XVALUE,  /* an attribute's name and its value */
	TAIL_DATA,    /* as many bytes as a size field says */
	TAIL_RECORDS, /* as many records as the struct's first word says */
	TAIL_INIT     /* nothing, but the struct itself may be of any age */
};

/* What a reply without error is; the form of its body: body.c. */
enum op_answer {
	ANSWER_NEVER,	/* there is none */
	ANSWER_HEADER,	/* a bare header, if anything at all (INTERRUPT) */
	ANSWER_FIXED,	/* the struct alone, any contents */
	ANSWER_OPENED,	/* fuse_open_out */
	ANSWER_LOOKUP,	/* entry, maybe a negative one */
	ANSWER_NEW,	/* entry of a new node */
	ANSWER_CREATED, /* entry of a new regular file, and fuse_open_out */
	ANSWER_ATTR,
	ANSWER_STATX,
	ANSWER_LOCK,  /* the lock that is in the way */
	ANSWER_COUNT, /* a byte count up to the one asked for */
	ANSWER_DATA,  /* up to as many bytes as asked for */
	ANSWER_DIRENTS,
	ANSWER_DIRENTSPLUS,
	ANSWER_TARGET, /* a link's target, shorter than a page */
	ANSWER_XATTR,  /* a value, or its size if 0 bytes were asked for */
	ANSWER_XLIST,  /* same for the list of names */
	ANSWER_IOCTL,
	ANSWER_INIT,
	ANSWER_CUSE,
	ANSWER_KINDS
};

struct op {
	const char *name;
	uint32_t code;
	uint32_t fh_bit; /* the handle's flag in the struct's first word */
	uint16_t flags;	 /* OP_* */
	uint8_t fh, fh2; /* message offsets, 0: none */
	uint8_t since;	 /* 7.x minor */
	uint8_t in, out; /* enum wire_struct */
	uint8_t tail;	 /* enum op_tail */
	uint8_t reply;	 /* enum op_answer */
};

/* Is the row's opcode one of this dialect?  Another dialect may use its
 * number for something else. */
int op_known(const struct op *op, const struct wire_proto *pr);

#define EXTLEN_UNIT 8			 /* bytes, of a request's extensions */
#define RECORD_SIZE SIZE_fuse_forget_one /* bytes of each of TAIL_RECORDS */
_Static_assert(SIZE_fuse_forget_one == SIZE_fuse_removemapping_one,
    "all records have one size");

/* What each of TAIL_RECORDS is. */
enum wire_struct op_record(const struct op *op);

/* The protocol by which the row's structs are laid out: pr, but for INIT, which
 * has the newest layout of its sender, whatever INIT settles. */
const struct wire_proto *op_layout(const struct op *op,
    const struct wire_proto *pr);

/* The minor by which structs are laid out; it is the newest one before INIT. */
uint32_t proto_minor(const struct wire_proto *pr);

/* Bytes of a struct; 0 for STRUCT_none. */
size_t struct_size(enum wire_struct s, const struct wire_proto *pr);

/* The one other size that a loose request struct may have, else the same
 * as struct_size(). */
size_t struct_size_short(enum wire_struct s, const struct wire_proto *pr);

struct notify_row {
	const char *name;
	uint8_t fixed; /* enum wire_struct */
	uint8_t tail;  /* enum notify_tail */
};

enum notify_tail {
	NOTIFY_TAIL_NONE,
	NOTIFY_TAIL_NAME,
	NOTIFY_TAIL_DATA,
	NOTIFY_TAIL_NODES
};

/* NULL for an unknown code. */
const struct notify_row *notify_find(int32_t code);

/* The length that INVAL_ENTRY or DELETE gives for its name, and the bytes of
 * that name that are there. */
uint32_t notify_namelen(int32_t code, struct span body);
void notify_set_namelen(int32_t code, uint8_t *body, size_t len,
    uint32_t namelen);
struct span notify_name(const struct wire_proto *pr, int32_t code,
    struct span body);

#endif
