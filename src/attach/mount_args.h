/* SPDX-License-Identifier: ISC */
/* What the arguments of a mount(2) say. */
#ifndef FR_ATTACH_MOUNT_ARGS_H
#define FR_ATTACH_MOUNT_ARGS_H

#include <stdint.h>

/* The flags without the magic number that old programs put into their upper
 * half. */
uint64_t mount_args_flags(uint64_t flags);

/* Do the flags ask for a new mount?  For others the type is ignored. */
int mount_args_are_new(uint64_t flags);

/* Take "fd=N" out of the options: N, or -1 if there is none. */
int mount_args_take_fd(char *options);

#endif
