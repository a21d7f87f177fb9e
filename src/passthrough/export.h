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
#ifndef FR_PASSTHROUGH_EXPORT_H
#define FR_PASSTHROUGH_EXPORT_H

#include <fcntl.h>

struct export
{
	int mount_fd; /* in the file system; -1: not possible here */
};

/* root_fd: O_PATH descriptor of the source, borrowed for the call. */
void export_init(struct export *ex, int root_fd);
void export_fini(struct export *ex);

/* Can files be opened by their handles here? */
int export_opens(const struct export *ex);

/* The handle of an O_PATH descriptor; *h is the caller's to free().
 * 0 or errno. */
int export_make(int fd, struct file_handle **h)
    __attribute__((warn_unused_result));

/* Is the file of an O_PATH descriptor the one of that handle? */
int export_is(const struct file_handle *h, int fd);

/* A new O_PATH descriptor in *fd.  0 or errno: ESTALE if it is gone. */
int export_open(const struct export *ex, struct file_handle *h, int *fd)
    __attribute__((warn_unused_result));

#endif
