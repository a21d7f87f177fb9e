/* SPDX-License-Identifier: ISC */
/*
 * The file system: what all operations share.
 *
 * An operation borrows the node or handle it was given, makes one system
 * call on its descriptor, and answers exactly once.  Functions here answer
 * 0 or the errno value that the client should see, as errno is what this
 * program passes on.
 *
 * The process stands in its own /proc/self/fd (see fs_init()), so that the
 * relative path "N" reaches the file behind descriptor N for the system
 * calls that take no descriptor.  "N" is a magic link: the walk ends on the
 * very file, also when that is a symbolic link.
 */
#ifndef FR_PASSTHROUGH_FS_H
#define FR_PASSTHROUGH_FS_H

#include <fuse_lowlevel.h>
#include <stdatomic.h>

#include "passthrough/cred.h"
#include "passthrough/handle.h"
#include "passthrough/inode.h"
#include "passthrough/lock.h"
#include "passthrough/negotiate.h"
#include "passthrough/options.h"

struct fs {
	const struct options *opt;
	struct inode_table inodes;
	struct handle_table handles;
	struct lock_table locks;
	struct cred_base cred;
	struct negotiate negotiate;
	atomic_llong refs_sent;	 /* references in replies, less those back */
	atomic_llong opens_sent; /* the same for handles */
	int proc_fd;		 /* the process's own /proc/self/fd */
	int socket;		 /* the device is one */
	int writeback;		 /* writeback cache was negotiated */
	int masks;		 /* the caller's umask is ours to apply */
};

/*
 * Opens the source and /proc/self/fd, and moves there; call it after
 * fuse_daemonize(), which changes directory too.  Says what failed in
 * `what`, a borrowed word.  0 or errno.
 */
int fs_init(struct fs *fs, const struct options *opt, const char **what)
    __attribute__((warn_unused_result));

/*
 * Frees all.  In a build with assert() it checks the accounts: what the
 * tables still hold must be exactly what went out in replies and did not
 * come back.  That need not be nothing: the kernel forgets all at the end of
 * a connection without a word.
 */
void fs_fini(struct fs *fs);

/* What fuse_session_new() and fuse_session_custom_io() are given. */
extern const struct fuse_lowlevel_ops fs_ops;
extern const struct fuse_custom_io fs_io;

static inline struct fs *
fs_of(fuse_req_t req)
{
	return fuse_req_userdata(req);
}

/* Answers with the error r, if it is one. */
static inline int
fs_failed(fuse_req_t req, int r)
{
	if (r != 0)
		fuse_reply_err(req, r);
	return r != 0;
}

/* "N" for descriptor N, relative to the directory the process is in. */
struct fs_path {
	char s[12];
};
struct fs_path fs_path(int fd);

/* EINVAL unless name is a single component other than "." and "..". */
int fs_check_name(const char *name);

/* EROFS under --readonly, else 0. */
int fs_check_write(const struct fs *fs);

/* Is errno value e a lack of descriptors that is over now?  Then try again. */
int fs_spares(struct fs *fs, int e);

/* As beneath_open() in dir, again if there was a lack of descriptors that is
 * over. */
int fs_beneath(struct fs *fs, const struct inode *dir, const char *name,
    int flags, mode_t mode) __attribute__((warn_unused_result));

/* Before a change of an entry: checks that name is one and that nothing is
 * read-only, and borrows the directory.  0 or errno. */
int fs_change(struct fs *fs, fuse_ino_t parent, const char *name,
    struct inode **dir) __attribute__((warn_unused_result));

/*
 * Before a change of data: set-id bits go unless the caller is root.  The
 * opposite before a change of attributes, which the kernel has judged.
 */
void fs_setid_drop(fuse_req_t req);
void fs_setid_keep(fuse_req_t req);

/*
 * For how many seconds the client may believe what it is told about a file.
 * Not at all if there are set-id bits: the change of data that clears them
 * is answered by a reply without attributes, and a notification would cost
 * every write a look at the mode, and not reach every client.
 */
double fs_attr_timeout(const struct fs *fs, const struct stat *st);

/*
 * Looks a name up below dir and counts one kernel reference; *e is ready
 * for the reply.  The caller gives the reference back with fs_unlook() if
 * the reply cannot be sent.
 */
int fs_look(struct fs *fs, const struct inode *dir, const char *name,
    struct fuse_entry_param *e) __attribute__((warn_unused_result));

