/* SPDX-License-Identifier: ISC */
/* What the arguments of a mount(2) say. */
#ifndef FR_ATTACH_MOUNT_ARGS_H
#define FR_ATTACH_MOUNT_ARGS_H

#include <stdint.h>

/* The flags as the kernel takes them: what once marked them is none. */
uint64_t mount_args_flags(uint64_t flags);

/* Do flags ask for a new mount?  Else the type means nothing. */
int mount_args_are_new(uint64_t flags);

/* Take "fd=N" out of the options: N, or -1 if there is none. */
int mount_args_take_fd(char *options);

#endif
