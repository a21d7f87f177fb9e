/* SPDX-License-Identifier: ISC */
/* Running fusermount3, the set-uid helper of libfuse. */
#ifndef FR_KMOUNT_HELPER_H
#define FR_KMOUNT_HELPER_H

#include <sys/types.h>

#include "place/request.h"

struct kmount_helper {
	pid_t pid; /* fusermount3; the caller may reap it, else _fini */
	int comm;  /* non-blocking; readable when the answer is here */
};

/*
 * Start fusermount3 for q.  Its messages go to err_fd (-1: stay on ours).
 * E_NOTFOUND (no fusermount3), E_UNSUP (fuseblk), E_VALUE, E_BIG, E_SYS,
 * E_NOMEM.  On an error there is nothing to undo.
 */
int kmount_helper_start(struct kmount_helper *h, const struct mount_request *q,
    int err_fd) ERR_MUSTCHECK;

/*
 * The device, to be called when h->comm is readable: E_OK and *dev (owned
 * by the caller, close-on-exec), E_AGAIN, E_EOF (fusermount3 refused and
 * said why on its stderr), E_PROTO, E_SYS.
 */
int kmount_helper_take(struct kmount_helper *h, int *dev) ERR_MUSTCHECK;

/*
 * Let go of it.  With auto_unmount among the options fusermount3 lives on
 * and unmounts when h->comm closes: keep h as long as the mount shall live.
 */
void kmount_helper_fini(struct kmount_helper *h);

/* fusermount3 -u -q on target, with -z or not; errors as kmount_unmount(). */
int helper_unmount(const char *target, int lazily, int wait_ms) ERR_MUSTCHECK;

#endif
