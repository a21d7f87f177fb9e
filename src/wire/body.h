/* SPDX-License-Identifier: ISC */
/*
 * The body of a reply without error: which form it has, and its text.
 * Private to src/wire/.
 */
#ifndef FR_WIRE_BODY_H
#define FR_WIRE_BODY_H

#include "wire/check.h"
#include "wire/op_row.h"
#include "wire/text.h"

enum body_form {
	BODY_STRUCT,	  /* what op_out_size() counts, maybe nothing */
	BODY_STRUCT_CUT,  /* the struct, maybe cut short */
	BODY_STRUCT_DATA, /* the struct, then data */
	BODY_STRUCT_TEXT, /* the struct, then text */
	BODY_SIZE,	  /* a struct with the size of a value or of a list */
	BODY_COUNT,	  /* a struct whose word is all there is to say */
	BODY_BYTES,	  /* data, a value, or what nobody knows */
	BODY_TARGET,	  /* a link's */
	BODY_XNAMES,	  /* names of attributes, each with its NUL */
	BODY_DIRENTS,
	BODY_DIRENTSPLUS
};

/* op: NULL for an opcode without a row, which one of another dialect is like;
 * e: what the request expects, NULL if that is not known. */
enum body_form body_form(const struct op *op, const struct wire_proto *pr,
    const struct wire_expect *e);

/* The word of a BODY_COUNT; 0 if it is not there. */
uint64_t body_count(const struct op *op, struct span body);

/* Append the body as the line's style has it; op and e as above. */
void body_put(struct text *t, const struct op *op, const struct wire_proto *pr,
    const struct wire_expect *e, struct span body);

#endif
