/* SPDX-License-Identifier: ISC */
/* What /proc tells of another process or thread. */
#ifndef FR_ATTACH_PROC_H
#define FR_ATTACH_PROC_H

#include <sys/types.h>

#include "base/err.h"

/* A field of /proc/PID/status ("Tgid:") as a number of this base.  E_SYS,
 * E_NOTFOUND. */
int proc_status(pid_t pid, const char *field, int base,
    unsigned long long *out) ERR_MUSTCHECK;

/* Is the link `name` (relative to the directory dir, as with openat()), one
 * of those in /proc/PID/fd, the socket with this inode? */
int proc_is_socket(int dir, const char *name, ino_t inode);

#endif
