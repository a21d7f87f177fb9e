/* SPDX-License-Identifier: ISC */
/*
 * File handles of the source's file system (name_to_handle_at): a name for
 * a file that costs no descriptor, survives renames, and tells a file from
 * a later one with the same inode number.  Opening by it needs
 * CAP_DAC_READ_SEARCH and a file system that can.
 *
 * Where a file system has no such handles, this makes its own from the time
 * of birth.  They can't be opened by, but tell files apart all the same.
 */
#ifndef FR_PASSTHROUGH_FHANDLE_H
#define FR_PASSTHROUGH_FHANDLE_H

#include <fcntl.h>

struct fhandle_source {
	int mount_fd; /* in the file system; -1: not possible here */
};

/* root_fd: O_PATH descriptor of the source, borrowed for the call. */
void fhandle_init(struct fhandle_source *ex, int root_fd);
void fhandle_fini(struct fhandle_source *ex);

/* Can files be opened by their handles here? */
int fhandle_can_open(const struct fhandle_source *ex);

/* The handle of an O_PATH descriptor; *h is the caller's to free().
 * 0 or errno. */
int fhandle_make(int fd, struct file_handle **h)
    __attribute__((warn_unused_result));

/* Is the file of an O_PATH descriptor the one of that handle? */
int fhandle_is(const struct file_handle *h, int fd);

/* A new O_PATH descriptor in *fd.  0 or errno: ESTALE if it is gone. */
int fhandle_open(const struct fhandle_source *ex, struct file_handle *h,
    int *fd) __attribute__((warn_unused_result));

#endif
