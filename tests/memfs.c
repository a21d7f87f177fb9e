/* SPDX-License-Identifier: ISC */
#include "tests/memfs.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wire/build.h"
#include "wire/get.h"

#define NODES 256
#define REQUEST_MAX (1024u * 1024 + 4096)
#define MAX_WRITE (128u * 1024)
#define BODY WIRE_REQ_HEADER /* where a request's struct starts */

struct node {
	int used, linked, dir;
	uint32_t parent;
	char name[256];
	uint8_t *data;
	size_t size;
	uint64_t lookups;
};

static struct node nodes[NODES]; /* node id is index + 1; 0: the root */
static enum memfs_fault fault;
static struct wire_buf out, held;
static int fd, holding;

static struct node *
node_get(uint64_t id)
{
	if (id == 0 || id > NODES || !nodes[id - 1].used)
		_exit(2);
	return &nodes[id - 1];
}

static uint64_t
node_id(const struct node *n)
{
	return (uint64_t)(n - nodes) + 1;
}

static struct node *
node_find(uint64_t parent, const char *name)
{
	int i;

	for (i = 1; i < NODES; i++)
		if (nodes[i].linked && nodes[i].parent == parent &&
		    strcmp(nodes[i].name, name) == 0)
			return &nodes[i];
	return NULL;
}

static struct node *
node_make(uint64_t parent, const char *name, int dir)
{
	int i;

	for (i = 1; i < NODES; i++)
		if (!nodes[i].used) {
			memset(&nodes[i], 0, sizeof(nodes[i]));
			nodes[i].used = nodes[i].linked = 1;
			nodes[i].dir = dir;
			nodes[i].parent = (uint32_t)parent;
			strcpy(nodes[i].name, name);
			return &nodes[i];
		}
	_exit(2);
}

/* Gone when neither a name nor the client knows it. */
static void
node_drop(struct node *n)
{
	if (n->linked || n->lookups > 0 || n == nodes)
		return;
	free(n->data);
	n->used = 0;
}

static void
node_unlink(struct node *n)
{
	n->linked = 0;
	node_drop(n);
}

static void
node_resize(struct node *n, size_t size)
{
	if (size > n->size) {
		n->data = realloc(n->data, size);
		memset(n->data + n->size, 0, size - n->size);
	}
	n->size = size;
}

static void
put_attr(const struct node *n)
{
	size_t size = n->size;

	if (fault == MEMFS_GROWS && size > 500000)
		size++;
	wire_put_u64(&out, node_id(n));
	wire_put_u64(&out, size);
	wire_put_zero(&out, 44);
	wire_put_u32(&out, n->dir ? S_IFDIR | 0755 : S_IFREG | 0644);
	wire_put_zero(&out, 24);
}

static void
put_entry(struct node *n)
{
	n->lookups++;
	wire_put_u64(&out, node_id(n));
	wire_put_zero(&out, 32);
	put_attr(n);
}

static int
do_lookup(struct span m)
{
	struct node *n = node_find(get_u64(m, 16), (const char *)m.p + BODY);

	if (n == NULL)
		return ENOENT;
	put_entry(n);
	return 0;
}

static int
do_make(struct span m, size_t name_at, int dir)
{
	const char *name = (const char *)m.p + name_at;

	if (node_find(get_u64(m, 16), name) != NULL)
		return EEXIST;
	put_entry(node_make(get_u64(m, 16), name, dir));
	return 0;
}

/* Handles: the flags that the file was opened with, plus 1. */
static void
put_open(uint32_t flags)
{
	wire_put_u64(&out, flags + 1ull);
	wire_put_u64(&out, 0);
}

static int
do_create(struct span m)
{
	int r;

	if (fault == MEMFS_NO_CREATE)
		return ENOSYS;
	if ((r = do_make(m, BODY + 16, 0)) == 0)
		put_open(get_u32(m, BODY));
	return r;
}

static int
do_remove(struct span m, int dir)
{
	struct node *n = node_find(get_u64(m, 16), (const char *)m.p + BODY);
	int i;

	if (n == NULL)
		return ENOENT;
	if (n->dir != dir)
		return dir ? ENOTDIR : EISDIR;
	for (i = 1; i < NODES; i++)
		if (nodes[i].linked && nodes[i].parent == node_id(n))
			return ENOTEMPTY;
	if (fault != MEMFS_UNLINK_KEEPS)
		node_unlink(n);
	return 0;
}

