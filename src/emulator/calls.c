/* SPDX-License-Identifier: ISC */
#include "emulator/calls.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "wire/dirent.h"
#include "wire/get.h"
#include "wire/offsets.h"

/* Linux's own numbers, whatever the host's are. */
#define CALLS_O_CREAT 0100
#define CALLS_O_EXCL 0200
#define CALLS_O_LARGEFILE 0100000
#define CALLS_UMASK 022

#define CALLS_OWNER 0x5eed /* lock owner of all calls */

#define FATTR_SIZE (1u << 3)
#define FATTR_FH (1u << 6)
#define GETATTR_FH 1u

/* Send the request that was begun, and wait for a reply without a body. */
static int
calls_plain(struct client *c)
{
	struct client_call call;
	int r;

	client_send(c, &call);
	r = client_wait(c, &call);
	client_done(c, &call);
	return r;
}

static void
calls_get_attr(struct span attr, struct calls_attr *a)
{
	a->size = get_u64(attr, OFF_fuse_attr_size);
	a->mode = get_u32(attr, OFF_LINUX_fuse_attr_mode);
}

/* A reply with an entry: take it and its lookup reference. */
static int
calls_entry(struct client *c, struct span m, struct calls_attr *a)
{
	a->nodeid = get_u64(m, REP_OFF(fuse_entry_out, nodeid));
	calls_get_attr(
	    span_from(m, WIRE_REP_HEADER + OFF_LINUX_fuse_entry_out_attr), a);
	if (a->nodeid == 0 && (c->quirks & CLIENT_TAKES_INO0))
		a->nodeid = WIRE_ROOT_ID;
	if (a->nodeid == 0)
		return ENOENT;
	return client_ref(c, a->nodeid);
}

void
calls_lookup_send(struct client *c, struct client_call *call, uint64_t parent,
    const char *name)
{
	client_begin(c, FUSE_OP_LOOKUP, parent);
	wire_put_name(&c->buf, name);
	client_send(c, call);
}

/* Wait for a reply that is an entry: of LOOKUP, MKNOD or MKDIR. */
int
calls_lookup_end(struct client *c, struct client_call *call,
    struct calls_attr *a)
{
	int r;

	memset(a, 0, sizeof(*a));
	if ((r = client_wait(c, call)) == 0)
		r = calls_entry(c, client_reply(call), a);
	client_done(c, call);
	return r;
}

int
calls_lookup(struct client *c, uint64_t parent, const char *name,
    struct calls_attr *a)
{
	struct client_call call;

	calls_lookup_send(c, &call, parent, name);
	return calls_lookup_end(c, &call, a);
}

void
calls_create_send(struct client *c, struct client_call *call, uint64_t parent,
    const char *name, uint32_t flags)
{
	client_begin(c, FUSE_OP_CREATE, parent);
	wire_put_u32(&c->buf,
	    flags | CALLS_O_CREAT | CALLS_O_EXCL | CALLS_O_LARGEFILE);
	wire_put_u32(&c->buf, S_IFREG | 0644);
	wire_put_u32(&c->buf, CALLS_UMASK);
	client_fit(c, FUSE_OP_CREATE);
	wire_put_name(&c->buf, name);
	client_send(c, call);
}

/* A handle that came. */
static int
calls_handle(const struct client *c, const struct calls_file *f)
{
	return f->fh == 0 && (c->quirks & CLIENT_REFUSES_FH0) ? EBADF : 0;
}

int
calls_create_end(struct client *c, struct client_call *call, uint32_t flags,
    struct calls_file *f)
{
	const struct op *op = op_find(FUSE_OP_CREATE);
	struct calls_attr a;
	struct span m;
	int r;

