/* SPDX-License-Identifier: ISC */
/*
 * Messages of every kind and how they print: data for the tests of
 * src/wire/.
 *
 * A message's body is told by a script of words with spaces in between:
 *
 *	2:N 4:N 8:N	a number of 2, 4 or 8 bytes
 *	0*N		N zero bytes
 *	'TEXT		the text and a NUL
 *	=TEXT		the text alone
 */
#ifndef FR_TESTS_WIRE_SAMPLES_H
#define FR_TESTS_WIRE_SAMPLES_H

#include "wire/build.h"
#include "wire/check.h"

enum sample_kind {
	SAMPLE_REQUEST,
	SAMPLE_REPLY,
	SAMPLE_NOTIFY
};

struct sample {
	enum sample_kind kind;
	const struct wire_proto *proto;
	uint32_t opcode;  /* of a notification: its code */
	int32_t error;	  /* of a reply */
	const char *body; /* script */
	const char *line; /* as printed, unique 6, nodeid 1 */
};

extern const struct wire_proto proto_linux, proto_linux_ext, proto_linux_old,
    proto_linux_first, proto_darwin, proto_darwin_swap, proto_darwin_old,
    proto_darwin3;

#define ATTR_LINUX(mode)                                     \
	" 8:7 8:5 8:1 8:100 8:101 8:102 4:1 4:2 4:3 4:" mode \
	" 4:1 4:1000 4:1001 4:0 4:4096 4:0"
#define ATTR_DARWIN(mode)                                             \
	" 8:7 8:5 8:1 8:100 8:101 8:102 8:99 4:1 4:2 4:3 4:4 4:" mode \
	" 4:1 4:1000 4:1001 4:0 4:0 4:4096 4:0"
/* Below 7.9. */
#define ATTR_LINUX_OLD(mode)                                 \
	" 8:7 8:5 8:1 8:100 8:101 8:102 4:1 4:2 4:3 4:" mode \
	" 4:1 4:1000 4:1001 4:0"
#define ATTR_DARWIN_OLD(mode)                                         \
	" 8:7 8:5 8:1 8:100 8:101 8:102 8:99 4:1 4:2 4:3 4:4 4:" mode \
	" 4:1 4:1000 4:1001 4:0 4:0"
#define ENTRY(nodeid) "8:" nodeid " 8:0 8:1 8:2 4:0 4:0"

/* Sample i; NULL at the end. */
const struct sample *sample_at(size_t i);

/* Append what the script says to b. */
void sample_put(struct wire_buf *b, const char *script);

/* Build a request, or a reply, with this body (a script) and unique 6; they
 * abort the test if there is no memory. */
struct span sample_build_request(struct wire_buf *b, uint32_t opcode,
    uint64_t nodeid, const char *body);
struct span sample_build_reply(struct wire_buf *b, const char *body,
    int32_t error);

/* Build it, likewise. */
struct span sample_build(struct wire_buf *b, const struct sample *s);

/* The first request sample of this opcode and proto; NULL: none. */
const struct sample *sample_request(uint32_t opcode,
    const struct wire_proto *proto);

/* What that one lets its reply be; aborts the test if there is none. */
void sample_expect(struct wire_expect *e, uint32_t opcode,
    const struct wire_proto *proto);

#endif
