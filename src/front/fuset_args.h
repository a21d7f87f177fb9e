/* SPDX-License-Identifier: ISC */
/* The command line of FUSE-T's server. */
#ifndef FR_FRONT_FUSET_ARGS_H
#define FR_FRONT_FUSET_ARGS_H

#include "front/front.h"

#define FUSET_ARGS_MAX 64

struct fuset_args {
	char *argv[FUSET_ARGS_MAX]; /* owned strings, NULL ends */
	size_t n;
};

/*
 * Program, the caller's own arguments, then what follows from the mount in
 * FUSE-T's order, the mount point last.  E_NOMEM, E_FULL, E_NOTFOUND (no
 * server program; logged with the places that were tried).
 */
int fuset_args_make(struct fuset_args *a, const struct front_conf *c,
    const struct mount_request *q) ERR_MUSTCHECK;
void fuset_args_free(struct fuset_args *a);

#endif