	memset(f, 0, sizeof(*f));
	if ((r = client_wait(c, call)) == 0) {
		m = client_reply(call);
		r = calls_entry(c, m, &a);
		f->nodeid = a.nodeid;
		f->fh = get_u64(m, op_out_fh(op, &c->channel->proto));
		f->flags = flags | CALLS_O_LARGEFILE;
		if (r == 0)
			r = calls_handle(c, f);
	}
	client_done(c, call);
	return r;
}

/* MKNOD of a regular file, or MKDIR. */
static int
calls_make(struct client *c, uint32_t opcode, uint64_t parent,
    const char *name, struct calls_attr *a)
{
	struct client_call call;

	client_begin(c, opcode, parent);
	if (opcode == FUSE_OP_MKNOD) {
		wire_put_u32(&c->buf, S_IFREG | 0644);
		wire_put_u32(&c->buf, 0);
	} else {
		wire_put_u32(&c->buf, 0755);
	}
	wire_put_u32(&c->buf, CALLS_UMASK);
	client_fit(c, opcode);
	wire_put_name(&c->buf, name);
	client_send(c, &call);
	return calls_lookup_end(c, &call, a);
}

int
calls_create(struct client *c, uint64_t parent, const char *name,
    uint32_t flags, struct calls_file *f)
{
	struct client_call call;
	struct calls_attr a;
	int r;

	calls_create_send(c, &call, parent, name, flags);
	r = calls_create_end(c, &call, flags, f);
	if (r != ENOSYS)
		return r;
	if ((r = calls_make(c, FUSE_OP_MKNOD, parent, name, &a)) != 0)
		return r;
	return calls_open(c, a.nodeid, flags, 0, f);
}

void
calls_open_send(struct client *c, struct client_call *call, uint64_t nodeid,
    uint32_t flags, int directory)
{
	uint32_t opcode = directory ? FUSE_OP_OPENDIR : FUSE_OP_OPEN;

	client_begin(c, opcode, nodeid);
	wire_put_u32(&c->buf, flags | CALLS_O_LARGEFILE);
	client_fit(c, opcode);
	client_send(c, call);
}

int
calls_open_end(struct client *c, struct client_call *call, uint64_t nodeid,
    uint32_t flags, struct calls_file *f)
{
	const struct op *op = op_find(call->opcode);
	int r;

	memset(f, 0, sizeof(*f));
	f->nodeid = nodeid;
	f->flags = flags | CALLS_O_LARGEFILE;
	r = client_wait(c, call);
	if (r == 0) {
		f->fh = get_u64(client_reply(call),
		    op_out_fh(op, &c->channel->proto));
		r = calls_handle(c, f);
	}
	if (r == ENOSYS) {
		f->unopened = 1;
		r = 0;
	}
	client_done(c, call);
	return r;
}

int
calls_open(struct client *c, uint64_t nodeid, uint32_t flags, int directory,
    struct calls_file *f)
{
	struct client_call call;

	calls_open_send(c, &call, nodeid, flags, directory);
	return calls_open_end(c, &call, nodeid, flags, f);
}

void
calls_flush_send(struct client *c, struct client_call *call,
    const struct calls_file *f)
{
	client_begin(c, FUSE_OP_FLUSH, f->nodeid);
	wire_put_u64(&c->buf, f->fh);
	wire_put_u64(&c->buf, 0);
	wire_put_u64(&c->buf, CALLS_OWNER);
	client_fit(c, FUSE_OP_FLUSH);
	client_send(c, call);
}

int
calls_flush_end(struct client *c, struct client_call *call)
{
	int r = client_wait(c, call);

	client_done(c, call);
	return r == ENOSYS ? 0 : r;
}

void
calls_release_send(struct client *c, struct client_call *call,
    const struct calls_file *f, int directory)
{
	uint32_t opcode = directory ? FUSE_OP_RELEASEDIR : FUSE_OP_RELEASE;

	memset(call, 0, sizeof(*call));
	if (f->unopened)
		return;
	client_begin(c, opcode, f->nodeid);
	wire_put_u64(&c->buf, f->fh);
	wire_put_u32(&c->buf, f->flags);
	wire_put_u32(&c->buf, 0);
	wire_put_u64(&c->buf, 0);
	client_fit(c, opcode);
	client_send(c, call);
}

