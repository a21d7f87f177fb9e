/* SPDX-License-Identifier: ISC */
/*
 * Names of the processes that cause requests, from /proc/PID/comm.
 *
 * A process that waits for the reply still has the name that it had when it
 * caused the request, so its name is read for each request.  The file is kept
 * open: to read an open file again costs a third, shows the new name after an
 * exec, and fails when the process has ended, even if another process has its
 * number then.  Of a process that does not wait only the name that was read
 * last is known.
 *
 * The last thousand names are remembered; fewer files are open.
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
	CALLER_LEFT /* it does not; its name is read only if none is known */
};

/*
 * Read the name of pid, which caused a request.  If it is not the name that
 * this function returned for pid before, write it to `name` and return its
 * length; else 0, also if there is no such process.  *doubt: the process may
 * have had another name when it caused the request.
 */
size_t caller_news(struct caller_cache *c, uint32_t pid,
    enum caller_waits waits, char name[CALLER_NAME_MAX], int *doubt);

/* Files that are open. */
unsigned caller_files(const struct caller_cache *c);

/* Ask the system now, for a pid > 0.  The length; 0: no such process. */
size_t caller_name(uint32_t pid, char name[CALLER_NAME_MAX]);

#endif
