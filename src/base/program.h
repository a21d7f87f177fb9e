/* SPDX-License-Identifier: ISC */
/* Where programs are: others, as exec would find them, and this one. */
#ifndef FR_BASE_PROGRAM_H
#define FR_BASE_PROGRAM_H

#include <limits.h>
#include <stddef.h>

#include "base/err.h"

/* The first executable file of that name in dirs, separated by colons (NULL:
 * none); a name with a slash is a path already.  E_NOTFOUND, E_BIG. */
int program_find(char out[PATH_MAX], const char *name,
    const char *dirs) ERR_MUSTCHECK;

/* The path of this program's file.  E_SYS, E_BIG. */
int program_path(char *out, size_t cap) ERR_MUSTCHECK;

/* The same of a file `name` in this program's folder; it need not exist. */
int program_beside(char *out, size_t cap, const char *name) ERR_MUSTCHECK;

#endif
