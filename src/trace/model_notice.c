/* SPDX-License-Identifier: ISC */
#include "trace/model_notice.h"

#include <stdlib.h>
#include <string.h>

#include "wire/head.h"

#define NOTICES_MAX 65536u

void
notices_init(struct model *m)
{
	TAILQ_INIT(&m->notices);
	TAILQ_INIT(&m->notices_slow);
	m->nnotices = 0;
}

static void
notice_free(struct notice *n)
{
	free(n->path);
	free(n->note);
	free(n);
}

/* Call the views for its end, and free it. */
static void
notice_end(struct model *m, struct notice *n, const struct trace_record *r)
{
	struct model_view *v;

	STAILQ_FOREACH (v, &m->views, link)
		if (v->notice_end != NULL)
			v->notice_end(v, n, r);
	TAILQ_REMOVE(n->slow ? &m->notices_slow : &m->notices, n, age);
	m->nnotices--;
	notice_free(n);
}

/* Keep the path as it is now: when the result comes, it may be another. */
static int
notice_path(struct notice *n, struct span m)
{
	char path[PATHS_TEXT_MAX];
	struct span name;
	uint64_t node = wire_notify_about(&n->conn->proto, m, &name);

	if (node == 0)
		return E_OK;
	n->path_len = paths_get(n->conn->paths, node, name, path);
	if ((n->path = malloc(n->path_len + 1)) == NULL)
		return E_NOMEM;
	memcpy(n->path, path, n->path_len + 1);
	return E_OK;
}

/* NULL: no memory. */
static struct notice *
notice_new(struct conn *conn, const struct trace_record *r)
{
	struct notice *n = calloc(1, sizeof(*n));

	if (n == NULL)
		return NULL;
	n->conn = conn;
	n->mono_ns = r->mono_ns;
	n->real_ns = r->real_ns;
	n->len = (uint32_t)r->m.len;
	n->code = head_error(r->m);
	n->head_len = r->m.len < NOTICE_HEAD ? r->m.len : NOTICE_HEAD;
	memcpy(n->head, r->m.p, n->head_len);
	if (notice_path(n, r->m) == E_OK)
		return n;
	notice_free(n);
	return NULL;
}

static struct notice *
notice_begin(struct model *m, struct conn *conn, const struct trace_record *r)
{
	struct notice *n, *old;
	struct model_view *v;

	while (m->nnotices >= NOTICES_MAX) {
		if ((old = TAILQ_FIRST(&m->notices_slow)) == NULL)
			old = TAILQ_FIRST(&m->notices);
		notice_end(m, old, NULL);
	}
	if ((n = notice_new(conn, r)) == NULL)
		return NULL;
	TAILQ_INSERT_TAIL(&m->notices, n, age);
	m->nnotices++;
	STAILQ_FOREACH (v, &m->views, link)
		if (v->notice_begin != NULL)
			v->notice_begin(v, n, r);
	return n;
}

void
notices_begin(struct model *m, struct conn *conn, const struct trace_record *r)
{
	struct notice *n = notice_begin(m, conn, r);

	if (n != NULL && (r->flags & TRACE_AWAITED) == 0)
		notice_end(m, n, r);
}

/* Results come in the order of the notifications, but for those that were
 * lost. */
static struct notice *
notice_find(const struct notice_list *list, const struct conn *conn,
    const struct trace_record *r, size_t whole)
{
	size_t len = r->m.len < NOTICE_HEAD ? r->m.len : NOTICE_HEAD;
	struct notice *n;

	TAILQ_FOREACH (n, list, age)
		if (n->conn == conn && n->len == whole && n->head_len >= len &&
		    memcmp(n->head, r->m.p, len) == 0)
			return n;
	return NULL;
}

void
notices_result(struct model *m, struct conn *conn,
    const struct trace_record *r)
{
	struct notice *n = notice_find(&m->notices_slow, conn, r, r->first);

	if (n == NULL)
		n = notice_find(&m->notices, conn, r, r->first);
	/* If its NOTIFY was not recorded, a RESULT that has the whole message
	 * stands for it. */
	if (n == NULL && r->m.len == r->first)
		n = notice_begin(m, conn, r);
	if (n != NULL)
		notice_end(m, n, r);
}

int
notices_has(const struct model *m, const struct conn *conn,
    const struct trace_record *r)
{
	return notice_find(&m->notices_slow, conn, r, r->m.len) != NULL ||
	    notice_find(&m->notices, conn, r, r->m.len) != NULL;
}

void
notices_advance(struct model *m, uint64_t mono_ns)
{
	struct model_view *v;
	struct notice *n;

	while ((n = TAILQ_FIRST(&m->notices)) != NULL &&
	    mono_ns > n->mono_ns && mono_ns - n->mono_ns > MODEL_SLOW_NS) {
		n->slow = 1;
		TAILQ_REMOVE(&m->notices, n, age);
		TAILQ_INSERT_TAIL(&m->notices_slow, n, age);
		STAILQ_FOREACH (v, &m->views, link)
			if (v->notice_slow != NULL)
				v->notice_slow(v, n);
	}
}

void
notices_end(struct model *m)
{
	struct notice *n;

	while ((n = TAILQ_FIRST(&m->notices_slow)) != NULL ||
	    (n = TAILQ_FIRST(&m->notices)) != NULL)
		notice_end(m, n, NULL);
}
