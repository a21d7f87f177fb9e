/* SPDX-License-Identifier: ISC */
/* Paths as another process means them; no file system is accessed. */
#ifndef FR_ATTACH_PATH_H
#define FR_ATTACH_PATH_H

#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

/*
 * Make path absolute for process pid and fold ".", ".." and "//" by their
 * letters alone (nothing is looked up, so that a path under a mount of ours
 * can't hang us).  E_BIG if it does not fit, E_SYS if the directory of the
 * process can't be read.
 */
int path_absolute(char *out, size_t cap, pid_t pid,
    const char *path) ERR_MUSTCHECK;

#endif
