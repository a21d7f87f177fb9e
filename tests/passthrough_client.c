/* SPDX-License-Identifier: ISC */
#include "passthrough_client.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "passthrough/fs.h"

#define ROOM (2u << 20)

char client_source[64];
uint8_t client_reply[ROOM];
size_t client_reply_len;

static struct fs fs;
static struct options opt;
static struct fuse_session *se;
static struct fuse_args args;
static uint64_t unique;
static int replied, error, broken;
static const char *lost;

static ssize_t
catch_reply(int fd, struct iovec *iov, int count, void *userdata)
{
	struct fuse_out_header h;
	size_t total = 0, n;
	int i;

	(void)fd, (void)userdata;
	memcpy(&h, iov[0].iov_base, sizeof(h));
	for (i = 0; i < count; i++)
		total += iov[i].iov_len;
	ck_assert_uint_eq(h.len, total);
	if (h.unique == 0)
		return (ssize_t)total;
	/* Exactly one reply, to what was asked. */
	ck_assert_uint_eq(h.unique, unique);
	ck_assert_int_eq(replied, 0);
	replied = 1;
	if (broken) {
		broken = 0;
		errno = ENOENT;
		return -1;
	}
	error = -h.error;
	client_reply_len = 0;
	for (i = 1; i < count; i++) {
		n = iov[i].iov_len;
		ck_assert_uint_le(n, ROOM - client_reply_len);
		memcpy(client_reply + client_reply_len, iov[i].iov_base, n);
		client_reply_len += n;
	}
	return (ssize_t)total;
}

static ssize_t
no_read(int fd, void *buf, size_t len, void *userdata)
{
	(void)fd, (void)buf, (void)len, (void)userdata;
	errno = ENODEV;
	return -1;
}

int
client_call(uint32_t opcode, uint64_t node, const void *p, size_t n,
    const char *name, const char *name2)
{
	static uint8_t msg[ROOM];
	struct fuse_buf buf = { .mem = msg };
	struct fuse_in_header h = { .opcode = opcode,
		.nodeid = node,
		.uid = getuid(),
		.gid = getgid(),
		.pid = (uint32_t)getpid() };
	const char *names[2] = { name, name2 };
	size_t len = sizeof(h);
	int i;

	if (n > 0)
		memcpy(msg + len, p, n);
	len += n;
	for (i = 0; i < 2; i++)
		if (names[i] != NULL) {
			strcpy((char *)msg + len, names[i]);
			len += strlen(names[i]) + 1;
		}
	h.len = (uint32_t)len;
	h.unique = unique += 2;
	memcpy(msg, &h, sizeof(h));
	buf.size = len;
	replied = error = 0;
	fuse_session_process_buf(se, &buf);
	return replied ? error : -1;
}

static void
client_init(void)
{
	struct fuse_init_in in = { .major = 7,
		.minor = 36,
		.max_readahead = 65536,
		.flags = 0xffffffff & ~(1u << 31) };

	ck_assert_int_eq(
	    client_call(FUSE_INIT, 0, &in, sizeof(in), NULL, NULL), 0);
	ck_assert_uint_eq(client_reply_len, sizeof(struct fuse_init_out));
}

