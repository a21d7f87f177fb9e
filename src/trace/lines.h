/* SPDX-License-Identifier: ISC */
/*
 * Lines of text that are written to a descriptor that may be slow, or never
 * take any.  Lines for which the buffer has no space are left out, and as soon
 * as it has space again, a line in the output says how many.
 */
#ifndef FR_TRACE_LINES_H
#define FR_TRACE_LINES_H

#include <stddef.h>
#include <stdint.h>

#include "trace/writer.h"

struct lines;

/*
 * fd becomes the lines' own.  The mark is put before the number of parts
 * left out, and after it; JSON text has its own.  E_NOMEM, E_SYS.
 */
int lines_new(struct lines **out, int fd, enum writer_pace pace,
    const char *mark_before, const char *mark_after) ERR_MUSTCHECK;

/* Add text: a line, or a part of one. */
void lines_put(struct lines *l, const char *p, size_t n);

struct lines_result {
	uint64_t lost; /* parts left out */
	int error;     /* errno that ended the writing, or 0 */
};

/* Parts left out so far. */
uint64_t lines_lost(const struct lines *l);

/* Give the writing up to `ms` to end, say how it went, and free. */
void lines_close(struct lines *l, unsigned ms, struct lines_result *res);

#endif
