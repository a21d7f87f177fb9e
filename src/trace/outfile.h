/* SPDX-License-Identifier: ISC */
/*
 * Files that traces are written to.  They show what users do, so only their
 * owner may read them, and nobody can make the relay write to another file: no
 * symbolic link is followed, a new file is created exclusively, and a file
 * that was there before is replaced.  The directory is kept open, since a file
 * system may be mounted over it that this relay serves.
 */
#ifndef FR_TRACE_OUTFILE_H
#define FR_TRACE_OUTFILE_H

#include "base/err.h"

struct outfile {
	int dir;    /* owned, or AT_FDCWD */
	char *name; /* owned */
};

/* The directory of path must be there.  E_NOMEM, E_SYS. */
int outfile_init(struct outfile *o, const char *path) ERR_MUSTCHECK;
void outfile_fini(struct outfile *o);

/*
 * Open for writing: with n = 0 the path itself, else "path.n".  A FIFO or
 * a device is opened as it is, "/dev/fd/N" means that descriptor.  E_NOMEM,
 * E_SYS (ELOOP: a symbolic link).
 */
int outfile_create(const struct outfile *o, unsigned n, int *fd) ERR_MUSTCHECK;

/* Open to append, creating it if need be.  E_SYS. */
int outfile_append(const struct outfile *o, int *fd) ERR_MUSTCHECK;

/* Remove the n-th. */
void outfile_remove(const struct outfile *o, unsigned n);

#endif