static int
do_rename(struct span m)
{
	const char *old = (const char *)m.p + BODY + 8;
	const char *new = old + strlen(old) + 1;
	struct node *n = node_find(get_u64(m, 16), old), *over;

	if (n == NULL)
		return ENOENT;
	over = node_find(get_u64(m, BODY), new);
	if (over != NULL && fault == MEMFS_RENAME_REFUSES)
		return EEXIST;
	if (over != NULL)
		node_unlink(over);
	if (fault == MEMFS_RENAME_KEEPS) {
		over = node_make(n->parent, n->name, 0);
		node_resize(over, n->size);
		memcpy(over->data, n->data, n->size);
	}
	n->parent = (uint32_t)get_u64(m, BODY);
	strcpy(n->name, new);
	return 0;
}

static int
do_read(struct span m)
{
	struct node *n = node_get(get_u64(m, 16));
	uint64_t offset = get_u64(m, BODY + 8);
	size_t size = get_u32(m, BODY + 16), left;

	left = offset < n->size ? n->size - (size_t)offset : 0;
	if (fault == MEMFS_READS_SHORT && left > 200000)
		left = 100000;
	if (size > left)
		size = left;
	wire_put_bytes(&out, n->data + offset, size);
	if (fault == MEMFS_FLIPS_BYTE && n->size > 600000 &&
	    offset <= 500000 && offset + size > 500000)
		out.p[WIRE_REP_HEADER + 500000 - offset] ^= 1;
	if (fault == MEMFS_GROWS && n->size > 60000 && offset == n->size)
		wire_put_u32(&out, 0);
	return 0;
}

static int
do_write(struct span m)
{
	struct node *n = node_get(get_u64(m, 16));
	uint64_t fh = get_u64(m, BODY), offset = get_u64(m, BODY + 8);
	size_t size = get_u32(m, BODY + 16);

	if (fh == 0 && fault != MEMFS_NO_OPEN)
		return EBADF;
	if (fault == MEMFS_WRITES_SHORT && size > 60000)
		size -= 1;
	if (fault == MEMFS_APPEND_LOST && ((fh - 1) & O_APPEND) != 0)
		offset = n->size / 2;
	if (offset + size > n->size)
		node_resize(n, (size_t)offset + size);
	memcpy(n->data + offset, m.p + BODY + 40, size);
	wire_put_u32(&out, (uint32_t)size);
	wire_put_u32(&out, 0);
	return 0;
}

static int
do_setattr(struct span m)
{
	struct node *n = node_get(get_u64(m, 16));

	if (fault == MEMFS_REFUSES_SIZE)
		return EINVAL;
	if ((get_u32(m, BODY) & 1 << 3) != 0 && fault != MEMFS_IGNORES_SIZE)
		node_resize(n, (size_t)get_u64(m, BODY + 16));
	wire_put_zero(&out, 16);
	put_attr(n);
	return 0;
}

static int
do_readdir(struct span m)
{
	uint64_t parent = get_u64(m, 16), i = get_u64(m, BODY + 8);
	size_t size = get_u32(m, BODY + 16), len, start = out.len;
	int again = 0;

	for (; i < NODES; i++) {
		if (i == 0 || !nodes[i].linked || nodes[i].parent != parent)
			continue;
		if (fault == MEMFS_NAME_MISSING && i % 50 == 7)
			continue;
		len = strlen(nodes[i].name);
		if (out.len - start + 24 + (len + 7) / 8 * 8 > size)
			break;
		wire_put_u64(&out, i + 1);
		wire_put_u64(&out, i + 1);
		wire_put_u32(&out, (uint32_t)len);
		wire_put_u32(&out, 0);
		wire_put_bytes(&out, nodes[i].name, len);
		wire_put_zero(&out, (8 - len % 8) % 8);
		if (fault == MEMFS_NAME_TWICE && i % 50 == 7 && again++ == 0)
			i--;
	}
	return 0;
}

static void
do_forget(uint64_t id, uint64_t count)
{
	struct node *n = node_get(id);

	if (n->lookups < count)
		_exit(2);
	n->lookups -= count;
	if (fault == MEMFS_FORGETS_ALL)
		n->linked = 0;
	node_drop(n);
}

static void
do_batch_forget(struct span m)
{
	uint32_t i, count = get_u32(m, BODY);

	for (i = 0; i < count; i++)
		do_forget(get_u64(m, BODY + 8 + 16ul * i),
		    get_u64(m, BODY + 16 + 16ul * i));
}

