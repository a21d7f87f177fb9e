/* SPDX-License-Identifier: ISC */
/*
 * Telling others that the file system is up: a newline on a descriptor
 * (as s6 and xdg-dbus-proxy do), READY=1 to a service manager, and the
 * parent that waits for us to be in the background.
 */
#ifndef FR_CLI_READY_H
#define FR_CLI_READY_H

#include "base/err.h"

struct ready {
	int fd;	    /* --ready-fd, or -1; closed when used */
	int parent; /* pipe to the waiting parent, or -1 */
	int told;
};

/* The file system is up.  Only the first call does something. */
void ready_tell(struct ready *r);

/*
 * Go to the background: the parent stays until ready_tell(), then exits
 * with 0, or with the child's status if that ends before.  Returns in the
 * child only.  E_SYS (still in the only process).
 */
int ready_daemonize(struct ready *r) ERR_MUSTCHECK;

#endif