void
client_start(const char *option)
{
	static const struct fuse_custom_io io = { .read = no_read,
		.writev = catch_reply };
	const char *what;
	int fd;

	memset(&opt, 0, sizeof(opt));
	strcpy(client_source, "/tmp/check_passthrough.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(client_source));
	opt.source = client_source;
	opt.source_fd = open(client_source, O_PATH | O_DIRECTORY);
	opt.cache = CACHE_AUTO;
	opt.max_handles = strcmp(option, "few") == 0 ? 4 : HANDLE_MAX;
	opt.readonly = strcmp(option, "readonly") == 0;
	args = (struct fuse_args)FUSE_ARGS_INIT(0, NULL);
	ck_assert_int_eq(fuse_opt_add_arg(&args, "check"), 0);
	se = fuse_session_new(&args, &fs_ops, sizeof(fs_ops), &fs);
	ck_assert_ptr_nonnull(se);
	fd = open("/dev/null", O_RDWR);
	ck_assert_int_eq(fuse_session_custom_io(se, &io, fd), 0);
	ck_assert_int_eq(fs_init(&fs, &opt, &what), 0);
	client_init();
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *f)
{
	(void)st, (void)type, (void)f;
	return remove(path);
}

void
client_stop(void)
{
	fs_fini(&fs);
	fuse_session_destroy(se);
	fuse_opt_free_args(&args);
	close(opt.source_fd);
	ck_assert_int_eq(chdir("/"), 0);
	nftw(client_source, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

unsigned
client_nodes(void)
{
	return inode_table_used(&fs.inodes);
}

unsigned
client_handles(void)
{
	return handle_table_used(&fs.handles);
}

void
client_break_reply(void)
{
	broken = 1;
}

void
client_lose(const char *name)
{
	lost = name;
}

int
statx(int dir_fd, const char *name, int flags, unsigned mask, struct statx *sx)
{
	if (lost != NULL && strcmp(name, lost) == 0) {
		lost = NULL;
		unlinkat(dir_fd, name, 0);
	}
	return (int)syscall(SYS_statx, dir_fd, name, flags, mask, sx);
}

int
client_lookup(uint64_t node, const char *name, uint64_t *id)
{
	struct fuse_entry_out e = { 0 };
	int r = client_call(FUSE_LOOKUP, node, NULL, 0, name, NULL);

	if (r == 0)
		memcpy(&e, client_reply, sizeof(e));
	*id = e.nodeid;
	return r;
}

void
client_forget(uint64_t node, uint64_t n)
{
	struct fuse_forget_in in = { .nlookup = n };

	ck_assert_int_eq(
	    client_call(FUSE_FORGET, node, &in, sizeof(in), NULL, NULL), -1);
}

int
client_getattr(uint64_t node)
{
	struct fuse_getattr_in in = { 0 };

	return client_call(FUSE_GETATTR, node, &in, sizeof(in), NULL, NULL);
}

int
client_open(uint64_t node, uint32_t flags, uint64_t *fh)
{
	struct fuse_open_in in = { .flags = flags };
	struct fuse_open_out out = { 0 };
	int r;

	r = client_call((flags & O_DIRECTORY) != 0 ? FUSE_OPENDIR : FUSE_OPEN,
	    node, &in, sizeof(in), NULL, NULL);
	if (r == 0)
		memcpy(&out, client_reply, sizeof(out));
	*fh = out.fh;
	return r;
}

int
client_create(uint64_t node, const char *name, uint32_t flags, uint64_t *id,
    uint64_t *fh)
{
	struct fuse_create_in in = { .flags = flags | O_CREAT,
		.mode = 0644 | S_IFREG };
	struct fuse_entry_out e = { 0 };
	struct fuse_open_out out = { 0 };
	int r;

	r = client_call(FUSE_CREATE, node, &in, sizeof(in), name, NULL);
	if (r == 0) {
		memcpy(&e, client_reply, sizeof(e));
		memcpy(&out, client_reply + sizeof(e), sizeof(out));
	}
	*id = e.nodeid;
	*fh = out.fh;
	return r;
}

int
client_read(uint64_t node, uint64_t fh)
{
	struct fuse_read_in in = { .fh = fh, .size = 4096 };

	return client_call(FUSE_READ, node, &in, sizeof(in), NULL, NULL);
}

int
client_write(uint64_t node, uint64_t fh, uint64_t off, uint32_t flags,
    uint32_t write_flags, const char *text)
{
	struct {
		struct fuse_write_in in;
		char data[256];
	} m = { .in = { .fh = fh,
		    .offset = off,
		    .flags = flags,
		    .write_flags = write_flags,
		    .size = (uint32_t)strlen(text) } };

	strcpy(m.data, text);
	return client_call(FUSE_WRITE, node, &m, sizeof(m.in) + strlen(text),
	    NULL, NULL);
}

int
client_release(uint64_t node, uint64_t fh)
{
	struct fuse_release_in in = { .fh = fh };

	return client_call(FUSE_RELEASE, node, &in, sizeof(in), NULL, NULL);
}

int
client_readdir(uint64_t node, uint64_t fh, uint64_t off, uint32_t size,
    int plus)
{
	struct fuse_read_in in = { .fh = fh, .offset = off, .size = size };

	return client_call(plus ? FUSE_READDIRPLUS : FUSE_READDIR, node, &in,
	    sizeof(in), NULL, NULL);
}
