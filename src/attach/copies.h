/* SPDX-License-Identifier: ISC */
/*
 * Descriptors that are the same open file as the one a program mounts with.
 *
 * The kernel's device serves its mount through any of them.  A socket in the
 * place of one is not in the place of the others: those of the caller are
 * replaced, too; those of other processes can't be.
 */
#ifndef FR_ATTACH_COPIES_H
#define FR_ATTACH_COPIES_H

#include <sys/types.h>

#include "base/err.h"

/* Other processes of the program that have a copy; 0: none. */
struct copies {
	pid_t holder; /* one of them */
	pid_t reader; /* one that waits for it to be readable */
};

/*
 * Call each() for every other descriptor of thread tid that is the same open
 * file as its descriptor fd; flags are O_CLOEXEC or 0.  What each() returns,
 * if that is not 0, ends it and is returned.  A kernel that can't compare
 * open files (without kcmp(2)) knows no copies.  E_SYS.
 */
int copies_each(pid_t tid, int fd, int (*each)(void *arg, int copy, int flags),
    void *arg) ERR_MUSTCHECK;

/* Find other processes below this one that have a copy, without the process of
 * thread tid and those that share its descriptors. */
void copies_find(struct copies *out, pid_t tid, int fd);

#endif
