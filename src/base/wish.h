/* SPDX-License-Identifier: ISC */
/*
 * Signals that ask a program to end.
 *
 * timeout(1) sends one to the process and one to its group, a service manager
 * SIGTERM and SIGHUP: what comes within a second is one wish, whichever
 * signals they are.  Who sends another one later insists.
 */
#ifndef FR_BASE_WISH_H
#define FR_BASE_WISH_H

#include <time.h>

#define WISH_MS 1000

struct wish {
	int sig; /* the first one, or 0 */
	struct timespec at;
};

enum wish_kind {
	WISH_NEW,
	WISH_SAME,
	WISH_INSISTS
};

/* The signal came at `now` (CLOCK_MONOTONIC). */
enum wish_kind wish_heard(struct wish *w, int sig, const struct timespec *now);

#endif
