/* SPDX-License-Identifier: ISC */
/*
 * Names of the processes that call, as /proc/PID/comm tells them.
 *
 * Only the last few hundred are remembered.  A name is asked for again when
 * it is a second old: a shell's child has the shell's name until it is the
 * program it was made for.
 */
#ifndef FR_TRACE_CALLER_H
#define FR_TRACE_CALLER_H

#include <stddef.h>
#include <stdint.h>

#define CALLER_NAME_MAX 16	/* of the kernel, with a NUL */

struct caller_cache;

/* NULL: out of memory. */
struct caller_cache *caller_cache_new(void);
void caller_cache_free(struct caller_cache *c);

/*
 * Write pid's name to `name` if it is not the one that was told before, and
 * return its length; 0 if there is nothing new, or no such process.
 */
size_t caller_news(struct caller_cache *c, uint32_t pid, uint64_t now_ns,
    char name[CALLER_NAME_MAX]);

/* Ask the system now, for a pid > 0.  The length; 0: no such process. */
size_t caller_name(uint32_t pid, char name[CALLER_NAME_MAX]);

#endif
