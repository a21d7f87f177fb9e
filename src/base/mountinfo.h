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

/* A row.  Strings lie in the line that it was made of. */
struct mountinfo {
	int id;		       /* of the mount, while it exists */
	int parent;	       /* id of the mount that it is mounted on */
	unsigned major, minor; /* device number of the file system */
	char *point;	       /* where, from the reader's root; octal
				 * escapes are undone in point and source */
	char *type;	       /* "fuse.sshfs" */
	char *source;
};

/* What is known of a mount that is on top at a path. */
struct mountinfo_top {
	int is_fuse; /* 0: it is not known */
	unsigned major, minor;
};

/* Look at what is on top at a path that leads through no symbolic link, in our
 * table; *top is all 0 if no mount of FUSE's type is. */
void mountinfo_look(const char *path, struct mountinfo_top *top);

/* Is what was on top there on top again, or not known? */
int mountinfo_is_on_top(const char *path, const struct mountinfo_top *was);

/* Take a line apart, in place.  E_VALUE: it is none of that table. */
int mountinfo_parse(char *line, struct mountinfo *m) ERR_MUSTCHECK;

/* Is it of type fuse, fuseblk, or a subtype of those? */
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
