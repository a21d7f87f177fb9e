/* SPDX-License-Identifier: ISC */
#include "passthrough/fs.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/msgbuf.h"
#include "passthrough/beneath.h"

/* More than that does not make anything faster, but costs the kernel. */
#define NODE_FDS_MAX 65536u

/* Descriptors for nodes: half of what may be open, the rest is for files. */
static unsigned
node_fds(const struct options *opt)
{
	struct rlimit rl;

	if (opt->node_fds != 0)
		return opt->node_fds;
	if (getrlimit(RLIMIT_NOFILE, &rl) == -1 ||
	    rl.rlim_cur / 2 > NODE_FDS_MAX)
		return NODE_FDS_MAX;
	return (unsigned)(rl.rlim_cur / 2);
}

/* The process stands in its /proc/self/fd from here on. */
static int
fs_enter_proc(struct fs *fs)
{
	int r;

	fs->proc_fd = open("/proc/self/fd",
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fs->proc_fd == -1)
		return errno;
	if (fchdir(fs->proc_fd) == 0)
		return 0;
	r = errno;
	close(fs->proc_fd);
	return r;
}

int
fs_init(struct fs *fs, const struct options *opt, const char **what)
{
	uint32_t seed = 0;
	int root, r;

	memset(fs, 0, sizeof(*fs));
	fs->opt = opt;
	*what = "/proc/self/fd";
	if ((r = fs_enter_proc(fs)) != 0)
		return r;
	*what = opt->source;
	root = fcntl(opt->source_fd, F_DUPFD_CLOEXEC, 3);
	r = root == -1 ? errno : cred_init(&fs->cred);
	/* Differs from mount to mount; need not be secret. */
	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) == -1)
		seed = (uint32_t)getpid();
	if (r == 0)
		r = inode_table_init(&fs->inodes, root, node_fds(opt), seed);
	if (r != 0) {
		file_close(&root);
		cred_fini(&fs->cred);
		close(fs->proc_fd);
		return r;
	}
	handle_table_init(&fs->handles, opt->max_handles, seed);
	lock_table_init(&fs->locks, &fs->handles);
	return 0;
}

void
fs_fini(struct fs *fs)
{
	uint64_t lookups;
	unsigned handles, nodes;

	lock_table_fini(&fs->locks);
	handles = handle_table_fini(&fs->handles);
	nodes = inode_table_fini(&fs->inodes, &lookups);
	log_debug("at the end: %u open files, %u nodes, %llu references",
	    handles, nodes, (unsigned long long)lookups);
	assert(atomic_load(&fs->opens_sent) == (long long)handles);
	assert(atomic_load(&fs->refs_sent) == (long long)lookups);
	cred_fini(&fs->cred);
	close(fs->proc_fd);
}

static void
want_if(struct fuse_conn_info *conn, int condition, unsigned cap)
{
	if (condition && (conn->capable & cap) != 0)
		conn->want |= cap;
	else
		conn->want &= ~cap;
}

static void
fs_start(void *userdata, struct fuse_conn_info *conn)
{
	struct fs *fs = userdata;
	const struct options *opt = fs->opt;
	struct negotiate *n = &fs->negotiate;

	want_if(conn, opt->writeback, FUSE_CAP_WRITEBACK_CACHE);
	fs->writeback = (conn->want & FUSE_CAP_WRITEBACK_CACHE) != 0;
	want_if(conn, fs->cred.masks, FUSE_CAP_DONT_MASK);
	fs->masks = (conn->want & FUSE_CAP_DONT_MASK) != 0;
	want_if(conn, opt->default_permissions && fs->masks,
	    FUSE_CAP_POSIX_ACL);
	want_if(conn, opt->cache == CACHE_ALWAYS, FUSE_CAP_CACHE_SYMLINKS);
	want_if(conn, !opt->local_locks, FUSE_CAP_POSIX_LOCKS);
	want_if(conn, !opt->local_locks, FUSE_CAP_FLOCK_LOCKS);
	/* Its second version, below, is the one that can be done right. */
	want_if(conn, 0, FUSE_CAP_HANDLE_KILLPRIV);
	n->want = NEGOTIATE_PARALLEL_DIROPS | NEGOTIATE_HANDLE_KILLPRIV_V2 |
	    NEGOTIATE_NO_EXPORT_SUPPORT;
	if (opt->cache == CACHE_NEVER)
		n->want |= NEGOTIATE_DIRECT_IO_ALLOW_MMAP;
	log_debug("protocol %u.%u, max_write %u, flags 0x%llx of 0x%llx",
	    conn->proto_major, conn->proto_minor, conn->max_write,
	    (unsigned long long)(n->offered & (n->want | conn->want)),
	    (unsigned long long)n->offered);
	if (!fhandle_can_open(&fs->inodes.by_handle))
		log_debug("no file handles here: nodes are found again by "
			  "their names");
}

