/* SPDX-License-Identifier: ISC */
/*
 * What the built-in client does with a daemon: named lists of rows, each a
 * small story that passes or fails by itself.
 */
#ifndef FR_EMULATOR_WORKLOAD_H
#define FR_EMULATOR_WORKLOAD_H

#include "emulator/client.h"

struct workload_conf {
	const char *name; /* "basic" or "quick" */
	uint64_t seed;	  /* of file contents */
	unsigned window;  /* large messages in flight */
	uint64_t fill;	  /* large files are read so many bytes */
	int report_fd;	  /* one line per row; -1: none */
};

/* Is there a workload of this name? */
int workload_exists(const char *name);

/*
 * Run all rows in a directory of their own, which is removed again.
 * Returns how many rows failed.
 */
unsigned workload_run(const struct workload_conf *conf, struct client *c);

#endif
