/* SPDX-License-Identifier: ISC */
/* Where a program lies, as exec would find it. */
#ifndef FR_BASE_PROGRAM_H
#define FR_BASE_PROGRAM_H

#include <limits.h>

#include "base/err.h"

/* The first executable file of that name in dirs, separated by colons (NULL:
 * none); a name with a slash is a path already.  E_NOTFOUND, E_BIG. */
int program_find(char out[PATH_MAX], const char *name,
    const char *dirs) ERR_MUSTCHECK;

#endif
