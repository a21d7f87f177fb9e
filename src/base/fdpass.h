/* SPDX-License-Identifier: ISC */
/* Messages with descriptors, over a socket between processes. */
#ifndef FR_BASE_FDPASS_H
#define FR_BASE_FDPASS_H

#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

#define FDPASS_MAX 2 /* descriptors of one message */

/* Send len bytes and n descriptors in one message.  E_SYS. */
int fdpass_send(int sock, const void *data, size_t len, const int *fds,
    size_t n) ERR_MUSTCHECK;

/*
 * As recvmsg() with these flags, but no signal ends the wait.  The descriptors
 * that came, *n of them, are the caller's, close-on-exec.  -1 with EMFILE:
 * there was no room for all of them; none is open then.
 */
ssize_t fdpass_receive(int sock, void *data, size_t len, int flags,
    int fds[FDPASS_MAX], size_t *n);

#endif
