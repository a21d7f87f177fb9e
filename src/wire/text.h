/* SPDX-License-Identifier: ISC */
/*
 * A line being written to a buffer that may be too short for it.  What does
 * not fit is left out and the line ends in "...".
 */
#ifndef FR_WIRE_TEXT_H
#define FR_WIRE_TEXT_H

#include "base/span.h"

enum text_style {
	TEXT_LINE, /* name=value name=value, all fields */
	TEXT_CALL, /* name=value, name=value, the important fields */
	TEXT_FULL, /* the same, all fields */
	TEXT_JSON  /* "name":value,"name":value, all fields */
};

struct text {
	char *buf;
	size_t cap, len; /* len < cap; the NUL is not counted */
	int full;
	enum text_style style;
	const char *sep; /* what comes before the next field */
};

/* A line in TEXT_LINE style; cap > 0. */
void text_init(struct text *t, char *buf, size_t cap);
void text_init_style(struct text *t, char *buf, size_t cap,
    enum text_style style);

/* Append, as printf. */
void text_put(struct text *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Append bytes as they are, a string, a decimal number: what most of a line
 * is made of, without the cost of a format. */
void text_bytes(struct text *t, const char *p, size_t n);
void text_str(struct text *t, const char *s);
void text_u64(struct text *t, uint64_t v);
void text_hex(struct text *t, uint64_t v); /* 0x... */

#define TEXT_QUOTE_MAX 4096 /* bytes that are quoted; more are left out */

/* Append the bytes in quotes: all but plain ASCII escaped, or in JSON's
 * way, where bytes that are not UTF-8 become U+FFFD. */
void text_quote(struct text *t, struct span s);

/* Are the bytes UTF-8 throughout? */
int text_is_utf8(struct span s);

/* Start a field: the separator, its name, '=' or ':'. */
void text_key(struct text *t, const char *name);

/* A field whose value is a string in quotes. */
void text_field(struct text *t, const char *name, const char *s);

/* Append the bytes, all but plain ASCII escaped. */
void text_escape(struct text *t, struct span s);

/* A field whose value is the bytes in quotes; in JSON, bytes that are not
 * UTF-8 are printed once more in hex, as name_hex. */
void text_name(struct text *t, const char *name, struct span s);

/* Fields between these have a struct of their own. */
void text_open(struct text *t, char bracket);
void text_close(struct text *t, char bracket);

/* Say, as printf, what is wrong: " <malformed: ...>", in JSON a field. */
void text_malformed(struct text *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* End the line; its length. */
size_t text_end(struct text *t);

#endif