static ssize_t
fs_io_read(int fd, void *buf, size_t len, void *userdata)
{
	struct fs *fs = userdata;
	ssize_t n;

	n = fs->socket ? msgbuf_read(fd, buf, len) : read(fd, buf, len);
	if (n > 0)
		negotiate_request(&fs->negotiate, buf, (size_t)n);
	return n;
}

static ssize_t
fs_io_writev(int fd, struct iovec *iov, int count, void *userdata)
{
	struct fs *fs = userdata;

	return negotiate_writev(&fs->negotiate, fd, iov, count);
}

/* No splice: the device may be a socket. */
const struct fuse_custom_io fs_io = {
	.read = fs_io_read,
	.writev = fs_io_writev,
};

struct fs_path
fs_path(int fd)
{
	struct fs_path p;

	snprintf(p.s, sizeof(p.s), "%d", fd);
	return p;
}

int
fs_check_name(const char *name)
{
	if (name[0] == '\0' || strchr(name, '/') != NULL)
		return EINVAL;
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return EINVAL;
	return 0;
}

int
fs_check_write(const struct fs *fs)
{
	return fs->opt->readonly ? EROFS : 0;
}

int
fs_spares(struct fs *fs, int e)
{
	return (e == EMFILE || e == ENFILE) && inode_spare(&fs->inodes);
}

int
fs_beneath(struct fs *fs, const struct inode *dir, const char *name, int flags,
    mode_t mode)
{
	int fd;

	do
		fd = beneath_open(dir->fd, name, flags, mode);
	while (fd == -1 && fs_spares(fs, errno));
	return fd;
}

int
fs_change(struct fs *fs, fuse_ino_t parent, const char *name,
    struct inode **dir)
{
	int r = fs_check_name(name);

	if (r == 0)
		r = fs_check_write(fs);
	return r == 0 ? inode_get(&fs->inodes, parent, dir) : r;
}

void
fs_setid_drop(fuse_req_t req)
{
	cred_keep_setid(&fs_of(req)->cred, fuse_req_ctx(req)->uid == 0);
}

void
fs_setid_keep(fuse_req_t req)
{
	cred_keep_setid(&fs_of(req)->cred, 1);
}

double
fs_attr_timeout(const struct fs *fs, const struct stat *st)
{
	if (S_ISREG(st->st_mode) && (st->st_mode & (S_ISUID | S_ISGID)) != 0)
		return 0;
	return fs->opt->attr_timeout;
}

/* What is the same for each reply about the file that e->attr is of. */
static void
fs_set_timeouts(const struct fs *fs, struct fuse_entry_param *e)
{
	e->attr_timeout = fs_attr_timeout(fs, &e->attr);
	e->entry_timeout = fs->opt->entry_timeout;
}

int
fs_enter(struct fs *fs, int fd, const struct inode *dir, const char *name,
    struct fuse_entry_param *e)
{
	int r;

	memset(e, 0, sizeof(*e));
	if (fstatat(fd, "", &e->attr, AT_EMPTY_PATH) == -1) {
		r = errno;
		close(fd);
		return r;
	}
	fs_set_timeouts(fs, e);
	return inode_enter(&fs->inodes, fd, &e->attr, dir, name, &e->ino);
}

/* As fs_look(), for what is there and has a node, or what is not there:
 * without opening it.  Else EAGAIN. */
static int
fs_look_known(struct fs *fs, const struct inode *dir, const char *name,
    struct fuse_entry_param *e)
{
	uint64_t since = inode_table_added(&fs->inodes);
	int r;

