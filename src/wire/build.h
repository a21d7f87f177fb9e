/* SPDX-License-Identifier: ISC */
/*
 * Build messages: a growing buffer, started by wire_begin_*, filled by
 * wire_put_*, ended by wire_end() which sets the length word.  If an
 * allocation fails, the buffer remembers it and wire_end() returns it, so that
 * callers need not check the calls in between.
 */
#ifndef FR_WIRE_BUILD_H
#define FR_WIRE_BUILD_H

#include "wire/ops.h"

struct wire_buf {
	uint8_t *p; /* owned */
	size_t len, cap;
	int failed;
};

void wire_buf_init(struct wire_buf *b);
void wire_buf_fini(struct wire_buf *b);

/* Start a message, dropping what b held. */
void wire_begin_request(struct wire_buf *b, uint32_t opcode, uint64_t unique,
    uint64_t nodeid);
void wire_begin_reply(struct wire_buf *b, uint64_t unique, int32_t error);

void wire_put_u16(struct wire_buf *b, uint16_t v);
void wire_put_u32(struct wire_buf *b, uint32_t v);
void wire_put_u64(struct wire_buf *b, uint64_t v);
void wire_put_zero(struct wire_buf *b, size_t n);
void wire_put_bytes(struct wire_buf *b, const void *p, size_t n);
void wire_put_name(struct wire_buf *b, const char *name); /* with NUL */

/* Set uid, gid, pid of the request being built. */
void wire_set_caller(struct wire_buf *b, uint32_t uid, uint32_t gid,
    uint32_t pid);

/* E_OK and the finished message in *m (borrowed from b), or E_NOMEM. */
int wire_end(struct wire_buf *b, struct span *m) ERR_MUSTCHECK;

#endif
