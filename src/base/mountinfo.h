/* SPDX-License-Identifier: ISC */
/*
 * The kernel's table of mounts, as /proc/PID/mountinfo has it.
 *
 * It tells which mounts there are without asking any of them: a look at the
 * path of a FUSE mount would wait for its daemon.
 */
#ifndef FR_BASE_MOUNTINFO_H
#define FR_BASE_MOUNTINFO_H

#include "base/err.h"

/* A row of the table.  Its strings lie in the line that was parsed. */
struct mountinfo {
	int id;		       /* of the mount, while it exists */
	int parent;	       /* id of the mount that it is mounted on */
	unsigned major, minor; /* device number of the file system */
	char *point;	       /* where, from the reader's root; octal
				 * escapes are undone in point and source */
	char *type;	       /* "fuse.sshfs" */
	char *source;
};

/* The mount that is on top at a path. */
struct mountinfo_top {
	int is_fuse; /* 0: it is not known */
	unsigned major, minor;
};

/* Look up in this process' table which mount is on top at a path (that leads
 * through no symbolic link).  *top is all zeros if that is no FUSE mount. */
void mountinfo_look(const char *path, struct mountinfo_top *top);

/* Is the mount `was` still on top at the path?  Also 1 if `was` is all zeros,
 * since then nothing can be compared. */
int mountinfo_is_on_top(const char *path, const struct mountinfo_top *was);

/* Parse a line, in place.  E_VALUE: it is no row of that table. */
int mountinfo_parse(char *line, struct mountinfo *m) ERR_MUSTCHECK;

/* Is its type fuse, fuseblk, or a subtype of one of them? */
int mountinfo_is_fuse(const struct mountinfo *m);
int mountinfo_type_is_fuse(const char *type);

/*
 * Call visit() for each row of the table that can be read from descriptor
 * fd, which is closed, until it returns something else than 0.  The last row
 * at a place is the one on top.  Rows that can't be understood are passed
 * over.  E_SYS, also for fd == -1 (errno is that of its open() then).
 */
int mountinfo_walk(int fd, int (*visit)(void *arg, const struct mountinfo *m),
    void *arg) ERR_MUSTCHECK;

#endif
