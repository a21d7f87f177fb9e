/* SPDX-License-Identifier: ISC */
#include "trace/model_notification.h"

#include <stdlib.h>
#include <string.h>

#include "wire/head.h"

#define NOTIFICATIONS_MAX 65536u

void
notifications_init(struct model *m)
{
	TAILQ_INIT(&m->notifications);
	TAILQ_INIT(&m->notifications_slow);
	m->nnotifications = 0;
}

static void
notification_free(struct notification *n)
{
	free(n->path);
	free(n->note);
	free(n);
}

/* Call the views for its end, and free it. */
static void
notification_end(struct model *m, struct notification *n,
    const struct trace_record *r)
{
	struct model_view *v;

	STAILQ_FOREACH (v, &m->views, link)
		if (v->notify_end != NULL)
			v->notify_end(v, n, r);
	TAILQ_REMOVE(n->slow ? &m->notifications_slow : &m->notifications, n,
	    age);
	m->nnotifications--;
	notification_free(n);
}

/* Keep the path as it is now: when the result comes, it may be another. */
static int
notification_path(struct notification *n, struct span m)
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
static struct notification *
notification_new(struct conn *conn, const struct trace_record *r)
{
	struct notification *n = calloc(1, sizeof(*n));

	if (n == NULL)
		return NULL;
	n->conn = conn;
	n->mono_ns = r->mono_ns;
	n->real_ns = r->real_ns;
	n->len = (uint32_t)r->m.len;
	n->code = head_error(r->m);
	n->head_len = r->m.len < NOTIFICATION_HEAD ? r->m.len :
						     NOTIFICATION_HEAD;
	memcpy(n->head, r->m.p, n->head_len);
	if (notification_path(n, r->m) == E_OK)
		return n;
	notification_free(n);
	return NULL;
}

static struct notification *
notification_begin(struct model *m, struct conn *conn,
    const struct trace_record *r)
{
	struct notification *n, *old;
	struct model_view *v;

	while (m->nnotifications >= NOTIFICATIONS_MAX) {
		if ((old = TAILQ_FIRST(&m->notifications_slow)) == NULL)
			old = TAILQ_FIRST(&m->notifications);
		notification_end(m, old, NULL);
	}
	if ((n = notification_new(conn, r)) == NULL)
		return NULL;
	TAILQ_INSERT_TAIL(&m->notifications, n, age);
	m->nnotifications++;
	STAILQ_FOREACH (v, &m->views, link)
		if (v->notify_begin != NULL)
			v->notify_begin(v, n, r);
	return n;
}

void
notifications_begin(struct model *m, struct conn *conn,
    const struct trace_record *r)
{
	struct notification *n = notification_begin(m, conn, r);

	if (n != NULL && (r->flags & TRACE_AWAITED) == 0)
		notification_end(m, n, r);
}

/* Results come in the order of the notifications, but for those that were
 * lost. */
static struct notification *
notification_find(const struct notification_list *list,
    const struct conn *conn, const struct trace_record *r, size_t whole)
{
	size_t len = r->m.len < NOTIFICATION_HEAD ? r->m.len :
						    NOTIFICATION_HEAD;
	struct notification *n;

	TAILQ_FOREACH (n, list, age)
		if (n->conn == conn && n->len == whole && n->head_len >= len &&
		    memcmp(n->head, r->m.p, len) == 0)
			return n;
	return NULL;
}

void
notifications_result(struct model *m, struct conn *conn,
    const struct trace_record *r)
{
	struct notification *n = notification_find(&m->notifications_slow,
	    conn, r, r->first);

	if (n == NULL)
		n = notification_find(&m->notifications, conn, r, r->first);
	/* If its NOTIFY was not recorded, a RESULT that has the whole message
	 * stands for it. */
	if (n == NULL && r->m.len == r->first)
		n = notification_begin(m, conn, r);
	if (n != NULL)
		notification_end(m, n, r);
}

int
notifications_has(const struct model *m, const struct conn *conn,
    const struct trace_record *r)
{
	return notification_find(&m->notifications_slow, conn, r, r->m.len) !=
	    NULL ||
	    notification_find(&m->notifications, conn, r, r->m.len) != NULL;
}

void
notifications_advance(struct model *m, uint64_t mono_ns)
{
	struct model_view *v;
	struct notification *n;

	while ((n = TAILQ_FIRST(&m->notifications)) != NULL &&
	    mono_ns > n->mono_ns && mono_ns - n->mono_ns > MODEL_SLOW_NS) {
		n->slow = 1;
		TAILQ_REMOVE(&m->notifications, n, age);
		TAILQ_INSERT_TAIL(&m->notifications_slow, n, age);
		STAILQ_FOREACH (v, &m->views, link)
			if (v->notify_slow != NULL)
				v->notify_slow(v, n);
	}
}

void
notifications_end(struct model *m)
{
	struct notification *n;

	while ((n = TAILQ_FIRST(&m->notifications_slow)) != NULL ||
	    (n = TAILQ_FIRST(&m->notifications)) != NULL)
		notification_end(m, n, NULL);
}