/* The same for what was found there: an O_PATH descriptor, which is taken. */
int fs_enter(struct fs *fs, int fd, const struct inode *dir, const char *name,
    struct fuse_entry_param *e) __attribute__((warn_unused_result));
void fs_unlook(struct fs *fs, const struct fuse_entry_param *e);

/*
 * Around a change of names, as inode_hold() and inode_settle(); fs_hold()
 * answers NULL also where nothing needs to be done.
 */
struct inode *fs_hold(struct fs *fs, const struct inode *dir,
    const char *name);
void fs_settle(struct fs *fs, struct inode *in, const struct inode *dir,
    const char *name);

/* Answers an entry, or the error r if that is not 0. */
void fs_reply_entry(fuse_req_t req, int r, const struct fuse_entry_param *e);

/* Answers an open with handle id of node ino, and an entry if e is given. */
void fs_reply_open(fuse_req_t req, struct fuse_file_info *fi, uint64_t id,
    fuse_ino_t ino, const struct fuse_entry_param *e);

/* ops-name.c: names and nodes */
void fs_lookup(fuse_req_t req, fuse_ino_t parent, const char *name);
void fs_forget(fuse_req_t req, fuse_ino_t ino, uint64_t n);
void fs_forget_multi(fuse_req_t req, size_t count,
    struct fuse_forget_data *forgets);
void fs_readlink(fuse_req_t req, fuse_ino_t ino);
void fs_mknod(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
    dev_t rdev);
void fs_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name,
    mode_t mode);
void fs_symlink(fuse_req_t req, const char *target, fuse_ino_t parent,
    const char *name);
void fs_link(fuse_req_t req, fuse_ino_t ino, fuse_ino_t parent,
    const char *name);
void fs_unlink(fuse_req_t req, fuse_ino_t parent, const char *name);
void fs_rmdir(fuse_req_t req, fuse_ino_t parent, const char *name);
void fs_rename(fuse_req_t req, fuse_ino_t parent, const char *name,
    fuse_ino_t newparent, const char *newname, unsigned flags);

/* ops-attr.c: attributes */
void fs_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void fs_setattr(fuse_req_t req, fuse_ino_t ino, struct stat *attr, int set,
    struct fuse_file_info *fi);
void fs_access(fuse_req_t req, fuse_ino_t ino, int mask);
void fs_statfs(fuse_req_t req, fuse_ino_t ino);

/* ops-xattr.c: extended attributes */
void fs_setxattr(fuse_req_t req, fuse_ino_t ino, const char *name,
    const char *value, size_t size, int flags);
void fs_getxattr(fuse_req_t req, fuse_ino_t ino, const char *name,
    size_t size);
void fs_listxattr(fuse_req_t req, fuse_ino_t ino, size_t size);
void fs_removexattr(fuse_req_t req, fuse_ino_t ino, const char *name);

/* ops-open.c: the life of a handle */
void fs_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void fs_create(fuse_req_t req, fuse_ino_t parent, const char *name,
    mode_t mode, struct fuse_file_info *fi);
void fs_flush(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void fs_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void fs_fsync(fuse_req_t req, fuse_ino_t ino, int datasync,
    struct fuse_file_info *fi);

/* ops-data.c: what is in the file */
void fs_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
    struct fuse_file_info *fi);
void fs_write(fuse_req_t req, fuse_ino_t ino, const char *buf, size_t size,
    off_t off, struct fuse_file_info *fi);
void fs_fallocate(fuse_req_t req, fuse_ino_t ino, int mode, off_t off,
    off_t len, struct fuse_file_info *fi);
void fs_lseek(fuse_req_t req, fuse_ino_t ino, off_t off, int whence,
    struct fuse_file_info *fi);
void fs_copy_file_range(fuse_req_t req, fuse_ino_t ino_in, off_t off_in,
    struct fuse_file_info *fi_in, fuse_ino_t ino_out, off_t off_out,
    struct fuse_file_info *fi_out, size_t len, int flags);

/* ops-lock.c: locks */
void fs_getlk(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi,
    struct flock *record);
void fs_setlk(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi,
    struct flock *record, int sleep);
void fs_flock(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi,
    int op);

/* ops-dir.c: directories */
void fs_opendir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void fs_readdir(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
    struct fuse_file_info *fi);
void fs_readdirplus(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
    struct fuse_file_info *fi);
void fs_releasedir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void fs_fsyncdir(fuse_req_t req, fuse_ino_t ino, int datasync,
    struct fuse_file_info *fi);

#endif
