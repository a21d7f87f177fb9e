/* SPDX-License-Identifier: ISC */
/* Where the running program itself is, and who is there, too. */
#ifndef FR_BASE_SELF_H
#define FR_BASE_SELF_H

#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

/* The path of this program's file.  E_SYS, E_BIG. */
int self_path(char *out, size_t cap) ERR_MUSTCHECK;

/* The same for a file `name` in this program's folder; it need not be
 * there. */
int self_beside(char *out, size_t cap, const char *name) ERR_MUSTCHECK;

#endif
