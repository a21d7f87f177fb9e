/* SPDX-License-Identifier: ISC */
#include "relay/outq.h"

#include <stdlib.h>
#include <string.h>

void
outq_init(struct outq *q)
{
	TAILQ_INIT(&q->list);
	q->bytes = q->count = 0;
}

static void
outq_unlink(struct outq *q, struct outq_msg *e)
{
	TAILQ_REMOVE(&q->list, e, link);
	q->bytes -= e->len - e->done;
	q->count--;
	free(e);
}

void
outq_fini(struct outq *q)
{
	while (!TAILQ_EMPTY(&q->list))
		outq_unlink(q, TAILQ_FIRST(&q->list));
}

static struct outq_msg *
outq_copy(struct outq *q, struct span m, size_t done)
{
	struct outq_msg *e = malloc(sizeof(*e) + m.len);

	if (e == NULL)
		return NULL;
	e->len = m.len;
	e->done = done;
	memcpy(e->data, m.p, m.len);
	q->bytes += m.len - done;
	q->count++;
	return e;
}

int
outq_add(struct outq *q, struct span m, size_t done)
{
	struct outq_msg *e = outq_copy(q, m, done);

	if (e == NULL)
		return E_NOMEM;
	TAILQ_INSERT_TAIL(&q->list, e, link);
	return E_OK;
}

int
outq_add_first(struct outq *q, struct span m)
{
	struct outq_msg *first = TAILQ_FIRST(&q->list), *e;

	if ((e = outq_copy(q, m, 0)) == NULL)
		return E_NOMEM;
	if (first != NULL && first->done > 0)
		TAILQ_INSERT_AFTER(&q->list, first, e, link);
	else
		TAILQ_INSERT_HEAD(&q->list, e, link);
	return E_OK;
}

size_t
outq_peek(const struct outq *q, struct iovec *iov, size_t max)
{
	struct outq_msg *e;
	size_t n = 0;

	TAILQ_FOREACH (e, &q->list, link) {
		if (n == max)
			break;
		iov[n].iov_base = e->data + e->done;
		iov[n].iov_len = e->len - e->done;
		n++;
	}
	return n;
}

void
outq_sent(struct outq *q, size_t n)
{
	struct outq_msg *e;
	size_t left;

	while (n > 0 && (e = TAILQ_FIRST(&q->list)) != NULL) {
		left = e->len - e->done;
		if (n < left) {
			e->done += n;
			q->bytes -= n;
			return;
		}
		n -= left;
		outq_unlink(q, e);
	}
}

void
outq_drop_first(struct outq *q)
{
	if (!TAILQ_EMPTY(&q->list))
		outq_unlink(q, TAILQ_FIRST(&q->list));
}

size_t
outq_remove(struct outq *q, int (*match)(struct span m, void *arg), void *arg)
{
	struct outq_msg *e, *next;
	size_t n = 0;

	for (e = TAILQ_FIRST(&q->list); e != NULL; e = next) {
		next = TAILQ_NEXT(e, link);
		if (e->done != 0 ||
		    !match((struct span){ e->data, e->len }, arg))
			continue;
		outq_unlink(q, e);
		n++;
	}
	return n;
}
