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

/*
 * The call that a thread waits in, and its first argument.  The number is as
 * the thread's own calling convention has it.  E_AGAIN (it runs), E_SYS.
 */
int proc_waits_in(pid_t tid, long *nr, unsigned long *arg) ERR_MUSTCHECK;

/* Is it one of those that read from the descriptor which is that argument? */
int proc_is_read(long nr);

/* Call each() for the threads of pid until it returns what is not 0; that, 0,
 * or E_SYS: it is gone. */
int proc_each_thread(pid_t pid, int (*each)(void *arg, pid_t tid), void *arg);

/* The same for all processes below `top`.  E_NOMEM, too. */
int proc_each_below(pid_t top, int (*each)(void *arg, pid_t pid), void *arg);

#endif
