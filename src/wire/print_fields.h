/* SPDX-License-Identifier: ISC */
/*
 * Print a struct field by field (fields.def); private to src/wire/.
 */
#ifndef FR_WIRE_PRINT_FIELDS_H
#define FR_WIRE_PRINT_FIELDS_H

#include "wire/op_row.h"
#include "wire/text.h"

/* Append each field that is wholly in the struct's bytes, as the style
 * has it. */
void fields_put(struct text *t, enum wire_struct s,
    const struct wire_proto *pr, struct span bytes);

#endif
