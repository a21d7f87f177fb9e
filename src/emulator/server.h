/* SPDX-License-Identifier: ISC */
/*
 * FUSE-T's server, from start to end: the two channels that its library
 * passes, and behind them a kernel mount or the built-in client.
 */
#ifndef FR_EMULATOR_SERVER_H
#define FR_EMULATOR_SERVER_H

#include "emulator/options.h"

/* Exit statuses of the program. */
enum {
	SERVER_FINE = 0,
	SERVER_ROWS_FAILED = 1,
	SERVER_FAILED = 2,
	SERVER_BAD_REPLY = 3
};

/*
 * Serve until unmounted, until either channel closes, or until the
 * workload is done; an exit status.  Takes over both descriptors;
 * monitor_fd may be -1.
 */
int server_run(const struct options *o, int data_fd, int monitor_fd);

#endif
