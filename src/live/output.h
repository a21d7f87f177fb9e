/* SPDX-License-Identifier: ISC */
/* The output of -o: a file, or a command that reads it. */
#ifndef FR_LIVE_OUTPUT_H
#define FR_LIVE_OUTPUT_H

#include <sys/types.h>

#include "base/err.h"

struct output {
	pid_t pid; /* of the command, or 0 */
};

/*
 * Open `what`: NULL is a copy of descriptor `fd_else`, "|CMD" starts a
 * shell with CMD, anything else is a file.  The descriptor is the caller's.
 * E_NOMEM, E_SYS.
 */
int output_open(struct output *o, const char *what, int append, int fd_else,
    int *fd) ERR_MUSTCHECK;

/* After the descriptor is closed: wait a few seconds for a command to end. */
void output_wait(struct output *o);

#endif