int
calls_release_end(struct client *c, struct client_call *call)
{
	int r = client_wait(c, call);

	client_done(c, call);
	return r > 0 ? 0 : r;
}

int
calls_close(struct client *c, const struct calls_file *f)
{
	struct client_call call;
	int r, last;

	calls_flush_send(c, &call, f);
	r = calls_flush_end(c, &call);
	calls_release_send(c, &call, f, 0);
	last = calls_release_end(c, &call);
	return r != 0 ? r : last;
}

/* The struct that READ, READDIR and WRITE share. */
static void
calls_io(struct client *c, uint32_t opcode, const struct calls_file *f,
    uint64_t offset, size_t size)
{
	client_begin(c, opcode, f->nodeid);
	wire_put_u64(&c->buf, f->fh);
	wire_put_u64(&c->buf, offset);
	wire_put_u32(&c->buf, (uint32_t)size);
	wire_put_u32(&c->buf, 0);
	wire_put_u64(&c->buf, CALLS_OWNER);
	wire_put_u32(&c->buf, f->flags);
	wire_put_u32(&c->buf, 0);
	client_fit(c, opcode);
}

void
calls_read_send(struct client *c, struct client_call *call,
    const struct calls_file *f, uint64_t offset, size_t size)
{
	calls_io(c, FUSE_OP_READ, f, offset, size);
	client_send(c, call);
}

int
calls_read(struct client *c, const struct calls_file *f, uint64_t offset,
    void *buf, size_t size, size_t *got)
{
	struct client_call call;
	struct span data;
	int r;

	*got = 0;
	calls_read_send(c, &call, f, offset, size);
	if ((r = client_wait(c, &call)) == 0) {
		data = span_from(client_reply(&call), WIRE_REP_HEADER);
		*got = data.len < size ? data.len : size;
		memcpy(buf, data.p, *got);
	}
	client_done(c, &call);
	return r;
}

void
calls_write_send(struct client *c, struct client_call *call,
    const struct calls_file *f, uint64_t offset, const void *data, size_t size)
{
	calls_io(c, FUSE_OP_WRITE, f, offset, size);
	wire_put_bytes(&c->buf, data, size);
	client_send(c, call);
}

int
calls_write_end(struct client *c, struct client_call *call, size_t size)
{
	int r;

	if ((r = client_wait(c, call)) == 0 &&
	    get_u32(client_reply(call), REP_OFF(fuse_write_out, size)) != size)
		r = EIO;
	client_done(c, call);
	return r;
}

int
calls_write(struct client *c, const struct calls_file *f, uint64_t offset,
    const void *data, size_t size)
{
	struct client_call call;

	calls_write_send(c, &call, f, offset, data, size);
	return calls_write_end(c, &call, size);
}

static int
calls_attr_end(struct client *c, struct calls_attr *a, uint64_t nodeid)
{
	struct client_call call;
	int r;

	memset(a, 0, sizeof(*a));
	a->nodeid = nodeid;
	client_send(c, &call);
	if ((r = client_wait(c, &call)) == 0)
		calls_get_attr(
		    span_from(client_reply(&call),
			WIRE_REP_HEADER + OFF_LINUX_fuse_attr_out_attr),
		    a);
	client_done(c, &call);
	return r;
}

int
calls_getattr(struct client *c, const struct calls_file *f,
    struct calls_attr *a)
{
	client_begin(c, FUSE_OP_GETATTR, f->nodeid);
	wire_put_u32(&c->buf, f->unopened ? 0 : GETATTR_FH);
	wire_put_u32(&c->buf, 0);
	wire_put_u64(&c->buf, f->fh);
	client_fit(c, FUSE_OP_GETATTR);
	return calls_attr_end(c, a, f->nodeid);
}

