/* SPDX-License-Identifier: ISC */
/*
 * Is a reply one that the kernel would take?
 *
 * The tests are in the kernel's order: header, error value, length, then the
 * contents, by operation.  wire_check_reply() gives the first that fails.
 */
#include "wire/check.h"

#include <sys/stat.h>

#include "wire/attr.h"
#include "wire/body.h"
#include "wire/dirent.h"
#include "wire/errors.h"
#include "wire/get.h"
#include "wire/head.h"
#include "wire/offsets.h"
#include "wire/op_row.h"

#define ERROR_MIN (-511) /* the kernel's own numbers begin at 512 */

enum {
	LOCK_READ = 0,
	LOCK_WRITE = 1,
	LOCK_NONE = 2
};

#define WRITE_CACHE 0x1u

#define IOCTL_UNRESTRICTED 0x2u
#define IOCTL_RETRY 0x4u
#define IOCTL_IOV_MAX 256u

static int
mode_ok(uint32_t mode)
{
	return S_ISREG(mode) || S_ISDIR(mode) || S_ISLNK(mode) ||
	    S_ISCHR(mode) || S_ISBLK(mode) || S_ISFIFO(mode) || S_ISSOCK(mode);
}

static const char *
check_attr(const struct wire_proto *pr, struct span attr)
{
	if (!mode_ok(attr_mode(pr, attr)))
		return "mode without a file type";
	if (get_u64(attr, OFF_fuse_attr_size) > INT64_MAX)
		return "file size above the signed limit";
	return NULL;
}

static const char *
check_lookup(const struct wire_proto *pr, const struct wire_expect *e,
    struct span body)
{
	uint64_t nodeid = get_u64(body, OFF_fuse_entry_out_nodeid);
	const char *why;

	if (nodeid == 0)
		return NULL;
	why = check_attr(pr, attr_of_entry(pr, body));
	if (why == NULL && nodeid == WIRE_ROOT_ID && !e->lookup.is_dots)
		why = "root node found under a name";
	return why;
}

static const char *
check_new(const struct wire_proto *pr, const struct wire_expect *e,
    struct span body)
{
	struct span attr = attr_of_entry(pr, body);
	uint64_t nodeid = get_u64(body, OFF_fuse_entry_out_nodeid);
	uint32_t type = e->made.type;
	const char *why;

	if (nodeid == 0 || nodeid == WIRE_ROOT_ID)
		return "new node without a node id of its own";
	if ((why = check_attr(pr, attr)) != NULL)
		return why;
	if (type != 0 && (attr_mode(pr, attr) & S_IFMT) != type)
		return "new node of another type than asked for";
	return NULL;
}

static const char *
check_statx(struct span body)
{
	struct span st = span_from(body, OFF_fuse_statx_out_stat);
	uint32_t mask = get_u32(st, OFF_fuse_statx_mask);

	if ((mask & SX_SIZE) != 0 &&
	    get_u64(st, OFF_fuse_statx_size) > INT64_MAX)
		return "file size above the signed limit";
	if ((mask & SX_TYPE) != 0 &&
	    !mode_ok(get_u16(st, OFF_fuse_statx_mode)))
		return "mode without a file type";
	return NULL;
}

/* (The types' numbers are Linux's.) */
static const char *
check_lock(const struct wire_proto *pr, struct span body)
{
	struct span lk = span_from(body, OFF_fuse_lk_out_lk);
	uint64_t start = get_u64(lk, OFF_fuse_file_lock_start);
	uint64_t end = get_u64(lk, OFF_fuse_file_lock_end);
	uint32_t type = get_u32(lk, OFF_fuse_file_lock_type);

	if (wire_proto_system(pr) != WIRE_ON_LINUX || type == LOCK_NONE)
		return NULL;
	if (type != LOCK_READ && type != LOCK_WRITE)
		return "lock of no known type";
	if (start > INT64_MAX || end > INT64_MAX || end < start)
		return "lock whose end is before its start, or too far";
	return NULL;
}

static const char *
check_count(const struct wire_expect *e, struct span body)
{
	uint64_t asked = e->opcode == FUSE_OP_WRITE ? e->write.size :
						      e->copy.len;

	return body_count(op_find(e->opcode), body) > asked ?
	    "more bytes done than asked for" :
	    NULL;
}

static const char *
check_dirents(const struct wire_proto *pr, int plus, struct span body)
{
	struct wire_dirent d;
	int r;

	while ((r = wire_dirent_next(pr, plus, &body, &d)) > 0)
		;
	return r < 0 ? "directory entry with a bad name" : NULL;
}

