/* SPDX-License-Identifier: ISC */
#include "passthrough/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/log.h"
#include "passthrough/beneath.h"

int
fs_init(struct fs *fs, const struct options *opt, const char **what)
{
	uint32_t seed = 0;
	int root, r;

	memset(fs, 0, sizeof(*fs));
	fs->opt = opt;
	*what = "/proc/self/fd";
	fs->proc_fd = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fs->proc_fd == -1)
		return errno;
	if (fchdir(fs->proc_fd) == -1) {
		r = errno;
		close(fs->proc_fd);
		return r;
	}
	*what = opt->source;
	root = fcntl(opt->source_fd, F_DUPFD_CLOEXEC, 3);
	r = root == -1 ? errno : 0;
	/* Differs from mount to mount; need not be secret. */
	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) == -1)
		seed = (uint32_t)getpid();
	if (r == 0 && (r = inode_table_init(&fs->inodes, root, seed)) != 0)
		close(root);
	if (r != 0) {
		close(fs->proc_fd);
		return r;
	}
	handle_table_init(&fs->handles, opt->max_handles, seed);
	return 0;
}

void
fs_fini(struct fs *fs)
{
	uint64_t lookups;
	unsigned handles, nodes;

	handles = handle_table_fini(&fs->handles);
	nodes = inode_table_fini(&fs->inodes, &lookups);
	log_debug("left at the end: %u handles, %u nodes with %llu references",
	    handles, nodes, (unsigned long long)lookups);
	close(fs->proc_fd);
}

static void
fs_start(void *userdata, struct fuse_conn_info *conn)
{
	struct fs *fs = userdata;

	/* The kernel clears the set-id bits: it knows who writes. */
	conn->want &= ~(unsigned)FUSE_CAP_HANDLE_KILLPRIV;
	/* The device may be a socket, which no page can be moved to. */
	conn->want &= ~(unsigned)(FUSE_CAP_SPLICE_READ |
	    FUSE_CAP_SPLICE_WRITE | FUSE_CAP_SPLICE_MOVE);
	if (fs->opt->writeback &&
	    (conn->capable & FUSE_CAP_WRITEBACK_CACHE) != 0) {
		conn->want |= FUSE_CAP_WRITEBACK_CACHE;
		fs->writeback = 1;
	}
	log_debug("protocol %u.%u, max_write %u, flags 0x%x of 0x%x",
	    conn->proto_major, conn->proto_minor, conn->max_write,
	    conn->want, conn->capable);
}

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
fs_enter(struct fs *fs, int fd, struct fuse_entry_param *e)
{
	int r;

	memset(e, 0, sizeof(*e));
	if (fstatat(fd, "", &e->attr, AT_EMPTY_PATH) == -1) {
		r = errno;
		close(fd);
		return r;
	}
	e->attr_timeout = fs->opt->attr_timeout;
	e->entry_timeout = fs->opt->entry_timeout;
	return inode_enter(&fs->inodes, fd, &e->attr, &e->ino);
}

int
fs_look(struct fs *fs, const struct inode *dir, const char *name,
    struct fuse_entry_param *e)
{
	int fd, r;

	memset(e, 0, sizeof(*e));
	if ((r = fs_check_name(name)) != 0)
		return r;
	if ((fd = beneath_open(dir->fd, name, O_PATH | O_NOFOLLOW, 0)) == -1)
		return errno;
	return fs_enter(fs, fd, e);
}

void
fs_unlook(struct fs *fs, const struct fuse_entry_param *e)
{
	if (e->ino != 0)
		inode_forget(&fs->inodes, e->ino, 1);
}

void
fs_reply_entry(fuse_req_t req, int r, const struct fuse_entry_param *e)
{
	struct fs *fs = fs_of(req);

	if (r != 0)
		fuse_reply_err(req, r);
	else if (fuse_reply_entry(req, e) != 0)
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
};
