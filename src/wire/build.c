/* SPDX-License-Identifier: ISC */
#include "wire/build.h"

#include <stdlib.h>

#include "wire/head.h"

#define BUF_FIRST 256u
/* More than any peer carries; keeps the length word from wrapping. */
#define BUF_MAX (256u * 1024 * 1024)

void
wire_buf_init(struct wire_buf *b)
{
	memset(b, 0, sizeof(*b));
}

void
wire_buf_fini(struct wire_buf *b)
{
	free(b->p);
	wire_buf_init(b);
}

/* n new bytes at the end; NULL without memory, and b->failed is set. */
static uint8_t *
buf_extend(struct wire_buf *b, size_t n)
{
	size_t cap = b->cap != 0 ? b->cap : BUF_FIRST;
	uint8_t *p;

	if (b->failed || n > BUF_MAX - b->len)
		goto fail;
	if (b->p == NULL || b->cap - b->len < n) {
		while (cap - b->len < n)
			cap *= 2;
		if ((p = realloc(b->p, cap)) == NULL)
			goto fail;
		b->p = p;
		b->cap = cap;
	}
	p = b->p + b->len;
	b->len += n;
	return p;
fail:
	b->failed = 1;
	return NULL;
}

void
wire_put_bytes(struct wire_buf *b, const void *p, size_t n)
{
	uint8_t *to;

	if (n != 0 && (to = buf_extend(b, n)) != NULL)
		memcpy(to, p, n);
}

void
wire_put_zero(struct wire_buf *b, size_t n)
{
	uint8_t *to;

	if (n != 0 && (to = buf_extend(b, n)) != NULL)
		memset(to, 0, n);
}

void
wire_put_u16(struct wire_buf *b, uint16_t v)
{
	wire_put_bytes(b, &v, sizeof(v));
}

void
wire_put_u32(struct wire_buf *b, uint32_t v)
{
	wire_put_bytes(b, &v, sizeof(v));
}

void
wire_put_u64(struct wire_buf *b, uint64_t v)
{
	wire_put_bytes(b, &v, sizeof(v));
}

void
wire_put_name(struct wire_buf *b, const char *name)
{
	wire_put_bytes(b, name, strlen(name) + 1);
}

void
wire_begin_request(struct wire_buf *b, uint32_t opcode, uint64_t unique,
    uint64_t nodeid)
{
	b->len = 0;
	b->failed = 0;
	wire_put_zero(b, WIRE_REQ_HEADER);
	head_put_request(b->p, b->len, opcode, unique, nodeid);
}

void
wire_begin_reply(struct wire_buf *b, uint64_t unique, int32_t error)
{
	b->len = 0;
	b->failed = 0;
	wire_put_zero(b, WIRE_REP_HEADER);
	head_put_reply(b->p, b->len, unique, error);
}

void
wire_set_caller(struct wire_buf *b, uint32_t uid, uint32_t gid, uint32_t pid)
{
	put_u32(b->p, b->len, OFF_fuse_in_header_uid, uid);
	put_u32(b->p, b->len, OFF_fuse_in_header_gid, gid);
	put_u32(b->p, b->len, OFF_fuse_in_header_pid, pid);
}

int
wire_end(struct wire_buf *b, struct span *m)
{
	*m = (struct span){ NULL, 0 };
	if (b->failed)
		return E_NOMEM;
	head_set_len(b->p, b->len);
	m->p = b->p;
	m->len = b->len;
	return E_OK;
}
