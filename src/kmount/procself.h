/* SPDX-License-Identifier: ISC */
/*
 * What a process learns of its own descriptors from /proc, wherever its root
 * is by then.  Functions return 0 or an errno.
 */
#ifndef FR_KMOUNT_PROCSELF_H
#define FR_KMOUNT_PROCSELF_H

#include <stddef.h>

/* /proc/self of this process, O_PATH; -1 and errno.  To be opened before it
 * goes elsewhere. */
int procself_open(void);

/* The id of the mount that a descriptor is of.  (Its mount is not asked.) */
int procself_id(int self, int fd, int *id);

/* The same for a name in a directory; no symbolic link is followed. */
int procself_id_at(int self, int dir, const char *name, int *id);

/* The path that a descriptor has now, from our root; ENAMETOOLONG. */
int procself_path_of(int self, int fd, char *out, size_t cap);

/* Is it a directory?  (Not asked of its file system.) */
int procself_is_directory(int self, int fd);

/* Undo the mount of a descriptor, lazily, wherever it is. */
void procself_detach(int self, int fd);

/* A row of the table of mounts that we see. */
struct procself_row {
	unsigned major, minor;
	int is_fuse;
	char point[4096]; /* cut, if it is longer */
};

/* The row of this id; ENOENT. */
int procself_find(int self, int id, struct procself_row *out);

#endif