static int
do_init(void)
{
	wire_put_u32(&out, 7);
	wire_put_u32(&out, 31);
	wire_put_zero(&out, 12);
	wire_put_u32(&out, MAX_WRITE);
	wire_put_zero(&out, 40);
	return 0;
}

static int
do_statfs(void)
{
	if (fault == MEMFS_NO_STATFS)
		return EIO;
	wire_put_zero(&out, 40);
	wire_put_u32(&out, 4096);
	wire_put_u32(&out, 255);
	wire_put_zero(&out, 32);
	return 0;
}

static int
do_request(struct span m)
{
	switch (get_u32(m, 4)) {
	case FUSE_OP_INIT:
		return do_init();
	case FUSE_OP_LOOKUP:
		return do_lookup(m);
	case FUSE_OP_MKDIR:
		return do_make(m, BODY + 8, 1);
	case FUSE_OP_MKNOD:
		return do_make(m, BODY + 16, 0);
	case FUSE_OP_CREATE:
		return do_create(m);
	case FUSE_OP_UNLINK:
		return do_remove(m, 0);
	case FUSE_OP_RMDIR:
		return do_remove(m, 1);
	case FUSE_OP_RENAME:
		return do_rename(m);
	case FUSE_OP_OPEN:
	case FUSE_OP_OPENDIR:
		if (fault == MEMFS_NO_OPEN)
			return ENOSYS;
		put_open(get_u32(m, BODY));
		return 0;
	case FUSE_OP_FLUSH:
		return fault == MEMFS_NO_FLUSH ? ENOSYS : 0;
	case FUSE_OP_RELEASE:
	case FUSE_OP_RELEASEDIR:
		return 0;
	case FUSE_OP_READ:
		return do_read(m);
	case FUSE_OP_WRITE:
		return do_write(m);
	case FUSE_OP_GETATTR:
		wire_put_zero(&out, 16);
		put_attr(node_get(get_u64(m, 16)));
		return 0;
	case FUSE_OP_SETATTR:
		return do_setattr(m);
	case FUSE_OP_READDIR:
		return do_readdir(m);
	case FUSE_OP_STATFS:
		return do_statfs();
	default:
		return ENOSYS;
	}
}

static void
send_out(struct wire_buf *b)
{
	struct span m;
	ssize_t n;

	if (wire_end(b, &m) != E_OK)
		_exit(2);
	for (; m.len > 0; m = span_from(m, (size_t)n))
		if ((n = write(fd, m.p, m.len)) <= 0)
			_exit(2);
}

/* Answer, or when reordering keep the answer until the next one is out. */
static void
reply(void)
{
	struct pollfd more = { .fd = fd, .events = POLLIN };
	struct wire_buf swap;

	if (fault == MEMFS_REORDERS && !holding && poll(&more, 1, 2) == 1) {
		swap = held;
		held = out;
		out = swap;
		holding = 1;
		return;
	}
	send_out(&out);
	if (holding)
		send_out(&held);
	holding = 0;
}

static int
read_all(uint8_t *p, size_t len)
{
	ssize_t n;

	for (; len > 0; p += n, len -= (size_t)n)
		if ((n = read(fd, p, len)) <= 0)
			return -1;
	return 0;
}

static void
serve_one(struct span m)
{
	uint64_t unique = get_u64(m, 8);
	int r;

	if (get_u32(m, 4) == FUSE_OP_FORGET) {
		do_forget(get_u64(m, 16), get_u64(m, BODY));
		return;
	}
	if (get_u32(m, 4) == FUSE_OP_BATCH_FORGET) {
		do_batch_forget(m);
		return;
	}
	wire_begin_reply(&out, unique, 0);
	if ((r = do_request(m)) != 0)
		wire_begin_reply(&out, unique, -r);
	reply();
}

int
memfs_serve(int channel, enum memfs_fault chosen)
{
	static uint8_t request[REQUEST_MAX];
	uint32_t len;
	int i;

	fd = channel;
	fault = chosen;
	nodes[0].used = nodes[0].dir = 1;
	while (read_all(request, WIRE_REQ_HEADER) == 0) {
		memcpy(&len, request, sizeof(len));
		if (len < WIRE_REQ_HEADER || len > REQUEST_MAX)
			return 2;
		if (read_all(request + WIRE_REQ_HEADER,
			len - WIRE_REQ_HEADER) != 0)
			return 2;
		serve_one((struct span){ request, len });
	}
	if (holding)
		send_out(&held);
	wire_buf_fini(&out);
	wire_buf_fini(&held);
	for (i = 1; i < NODES; i++)
		if (nodes[i].used)
			return 1;
	return 0;
}
