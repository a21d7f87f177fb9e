/* SPDX-License-Identifier: ISC */
#include "trace/lines.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUFFER (2u * 1024 * 1024)
#define BATCH (64u * 1024) /* bytes of one write */

struct lines {
	struct writer *writer;
	const char *mark_before, *mark_after;
	uint64_t lost, lost_noted;
	/* The thread's: */
	int fd;
	size_t have;
	char batch[BATCH];
};

static int
lines_flush(void *arg)
{
	struct lines *l = arg;
	size_t n = l->have;

	l->have = 0;
	return writer_write(l->fd, l->batch, n);
}

static int
lines_item(void *arg, struct span item)
{
	struct lines *l = arg;
	int r;

	if (item.len > sizeof(l->batch) - l->have &&
	    (r = lines_flush(l)) != E_OK)
		return r;
	if (item.len > sizeof(l->batch))
		return writer_write(l->fd, item.p, item.len);
	memcpy(l->batch + l->have, item.p, item.len);
	l->have += item.len;
	return E_OK;
}

static const struct writer_ops lines_ops = { lines_item, lines_flush };

int
lines_new(struct lines **out, int fd, enum writer_pace pace,
    const char *mark_before, const char *mark_after)
{
	struct lines *l;
	int r;

	*out = NULL;
	if ((l = malloc(sizeof(*l))) == NULL)
		return E_NOMEM;
	l->fd = fd;
	l->have = 0;
	l->lost = l->lost_noted = 0;
	l->mark_before = mark_before;
	l->mark_after = mark_after;
	if ((r = writer_new(&l->writer, BUFFER, pace, &lines_ops, l)) !=
	    E_OK) {
		free(l);
		return r;
	}
	*out = l;
	return E_OK;
}

static int
lines_tell_lost(struct lines *l)
{
	struct span none = { NULL, 0 };
	char text[128];
	int n, r;

	if (l->lost == l->lost_noted)
		return E_OK;
	n = snprintf(text, sizeof(text), "%s%" PRIu64 "%s\n", l->mark_before,
	    l->lost - l->lost_noted, l->mark_after);
	r = writer_put(l->writer, (struct span){ (uint8_t *)text, (size_t)n },
	    none);
	if (r == E_OK)
		l->lost_noted = l->lost;
	return r;
}

void
lines_put(struct lines *l, const char *p, size_t n)
{
	struct span text = { (const uint8_t *)p, n }, none = { NULL, 0 };

	if (lines_tell_lost(l) != E_OK ||
	    writer_put(l->writer, text, none) != E_OK)
		l->lost++;
}

uint64_t
lines_lost(const struct lines *l)
{
	return l->lost;
}

void
lines_close(struct lines *l, unsigned ms, struct lines_result *res)
{
	int r;

	memset(res, 0, sizeof(*res));
	res->error = lines_tell_lost(l) == E_OK ? 0 : writer_error(l->writer);
	res->lost = l->lost;
	r = writer_close(l->writer, ms);
	if (r == E_SYS)
		res->error = errno;
	if (r == E_TIMEOUT) {
		res->error = ETIMEDOUT;
		return; /* the thread is still at it */
	}
	if (l->fd > 2)
		close(l->fd);
	free(l);
}