	if ((r = beneath_stat(dir->fd, name, &e->attr)) != 0)
		return r == ENOENT ? ENOENT : EAGAIN;
	fs_set_timeouts(fs, e);
	return inode_enter_known(&fs->inodes, since, &e->attr, dir, name,
	    &e->ino);
}

int
fs_look(struct fs *fs, const struct inode *dir, const char *name,
    struct fuse_entry_param *e)
{
	int fd, r;

	memset(e, 0, sizeof(*e));
	if ((r = fs_check_name(name)) != 0 ||
	    (r = fs_look_known(fs, dir, name, e)) != EAGAIN)
		return r;
	fd = fs_beneath(fs, dir, name, O_PATH | O_NOFOLLOW, 0);
	if (fd == -1)
		return errno;
	return fs_enter(fs, fd, dir, name, e);
}

void
fs_unlook(struct fs *fs, const struct fuse_entry_param *e)
{
	if (e->ino != 0)
		inode_forget(&fs->inodes, e->ino, 1);
}

struct inode *
fs_hold(struct fs *fs, const struct inode *dir, const char *name)
{
	struct stat st;
	int fd;

	if (fhandle_can_open(&fs->inodes.by_handle))
		return NULL;
	fd = fs_beneath(fs, dir, name, O_PATH | O_NOFOLLOW, 0);
	if (fd == -1)
		return NULL;
	if (fstat(fd, &st) == -1) {
		close(fd);
		return NULL;
	}
	return inode_hold(&fs->inodes, fd, &st);
}

void
fs_settle(struct fs *fs, struct inode *in, const struct inode *dir,
    const char *name)
{
	if (in != NULL)
		inode_settle(&fs->inodes, in, dir, name);
}

void
fs_reply_entry(fuse_req_t req, int r, const struct fuse_entry_param *e)
{
	struct fs *fs = fs_of(req);

	if (r != 0)
		fuse_reply_err(req, r);
	else if (fuse_reply_entry(req, e) != 0)
		fs_unlook(fs, e);
	else if (e->ino != 0)
		atomic_fetch_add(&fs->refs_sent, 1);
}

void
fs_reply_open(fuse_req_t req, struct fuse_file_info *fi, uint64_t id,
    fuse_ino_t ino, const struct fuse_entry_param *e)
{
	struct fs *fs = fs_of(req);
	int r;

	fi->fh = id;
	r = e == NULL ? fuse_reply_open(req, fi) :
			fuse_reply_create(req, e, fi);
	if (r == 0) {
		atomic_fetch_add(&fs->opens_sent, 1);
		atomic_fetch_add(&fs->refs_sent, e != NULL);
		return;
	}
	handle_release(&fs->handles, id, ino);
	if (e != NULL)
		fs_unlook(fs, e);
}

const struct fuse_lowlevel_ops fs_ops = {
	.init = fs_start,
	.lookup = fs_lookup,
	.forget = fs_forget,
	.forget_multi = fs_forget_multi,
	.getattr = fs_getattr,
	.setattr = fs_setattr,
	.readlink = fs_readlink,
	.mknod = fs_mknod,
	.mkdir = fs_mkdir,
	.unlink = fs_unlink,
	.rmdir = fs_rmdir,
	.symlink = fs_symlink,
	.rename = fs_rename,
	.link = fs_link,
	.open = fs_open,
	.read = fs_read,
	.write = fs_write,
	.flush = fs_flush,
	.release = fs_release,
	.fsync = fs_fsync,
	.opendir = fs_opendir,
	.readdir = fs_readdir,
	.readdirplus = fs_readdirplus,
	.releasedir = fs_releasedir,
	.fsyncdir = fs_fsyncdir,
	.statfs = fs_statfs,
	.setxattr = fs_setxattr,
	.getxattr = fs_getxattr,
	.listxattr = fs_listxattr,
	.removexattr = fs_removexattr,
	.access = fs_access,
	.create = fs_create,
	.fallocate = fs_fallocate,
	.lseek = fs_lseek,
	.copy_file_range = fs_copy_file_range,
	.getlk = fs_getlk,
	.setlk = fs_setlk,
	.flock = fs_flock,
};
