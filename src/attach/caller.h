/* SPDX-License-Identifier: ISC */
/* Look into a process that waits in a trapped call. */
#ifndef FR_ATTACH_CALLER_H
#define FR_ATTACH_CALLER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

/* Copy the NUL-terminated string at address `from` of thread tid, "" for
 * address 0.  E_SYS, E_BIG (no NUL within cap bytes). */
int caller_string(pid_t tid, uint64_t from, char *out,
    size_t cap) ERR_MUSTCHECK;

/* The process that thread tid is of; 0 if it is gone. */
pid_t caller_process(pid_t tid);

/* O_* flags of descriptor fd in thread tid.  E_SYS, E_NOTFOUND. */
int caller_fd_flags(pid_t tid, int fd, int *flags) ERR_MUSTCHECK;

/* Copy descriptor fd of thread tid into this process, close-on-exec.
 * E_SYS. */
int caller_take_fd(pid_t tid, int fd, int *out) ERR_MUSTCHECK;

/* Does thread tid have CAP_SYS_ADMIN in effect, in its user namespace? */
int caller_may_mount(pid_t tid);

#endif
