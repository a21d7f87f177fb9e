/* SPDX-License-Identifier: ISC */
/*
 * What follows from the records of sessions: which reply answers which
 * request, what INIT settled, which path a node has, which names the callers
 * have.
 *
 * It works alike for a live session and for a capture of it; views are called
 * for what happens, and print it.  Records may be missing, and their contents
 * are not trusted: views show what does not fit.  Memory is bounded.
 */
#ifndef FR_TRACE_MODEL_H
#define FR_TRACE_MODEL_H

#include <sys/queue.h>

#include "trace/call.h"
#include "trace/notification.h"
#include "trace/trace.h"

struct model_view {
	/* A request.  Any of these may be NULL. */
	void (*begin)(struct model_view *v, struct call *c,
	    const struct trace_record *r);
	/* Its reply; r is NULL if there is none and will be none. */
	void (*end)(struct model_view *v, struct call *c,
	    const struct trace_record *r);
	/* It has waited for MODEL_SLOW_NS. */
	void (*slow)(struct model_view *v, struct call *c);
	/* A notification; r is its record. */
	void (*notify_begin)(struct model_view *v, struct notification *n,
	    const struct trace_record *r);
	/* Its result: r is a RESULT, or the NOTIFY itself if none is to come;
	 * NULL: the result is not known. */
	void (*notify_end)(struct model_view *v, struct notification *n,
	    const struct trace_record *r);
	/* The kernel has worked at it for MODEL_SLOW_NS. */
	void (*notify_slow)(struct model_view *v, struct notification *n);
	/* All other records but TRACE_CALLER, and each NOTIFY, too; c is the
	 * call that it belongs to, or NULL; conn is NULL for TRACE_LOST. */
	void (*other)(struct model_view *v, struct conn *conn,
	    const struct trace_record *r, struct call *c);
	/* The last record has come. */
	void (*finish)(struct model_view *v);
	STAILQ_ENTRY(model_view) link;
};

#define MODEL_SLOW_NS UINT64_C(1000000000)

struct model {
	struct trace_sink sink;
	struct wire_proto proto;	/* of sessions before their INIT */
	struct table_entry *conns;	/* owned, struct conn */
	struct table_entry *calls;	/* owned, in flight, struct call */
	struct call_list waiting, slow; /* the same, oldest first */
	/* private */
	STAILQ_HEAD(, model_view) views;
	struct notification_list notifications, notifications_slow;
	size_t nnotifications;
	struct table_entry *callers; /* owned: their names */
	size_t paths_max;
};

/* paths_max: nodes remembered of each session. */
void model_init(struct model *m, size_t paths_max);

/* There are no more records: the requests that wait end without a reply, the
 * oldest first, and the views are called for finish(). */
void model_end(struct model *m);
void model_fini(struct model *m);

/* The view is borrowed. */
void model_add(struct model *m, struct model_view *v);

/* It is `mono_ns` now: calls may have become slow. */
void model_advance(struct model *m, uint64_t mono_ns);

/* The session, or NULL if nothing was seen of it. */
struct conn *model_conn(struct model *m, uint32_t session);

/* The call in flight with this unique, or NULL. */
struct call *model_call(struct model *m, uint32_t session, uint64_t unique);

/* What the request of the reply r expects, also if its call has just ended;
 * NULL: the request is not known. */
const struct wire_expect *model_expect(const struct conn *conn,
    const struct call *c, const struct trace_record *r);

#endif