static const char *
check_xlist(const struct wire_expect *e, struct span body)
{
	const uint8_t *nul;
	size_t n;

	if (e->fixed != 0)
		return NULL;
	while (body.len > 0) {
		nul = memchr(body.p, '\0', body.len);
		if (nul == NULL)
			return "list of names does not end in a NUL";
		n = (size_t)(nul - body.p);
		if (n == 0)
			return "empty name in the list";
		body = span_from(body, n + 1);
	}
	return NULL;
}

static const char *
check_ioctl(const struct wire_expect *e, struct span body)
{
	uint32_t in_iovs = get_u32(body, OFF_fuse_ioctl_out_in_iovs);
	uint32_t out_iovs = get_u32(body, OFF_fuse_ioctl_out_out_iovs);

	if ((get_u32(body, OFF_fuse_ioctl_out_flags) & IOCTL_RETRY) == 0) {
		if (body.len - e->fixed > e->ioctl.out_size)
			return "more ioctl data than asked for";
		return NULL;
	}
	if ((e->ioctl.flags & IOCTL_UNRESTRICTED) == 0)
		return "ioctl retry where none is allowed";
	if (in_iovs > IOCTL_IOV_MAX || out_iovs > IOCTL_IOV_MAX - in_iovs)
		return "ioctl retry with too many vectors";
	return NULL;
}

static const char *
check_init(struct span body)
{
	/* A word that is missing reads as 0, in the kernel, too. */
	return get_u32(body, OFF_fuse_init_out_major) != WIRE_MAJOR ?
	    "INIT answers another major" :
	    NULL;
}

/* NULL if the kernel's operation would take the contents. */
static const char *
check_contents(const struct wire_proto *pr, const struct wire_expect *e,
    struct span body)
{
	switch (op_find(e->opcode)->reply) {
	case ANSWER_LOOKUP:
		return check_lookup(pr, e, body);
	case ANSWER_NEW:
	case ANSWER_CREATED:
		return check_new(pr, e, body);
	case ANSWER_ATTR:
		return check_attr(pr, attr_of_attr_out(pr, body));
	case ANSWER_STATX:
		return check_statx(body);
	case ANSWER_LOCK:
		return check_lock(pr, body);
	case ANSWER_COUNT:
		return check_count(e, body);
	case ANSWER_DIRENTS:
		return check_dirents(pr, 0, body);
	case ANSWER_DIRENTSPLUS:
		return check_dirents(pr, 1, body);
	case ANSWER_XLIST:
		return check_xlist(e, body);
	case ANSWER_IOCTL:
		return check_ioctl(e, body);
	case ANSWER_INIT:
		return check_init(body);
	default:
		return NULL;
	}
}

static enum wire_verdict
check_body(const struct wire_proto *pr, const struct wire_expect *e,
    struct span body, const char **why)
{
	if (e->noreply) {
		*why = "reply to an operation that has none";
		return REPLY_REFUSED;
	}
	if (e->opcode == FUSE_OP_INTERRUPT && body.len != 0) {
		*why = "reply to INTERRUPT with a body";
		return REPLY_REFUSED;
	}
	if (body.len < e->fixed && !e->shrinks) {
		*why = "body is too short";
		return REPLY_FAILS;
	}
	if (body.len > (uint64_t)e->fixed + e->tail) {
		*why = "body is too long";
		return REPLY_FAILS;
	}
	*why = check_contents(pr, e, body);
	return *why == NULL ? REPLY_GOOD : REPLY_FAILS;
}

int
wire_wrote_nothing(const struct wire_expect *e, struct span reply)
{
	return e->known && e->opcode == FUSE_OP_WRITE && e->write.size > 0 &&
	    (e->write.flags & WRITE_CACHE) == 0 &&
	    get_u32(reply, REP_OFF(fuse_write_out, size)) == 0;
}

enum wire_verdict
wire_check_reply(const struct wire_proto *pr, const struct wire_expect *e,
    struct span reply, const char **why)
{
	struct wire_rep h;

	*why = NULL;
	if (wire_rep_get(reply, &h) != E_OK) {
		*why = "no room for a header";
		return REPLY_REFUSED;
	}
	if (h.len != reply.len) {
		*why = "length word does not match the message";
		return REPLY_REFUSED;
	}
	if (h.error > 0 || h.error < ERROR_MIN) {
		*why = "error value out of range";
		return REPLY_REFUSED;
	}
	if (h.error != 0) {
		if (reply.len == WIRE_REP_HEADER)
			return REPLY_GOOD;
		*why = "error with a body";
		return e->opcode == FUSE_OP_INTERRUPT ? REPLY_REFUSED :
							REPLY_FAILS;
	}
	if (!e->known)
		return REPLY_GOOD;
	return check_body(pr, e, span_from(reply, WIRE_REP_HEADER), why);
}
