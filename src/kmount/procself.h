/* SPDX-License-Identifier: ISC */
/*
 * What /proc/self tells a process of its own descriptors, also when its root
 * is elsewhere by then.  Functions return 0 or an errno.
 */
#ifndef FR_KMOUNT_PROCSELF_H
#define FR_KMOUNT_PROCSELF_H

#include <stddef.h>

/* Open /proc/self (O_PATH), before the process changes its root or mount
 * namespace.  -1 and errno. */
int procself_open(void);

/* The id of the mount that descriptor fd is in; its file system is not
 * accessed. */
int procself_id(int self, int fd, int *id);

/* The same for a name in directory dir; no symbolic link is followed. */
int procself_id_at(int self, int dir, const char *name, int *id);

/* The path that a descriptor has now, from our root; ENAMETOOLONG. */
int procself_path_of(int self, int fd, char *out, size_t cap);

/* Is descriptor fd a directory?  Its file system is not accessed. */
int procself_is_directory(int self, int fd);

/* Unmount, lazily, the mount that descriptor fd is the root of. */
void procself_detach(int self, int fd);

/* A row of this process' table of mounts. */
struct procself_row {
	unsigned major, minor;
	int is_fuse;
	char point[4096]; /* cut, if it is longer */
};

/* The row of this id; ENOENT. */
int procself_find(int self, int id, struct procself_row *out);

#endif
