/* SPDX-License-Identifier: ISC */
/* Running fusermount3: the calls of kmount.h that need it. */
#ifndef FR_KMOUNT_HELPER_H
#define FR_KMOUNT_HELPER_H

#include "base/err.h"

/* fusermount3 -u -q on target, with -z or not; errors as kmount_unmount(). */
int helper_unmount(const char *target, int lazily, int wait_ms) ERR_MUSTCHECK;

#endif
