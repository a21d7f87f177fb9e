/* SPDX-License-Identifier: ISC */
/*
 * Signals that ask a program to end.
 *
 * timeout(1) sends one signal to the process and one to its group; a service
 * manager sends SIGTERM and SIGHUP.  So signals that come within a second
 * count as one, whichever they are.  A signal that comes later means that the
 * sender insists.
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

/* Note that the signal came at the time `now` (CLOCK_MONOTONIC). */
enum wish_kind wish_heard(struct wish *w, int sig, const struct timespec *now);

#endif
