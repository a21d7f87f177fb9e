/* SPDX-License-Identifier: ISC */
/*
 * uthash without its exit() where there is no memory: an entry that could not
 * be added has NULL in the tbl of its handle, and the code that adds entries
 * looks there.  Nothing else includes <uthash.h> (tests/lint-memory.sh).
 */
#ifndef FR_BASE_HASH_H
#define FR_BASE_HASH_H

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#endif
