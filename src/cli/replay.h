/* SPDX-License-Identifier: ISC */
/*
 * "fuserelay replay": the requests of a capture to a program, through the
 * relay, as its front.
 */
#ifndef FR_CLI_REPLAY_H
#define FR_CLI_REPLAY_H

#include "cli/options.h"

/* Replies that differ. */
#define REPLAY_EXIT_DIFFERS 1
#define REPLAY_EXIT_SKIPPED 2 /* none did, but not all was compared */

/*
 * Open the capture, and make its sender the front of the run.  The error is
 * told.
 */
int replay_prepare(struct options *o) ERR_MUSTCHECK;

/* The run is over with this status: tell how it went; the exit status. */
int replay_finish(struct options *o, int status);

#endif
