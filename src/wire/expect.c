/* SPDX-License-Identifier: ISC */
/*
 * What is kept of a request, to judge its reply by.
 */
#include "wire/expect.h"

#include <sys/stat.h>
#include <unistd.h>

#include "wire/head.h"
#include "wire/op_row.h"

/* Longest text of a CUSE_INIT reply. */
#define CUSE_INFO_MAX 4096

/* Does a LOOKUP ask for "." or ".."?  Only then may its reply be the root. */
static int
asks_dots(struct span m)
{
	struct span name = span_from(m, WIRE_REQ_HEADER);

	return (name.len == 2 || name.len == 3) && name.p[0] == '.' &&
	    (name.len == 2 || name.p[1] == '.');
}

/* The file type that a request for a new node asks for; 0: it asks for none. */
static uint32_t
asked_type(uint32_t opcode, struct span m)
{
	switch (opcode) {
	case FUSE_OP_MKNOD:
		return get_u32(m, REQ_OFF(fuse_mknod_in, mode)) & S_IFMT;
	case FUSE_OP_MKDIR:
		return S_IFDIR;
	case FUSE_OP_SYMLINK:
		return S_IFLNK;
	case FUSE_OP_CREATE:
	case FUSE_OP_TMPFILE:
		return S_IFREG;
	default:
		return 0;
	}
}

static uint32_t
page_size(void)
{
	long n = sysconf(_SC_PAGESIZE);

	return n > 0 && n < INT32_MAX ? (uint32_t)n : 4096;
}

/* The two forms of GETXATTR and LISTXATTR. */
static void
expect_xattr(struct wire_expect *e, uint32_t size)
{
	if (size == 0)
		return;
	e->fixed = 0;
	e->tail = size;
}

static void
expect_ioctl(struct wire_expect *e, struct span m)
{
	uint32_t page = page_size();

	e->ioctl.out_size = get_u32(m, REQ_OFF(fuse_ioctl_in, out_size));
	e->ioctl.flags = get_u32(m, REQ_OFF(fuse_ioctl_in, flags));
	e->tail = e->ioctl.out_size > page ? e->ioctl.out_size : page;
}

static void
expect_count(struct wire_expect *e, uint32_t opcode, struct span m)
{
	if (opcode != FUSE_OP_WRITE) {
		e->copy.len = get_u64(m,
		    REQ_OFF(fuse_copy_file_range_in, len));
		return;
	}
	e->write.size = get_u32(m, REQ_OFF(fuse_write_in, size));
	e->write.flags = get_u32(m, REQ_OFF(fuse_write_in, write_flags));
}

void
wire_expect_set(struct wire_expect *e, const struct wire_proto *pr,
    struct span request)
{
	struct span m = request;
	uint32_t opcode = head_opcode(m);
	const struct op *op = op_find(opcode);

	memset(e, 0, sizeof(*e));
	e->opcode = opcode;
	if (op == NULL || !op_known(op, pr))
		return;
	e->known = 1;
	e->fixed = (uint32_t)op_out_size(op, pr);
	switch (op->reply) {
	case ANSWER_NEVER:
		e->noreply = 1;
		break;
	case ANSWER_LOOKUP:
		e->lookup.is_dots = asks_dots(m);
		break;
	case ANSWER_NEW:
	case ANSWER_CREATED:
		e->made.type = asked_type(opcode, m);
		break;
	case ANSWER_COUNT:
		expect_count(e, opcode, m);
		break;
	case ANSWER_DATA:
	case ANSWER_DIRENTS:
	case ANSWER_DIRENTSPLUS:
		e->tail = get_u32(m, REQ_OFF(fuse_read_in, size));
		break;
	case ANSWER_TARGET:
		e->tail = page_size() - 1;
		break;
	case ANSWER_XATTR:
	case ANSWER_XLIST:
		expect_xattr(e, get_u32(m, REQ_OFF(fuse_getxattr_in, size)));
		break;
	case ANSWER_IOCTL:
		expect_ioctl(e, m);
		break;
	case ANSWER_INIT:
		e->fixed = WIRE_INIT_OUT_MAX;
		e->shrinks = 1;
		break;
	case ANSWER_CUSE:
		e->tail = CUSE_INFO_MAX;
		break;
	default:
		break;
	}
}
