/* SPDX-License-Identifier: ISC */
/*
 * Names of the processes that call, as /proc/PID/comm tells them.
 *
 * A process that waits for its reply has at that time the name that it asked
 * with, so it is looked at for each request: the file is kept open, for it
 * costs a third to read it again, tells of an exec at once, and fails when
 * the process is gone, whoever has its number then.  Of a process that has
 * gone on there is only the name that was last seen.
 *
 * Only the last thousand are remembered, and fewer files are open.
 */
#ifndef FR_TRACE_CALLER_H
#define FR_TRACE_CALLER_H

#include <stddef.h>
#include <stdint.h>

#define CALLER_NAME_MAX 16    /* of the kernel, with a NUL */
#define CALLER_FILES_MAX 256u /* an eighth of RLIMIT_NOFILE, if less */

struct caller_cache;

/* NULL: out of memory. */
struct caller_cache *caller_cache_new(void);
void caller_cache_free(struct caller_cache *c);

/* Does the process wait for its request's reply? */
enum caller_waits {
	CALLER_WAITS,
	CALLER_MAY_WAIT,
	CALLER_LEFT /* it is not looked at, if it was before */
};

/*
 * Write the name of pid, which asks, to `name` if it is not the one that was
 * told before, and return its length; 0 if there is nothing new, or no such
 * process.  *doubt: it may have had another name when it asked.
 */
size_t caller_news(struct caller_cache *c, uint32_t pid,
    enum caller_waits waits, char name[CALLER_NAME_MAX], int *doubt);

/* Files that are open. */
unsigned caller_files(const struct caller_cache *c);

/* Ask the system now, for a pid > 0.  The length; 0: no such process. */
size_t caller_name(uint32_t pid, char name[CALLER_NAME_MAX]);

#endif
