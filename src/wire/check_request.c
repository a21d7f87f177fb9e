/* SPDX-License-Identifier: ISC */
/*
 * Is a request what its header and its row say?  Each test is one or two
 * comparisons; only names are looked through byte by byte, never data.
 */
#include "wire/check.h"

#include "wire/get.h"
#include "wire/head.h"
#include "wire/offsets.h"
#include "wire/op_row.h"

/* PATH_MAX of the kernel without the NUL: no name is longer. */
#define NAME_LONGEST 4095
/* XATTR_NAME_MAX and more. */
#define XNAME_LONGEST 1024

/* Kernels of 7.36 and 7.37 append the security context, but their header does
 * not have its length. */
#define EXT_FLAGS (1ull << 32 | 1ull << 34)

struct cursor {
	struct span m;
	size_t off; /* next byte to look at */
};

/* Take a name with its NUL. */
static int
take_name(struct cursor *c, size_t longest, int slash, int empty)
{
	const uint8_t *p, *nul;
	size_t len, left = c->m.len - c->off;

	p = c->m.p + c->off;
	if (left == 0 || (nul = memchr(p, '\0', left)) == NULL)
		return E_NUL;
	len = (size_t)(nul - p);
	if (len > longest || (len == 0 && !empty))
		return E_NAME;
	if (!slash && memchr(p, '/', len) != NULL)
		return E_NAME;
	c->off += len + 1;
	return E_OK;
}

/* What is left must be exactly size bytes. */
static int
take_exactly(struct cursor *c, uint64_t size)
{
	size_t left = c->m.len - c->off;

	if (left < size) {
		c->off = c->m.len;
		return E_SHORT;
	}
	c->off += (size_t)size;
	return left > size ? E_LONG : E_OK;
}

/* Where a request has the length of its DATA tail. */
static size_t
data_size_off(const struct op *op)
{
	switch (op->code) {
	case FUSE_OP_IOCTL:
		return REQ_OFF(fuse_ioctl_in, in_size);
	case FUSE_OP_NOTIFY_REPLY:
		return REQ_OFF(fuse_notify_retrieve_in, size);
	default:
		return REQ_OFF(fuse_write_in, size);
	}
}

static int
check_tail(const struct op *op, const struct wire_proto *pr, struct cursor *c)
{
	int r = E_OK;

	switch (op->tail) {
	case TAIL_INIT:
		return E_OK;
	case TAIL_NONE:
		break;
	case TAIL_NAMES:
		if ((r = take_name(c, NAME_LONGEST, 0, 0)) != E_OK)
			return r;
		r = take_name(c, NAME_LONGEST, 0, 0);
		break;
	case TAIL_NAME:
		r = take_name(c, NAME_LONGEST, 0, 0);
		break;
	case TAIL_TARGET:
		if ((r = take_name(c, NAME_LONGEST, 0, 0)) != E_OK)
			return r;
		r = take_name(c, NAME_LONGEST, 1, 1);
		break;
	case TAIL_ANYNAME:
		r = take_name(c, NAME_LONGEST, 1, 0);
		break;
	case TAIL_XNAME:
		r = take_name(c, XNAME_LONGEST, 1, 0);
		break;
	case TAIL_XVALUE:
		if ((r = take_name(c, XNAME_LONGEST, 1, 0)) != E_OK)
			return r;
		return take_exactly(c,
		    get_u32(c->m, REQ_OFF(fuse_setxattr_in, size)));
	case TAIL_DATA:
		return take_exactly(c, get_u32(c->m, data_size_off(op)));
	case TAIL_RECORDS:
		return take_exactly(c,
		    RECORD_SIZE *
			(uint64_t)get_u32(c->m,
			    WIRE_REQ_HEADER + OFF_FIRST_WORD));
	default:
		break;
	}
	if (r != E_OK)
		return r;
	if ((op->flags & OP_EXTS) != 0 && (pr->flags & EXT_FLAGS) != 0)
		return E_OK;
	return take_exactly(c, 0);
}

/* The size of the fixed struct in a body of so many bytes; SIZE_MAX if the
 * body is too short for any form of it. */
static size_t
fixed_size(const struct op *op, const struct wire_proto *pr, size_t body)
{
	size_t size = struct_size(op->in, pr), old;

	if (op->tail == TAIL_INIT)
		return body < OFF_fuse_init_in_max_readahead ? SIZE_MAX : body;
	if (body >= size)
		return size;
	old = struct_size_short(op->in, pr);
	return body == old ? old : SIZE_MAX;
}

int
wire_check_request(const struct wire_proto *pr, struct span m,
    const struct op **op, size_t *where)
{
	struct cursor c = { m, WIRE_REQ_HEADER };
	const struct op *row;
	struct wire_req h;
	size_t size, ext;
	int r;

	*op = NULL;
	*where = 0;
	if ((r = wire_req_get(m, &h)) != E_OK) {
		*where = m.len;
		return r;
	}
	if (h.len != m.len)
		return E_LEN;
	row = op_find(h.opcode);
	if (row == NULL || !op_known(row, pr))
		return E_OK;
	*op = row;
	if (pr->dialect == WIRE_LINUX && h.extlen != 0) {
		ext = (size_t)h.extlen * EXTLEN_UNIT;
		if (ext > c.m.len - WIRE_REQ_HEADER) {
			*where = OFF_fuse_in_header_total_extlen;
			return E_LEN;
		}
		c.m.len -= ext;
	}
	size = fixed_size(row, pr, c.m.len - WIRE_REQ_HEADER);
	if (size == SIZE_MAX) {
		*where = c.m.len;
		return E_SHORT;
	}
	c.off += size;
	r = check_tail(row, pr, &c);
	if (r != E_OK)
		*where = c.off;
	return r;
}
