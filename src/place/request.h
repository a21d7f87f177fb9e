/* SPDX-License-Identifier: ISC */
/*
 * What a caller asks to be mounted, from the call that was trapped, or made,
 * to the child process that mounts.  All is borrowed.
 */
#ifndef FR_PLACE_REQUEST_H
#define FR_PLACE_REQUEST_H

#include "place/place.h"

struct mount_request {
	const char *source;  /* mount table's first column; NULL: "fuse" */
	const char *target;  /* absolute path, as the caller sees it */
	const char *given;   /* the same, as the caller wrote it */
	const char *type;    /* fuse, fuse.SUBTYPE, fuseblk; NULL: "fuse" */
	const char *options; /* comma list; NULL: none */
	unsigned long flags; /* MOUNTFLAG_*, as mount(2) has them */
	pid_t pid;	     /* the calling thread */
	const struct place *place; /* where it stands, and its rights */
	int device;    /* what it opened as /dev/fuse, to be mounted; -1: the
			* mount is made on a device of its own */
	int by_helper; /* fusermount3 mounts: the caller may not */
};

#endif
