/* SPDX-License-Identifier: ISC */
/*
 * Where the fields of the structs are, by name, from fields.def and
 * structs.def.
 *
 * OFF_<struct>_<field> counts from the first byte of the struct, as
 * offsetof() does: get_u32(body, OFF_fuse_write_in_size).  REQ_OFF() and
 * REP_OFF() count from the first byte of a message that has the struct right
 * behind its header: get_u32(m, REQ_OFF(fuse_write_in, size)).
 *
 * These names exist for fields whose place is the same in each dialect and
 * minor version that has the field.  A field that is elsewhere in the darwin
 * dialects has OFF_LINUX_<struct>_<field> and OFF_DARWIN_<struct>_<field>;
 * dialect_off() takes the one of the session.  Padding has no name.
 */
#ifndef FR_WIRE_OFFSETS_H
#define FR_WIRE_OFFSETS_H

#include "wire/proto.h"

/* How a row names its place, by the dialects that it is for. */
#define NAME_ALL(st_field, off) OFF_##st_field = off,
#define NAME_NOT_DARWIN2(st_field, off) OFF_##st_field = off,
#define NAME_NOT_DARWIN3(st_field, off) OFF_##st_field = off,
#define NAME_LINUX(st_field, off) OFF_LINUX_##st_field = off,
#define NAME_DARWIN(st_field, off) OFF_DARWIN_##st_field = off,
#define NAME_DARWIN2(st_field, off) OFF_DARWIN2_##st_field = off,
#define NAME_DARWIN3(st_field, off) OFF_DARWIN3_##st_field = off,

#define NAME_PAD(dialects, st_field, off)
#define NAME_FIELD(dialects, st_field, off) NAME_##dialects(st_field, off)
#define NAME_SUB NAME_FIELD
#define NAME_FLAGS NAME_FIELD
#define NAME_FLAGS0 NAME_FIELD
#define NAME_DEC NAME_FIELD
#define NAME_DEC0 NAME_FIELD
#define NAME_DEC_IF NAME_FIELD
#define NAME_HEX NAME_FIELD
#define NAME_HEX0 NAME_FIELD
#define NAME_HEX_IF NAME_FIELD
#define NAME_OCT NAME_FIELD
#define NAME_OCT0 NAME_FIELD
#define NAME_OCT_IF NAME_FIELD
#define NAME_INT NAME_FIELD
#define NAME_INT0 NAME_FIELD

enum wire_offset {
#define FIELD(st, name, off, size, since, dialects, show, arg) \
	NAME_##show(dialects, st##_##name, off)
#include "wire/fields.def"
#undef FIELD
};

#undef NAME_ALL
#undef NAME_NOT_DARWIN2
#undef NAME_NOT_DARWIN3
#undef NAME_LINUX
#undef NAME_DARWIN
#undef NAME_DARWIN2
#undef NAME_DARWIN3
#undef NAME_PAD
#undef NAME_FIELD
#undef NAME_SUB
#undef NAME_FLAGS
#undef NAME_FLAGS0
#undef NAME_DEC
#undef NAME_DEC0
#undef NAME_DEC_IF
#undef NAME_HEX
#undef NAME_HEX0
#undef NAME_HEX_IF
#undef NAME_OCT
#undef NAME_OCT0
#undef NAME_OCT_IF
#undef NAME_INT
#undef NAME_INT0

/*
 * SIZE_<struct>: its bytes, where each dialect and minor version has the same
 * number of them.  (struct_size() has the sizes of the others; they have no
 * name here, or one that is 0.)
 */
enum wire_size {
#define STRUCT(name, since, linux_size, darwin, darwin3)                  \
	SIZE_##name = (linux_size) == (darwin) && (darwin) == (darwin3) ? \
	    (linux_size) :                                                \
	    0,
#define STRUCT_OLD(...)
#define STRUCT_LOOSE(...)
#define STRUCT_FLAG(...)
#include "wire/structs.def"
#undef STRUCT
#undef STRUCT_OLD
#undef STRUCT_LOOSE
#undef STRUCT_FLAG
};

_Static_assert(WIRE_REQ_HEADER == (int)SIZE_fuse_in_header,
    "requests begin with a struct fuse_in_header");
_Static_assert(WIRE_REP_HEADER == (int)SIZE_fuse_out_header,
    "replies begin with a struct fuse_out_header");

/* Flags, counts and masks that say what else is in a struct come first. */
#define OFF_FIRST_WORD 0

/* The field of the struct behind a message's header, as a message offset. */
#define REQ_OFF(st, field) (WIRE_REQ_HEADER + (size_t)OFF_##st##_##field)
#define REP_OFF(st, field) (WIRE_REP_HEADER + (size_t)OFF_##st##_##field)

/* The field's offset in its struct, in the dialect of the session. */
#define dialect_off(pr, st, field)                                        \
	((pr)->dialect == WIRE_LINUX ? (size_t)OFF_LINUX_##st##_##field : \
				       (size_t)OFF_DARWIN_##st##_##field)

#endif
