/* SPDX-License-Identifier: ISC */
/*
 * The body of a reply without error: which form it has, and its text.
 * Private to src/wire/.
 */
#ifndef FR_WIRE_BODY_H
#define FR_WIRE_BODY_H

#include "wire/expect.h"
#include "wire/op_row.h"
#include "wire/text.h"

enum body_form {
	BODY_STRUCT,	  /* op_out_size() bytes of structs, or none */
	BODY_STRUCT_CUT,  /* the struct, which may be cut short */
	BODY_STRUCT_DATA, /* the struct, then data */
	BODY_STRUCT_TEXT, /* the struct, then text */
	BODY_SIZE,	  /* a struct with the size of a value or of a list */
	BODY_COUNT,	  /* a struct that has one number only */
	BODY_BYTES,	  /* data, a value, or bytes of unknown meaning */
	BODY_TARGET,	  /* the target of a link */
	BODY_XNAMES,	  /* names of attributes, each with its NUL */
	BODY_DIRENTS,
	BODY_DIRENTSPLUS
};

/* op: NULL for an opcode without a row, and an opcode of another dialect is
 * treated in the same way; e: what the request expects, or NULL if the request
 * is not known. */
enum body_form body_form(const struct op *op, const struct wire_proto *pr,
    const struct wire_expect *e);

/* The number in a BODY_COUNT; 0 if the body is too short for it. */
uint64_t body_count(const struct op *op, struct span body);

/* Append the body as the line's style has it; op and e as above. */
void body_put(struct text *t, const struct op *op, const struct wire_proto *pr,
    const struct wire_expect *e, struct span body);

#endif
