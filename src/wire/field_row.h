/* SPDX-License-Identifier: ISC */
/*
 * The rows of fields.def; private to src/wire/.
 */
#ifndef FR_WIRE_FIELD_ROW_H
#define FR_WIRE_FIELD_ROW_H

#include "wire/get.h"
#include "wire/names.h"
#include "wire/op_row.h"

enum field_show {
	SHOW_PAD,
	SHOW_SUB,
	SHOW_FLAGS,
	SHOW_FLAGS0,
	SHOW_DEC,
	SHOW_DEC0,
	SHOW_DEC_IF,
	SHOW_HEX,
	SHOW_HEX0,
	SHOW_HEX_IF,
	SHOW_OCT,
	SHOW_OCT0,
	SHOW_OCT_IF,
	SHOW_INT,
	SHOW_INT0
};

/* What a field means. */
enum field_mark {
	MARK_NONE,
	MARK_NODE,
	MARK_UNIQUE,
	MARK_SAME,
	MARK_SIZE,
	MARK_LINKS
};

struct field {
	const char *name;
	uint16_t off, size;
	uint8_t of;	   /* enum wire_struct */
	uint8_t since;	   /* 7.x minor */
	uint8_t dialects;  /* enum dialect_set */
	uint8_t show, arg; /* enum field_show */
	uint8_t mark;	   /* enum field_mark */
};

/*
 * Iterate over the fields of struct s that are wholly in its `bytes`; f is
 * NULL at first, and NULL is returned at the end.  Of a struct within the
 * struct, only the first byte must be there.
 */
const struct field *field_next(const struct field *f, enum wire_struct s,
    const struct wire_proto *pr, struct span bytes);

/* Its value, zero-extended; 0 for a struct within. */
uint64_t field_word(struct span bytes, const struct field *f);

/* Append the field's value in the way that its row has (`show`). */
void field_put(struct text *t, const struct field *f,
    const struct wire_proto *pr, struct span bytes);

#endif
