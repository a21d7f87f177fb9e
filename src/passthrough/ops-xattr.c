/* SPDX-License-Identifier: ISC */
/*
 * Extended attributes.  No system call of theirs takes an O_PATH
 * descriptor, so they go by the path in /proc/self/fd.
 */
#include <errno.h>
#include <linux/limits.h>
#include <linux/xattr.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

#include "passthrough/fs.h"

/* What a client may ask for in one reply; the kernel asks no more. */
#define XATTR_REPLY_MAX \
	(XATTR_SIZE_MAX > XATTR_LIST_MAX ? XATTR_SIZE_MAX : XATTR_LIST_MAX)

/*
 * A new ACL changes the mode, and a set-group-id bit may be lost by that:
 * it depends on the caller's groups.
 */
static int
xattr_set(fuse_req_t req, const struct inode *in, const char *name,
    const char *value, size_t size, int flags)
{
	struct fs *fs = fs_of(req);
	int acl = strcmp(name, XATTR_NAME_POSIX_ACL_ACCESS) == 0, r;
	struct cred c;

	if (acl && (r = cred_acl(&fs->cred, req, &c)) != 0)
		return r;
	r = setxattr(fs_path(in->fd).s, name, value, size, flags) == -1 ?
	    errno :
	    0;
	if (acl)
		cred_end(&fs->cred, &c);
	return r;
}

void
fs_setxattr(fuse_req_t req, fuse_ino_t ino, const char *name,
    const char *value, size_t size, int flags)
{
	struct fs *fs = fs_of(req);
	struct inode *in;
	int r;

	if ((r = fs_check_write(fs)) == 0 &&
	    (r = inode_get(&fs->inodes, ino, &in)) == 0) {
		r = xattr_set(req, in, name, value, size, flags);
		inode_put(&fs->inodes, in);
	}
	fuse_reply_err(req, r);
}

/* name NULL: the list of names. */
static void
xattr_get(fuse_req_t req, fuse_ino_t ino, const char *name, size_t size)
{
	struct fs *fs = fs_of(req);
	struct inode *in;
	char *buf = NULL;
	struct fs_path path;
	ssize_t n = -1;
	int r;

	if (size > XATTR_REPLY_MAX)
		size = XATTR_REPLY_MAX;
	if (size > 0 && (buf = malloc(size)) == NULL) {
		fuse_reply_err(req, ENOMEM);
		return;
	}
	if ((r = inode_get(&fs->inodes, ino, &in)) == 0) {
		path = fs_path(in->fd);
		n = name == NULL ? listxattr(path.s, buf, size) :
				   getxattr(path.s, name, buf, size);
		if (n == -1)
			r = errno;
		inode_put(&fs->inodes, in);
	}
	if (r != 0)
		fuse_reply_err(req, r);
	else if (size == 0)
		fuse_reply_xattr(req, (size_t)n);
	else
		fuse_reply_buf(req, buf, (size_t)n);
	free(buf);
}

void
fs_getxattr(fuse_req_t req, fuse_ino_t ino, const char *name, size_t size)
{
	xattr_get(req, ino, name, size);
}

void
fs_listxattr(fuse_req_t req, fuse_ino_t ino, size_t size)
{
	xattr_get(req, ino, NULL, size);
}

void
fs_removexattr(fuse_req_t req, fuse_ino_t ino, const char *name)
{
	struct fs *fs = fs_of(req);
	struct inode *in;
	int r;

	if ((r = fs_check_write(fs)) == 0 &&
	    (r = inode_get(&fs->inodes, ino, &in)) == 0) {
		if (removexattr(fs_path(in->fd).s, name) == -1)
			r = errno;
		inode_put(&fs->inodes, in);
	}
	fuse_reply_err(req, r);
}