int
calls_truncate(struct client *c, const struct calls_file *f, uint64_t size,
    struct calls_attr *a)
{
	client_begin(c, FUSE_OP_SETATTR, f->nodeid);
	wire_put_u32(&c->buf, FATTR_SIZE | (f->unopened ? 0 : FATTR_FH));
	wire_put_u32(&c->buf, 0);
	wire_put_u64(&c->buf, f->fh);
	wire_put_u64(&c->buf, size);
	client_fit(c, FUSE_OP_SETATTR);
	return calls_attr_end(c, a, f->nodeid);
}

int
calls_mkdir(struct client *c, uint64_t parent, const char *name,
    struct calls_attr *a)
{
	return calls_make(c, FUSE_OP_MKDIR, parent, name, a);
}

int
calls_remove(struct client *c, uint64_t parent, const char *name,
    int directory)
{
	client_begin(c, directory ? FUSE_OP_RMDIR : FUSE_OP_UNLINK, parent);
	wire_put_name(&c->buf, name);
	return calls_plain(c);
}

int
calls_rename(struct client *c, uint64_t from, const char *old, uint64_t to,
    const char *new)
{
	client_begin(c, FUSE_OP_RENAME, from);
	wire_put_u64(&c->buf, to);
	client_fit(c, FUSE_OP_RENAME);
	wire_put_name(&c->buf, old);
	wire_put_name(&c->buf, new);
	return calls_plain(c);
}

int
calls_statfs(struct client *c, struct calls_statfs *st)
{
	struct client_call call;
	struct span statfs;
	int r;

	memset(st, 0, sizeof(*st));
	client_begin(c, FUSE_OP_STATFS, WIRE_ROOT_ID);
	client_send(c, &call);
	if ((r = client_wait(c, &call)) == 0) {
		statfs = span_from(client_reply(&call),
		    REP_OFF(fuse_statfs_out, st));
		st->bsize = get_u32(statfs, OFF_fuse_kstatfs_bsize);
		st->namelen = get_u32(statfs, OFF_fuse_kstatfs_namelen);
	}
	client_done(c, &call);
	return r;
}

/* The records of one READDIR reply; *offset is where the next one starts. */
static int
calls_dirents(struct client *c, struct span data, uint64_t *offset,
    int (*each)(void *arg, const char *name, uint32_t type), void *arg)
{
	struct wire_dirent d;
	char name[1024];
	int r;

	while ((r = wire_dirent_next(&c->channel->proto, 0, &data, &d)) > 0) {
		*offset = d.off;
		if (d.name.len >= sizeof(name))
			return ENAMETOOLONG;
		memcpy(name, d.name.p, d.name.len);
		name[d.name.len] = '\0';
		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
			continue;
		if ((r = each(arg, name, d.type)) != 0)
			return r;
	}
	return r;
}

int
calls_readdir(struct client *c, uint64_t nodeid, size_t size,
    int (*each)(void *arg, const char *name, uint32_t type), void *arg)
{
	struct client_call call;
	struct calls_file f;
	struct span data;
	uint64_t offset = 0;
	int r, last, more = 1;

	if ((r = calls_open(c, nodeid, 0, 1, &f)) != 0)
		return r;
	while (r == 0 && more) {
		calls_io(c, FUSE_OP_READDIR, &f, offset, size);
		client_send(c, &call);
		if ((r = client_wait(c, &call)) == 0) {
			data = span_from(client_reply(&call), WIRE_REP_HEADER);
			more = data.len > 0;
			r = calls_dirents(c, data, &offset, each, arg);
			if (c->quirks & CLIENT_SIZE_AS_OFFSET)
				offset = data.len;
		}
		client_done(c, &call);
	}
	calls_release_send(c, &call, &f, 1);
	last = calls_release_end(c, &call);
	return r != 0 ? r : last;
}
