/* SPDX-License-Identifier: ISC */
/*
 * uthash's tables, which do not end the program when there is no memory:
 * what was not added has NULL in the tbl of its handle, and whoever adds
 * looks there.  Nothing else includes <uthash.h> (tests/lint-memory.sh).
 */
#ifndef FR_BASE_HASH_H
#define FR_BASE_HASH_H

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#endif
