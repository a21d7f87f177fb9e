/* SPDX-License-Identifier: ISC */
/*
 * Start a program: fork, a set-up step in the child, exec; an error of any of
 * them is told to the caller.
 */
#ifndef FR_ATTACH_CHILD_H
#define FR_ATTACH_CHILD_H

#include <sys/types.h>

#include "base/err.h"

/*
 * What the child does before exec, with its end of a socket to the parent.
 * Returns NULL, or the name of the step that failed (errno says why).
 */
typedef const char *child_setup(void *arg, int sock);

/*
 * Fork, run setup(arg) in the child, exec argv[0] (found in PATH).
 * *fd is a descriptor the child sent with child_send_fd(), or -1.
 * E_OK: the program runs.  E_SYS with errno: exec failed (*step is "exec")
 * or a step did (*step names it; static text); nothing is left running.
 */
int child_start(pid_t *pid, char *const argv[], child_setup *setup, void *arg,
    int *fd, const char **step) ERR_MUSTCHECK;

/* For setup(): send a descriptor to the parent.  0, or -1 and errno. */
int child_send_fd(int sock, int fd);

#endif
