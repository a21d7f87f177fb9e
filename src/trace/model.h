/* SPDX-License-Identifier: ISC */
/*
 * What the records say, put together: which reply answers which request,
 * what INIT settled, which path a node has, who the callers are.
 *
 * The same for a live session and for a capture of it; views look at it and
 * print.  Records may be missing and may say anything: what does not fit is
 * shown, not trusted.  Memory is bounded.
 */
#ifndef FR_TRACE_MODEL_H
#define FR_TRACE_MODEL_H

#include <sys/queue.h>

#include "trace/call.h"
#include "trace/notice.h"
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
	void (*notice_begin)(struct model_view *v, struct notice *n,
	    const struct trace_record *r);
	/* What became of it: r is a RESULT, or the NOTIFY itself if there is
	 * no more to come; NULL: nobody knows. */
	void (*notice_end)(struct model_view *v, struct notice *n,
	    const struct trace_record *r);
	/* The kernel is at it for MODEL_SLOW_NS. */
	void (*notice_slow)(struct model_view *v, struct notice *n);
	/* Everything else (of notifications: each once, too), but for the callers' names; c is the call that
	 * it belongs to, or NULL; conn is NULL for TRACE_LOST. */
	void (*other)(struct model_view *v, struct conn *conn,
	    const struct trace_record *r, struct call *c);
	/* There is no more. */
	void (*finish)(struct model_view *v);
	STAILQ_ENTRY(model_view) link;
};

#define MODEL_SLOW_NS UINT64_C(1000000000)

struct model {
	struct trace_sink sink;
	struct wire_proto proto;	/* of sessions before their INIT */
	struct conn *conns;		/* by id */
	struct call *calls;		/* in flight, by key */
	struct call_list waiting, slow; /* the same, oldest first */
	/* private */
	STAILQ_HEAD(, model_view) views;
	struct notice_list notices, notices_slow;
	size_t nnotices;
	struct caller_name *callers;
	size_t paths_max;
};

/* paths_max: nodes remembered of each session. */
void model_init(struct model *m, size_t paths_max);

/* What still waits ends without a reply, in the order of its coming, and
 * the views are told that it is all over. */
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

/* What the reply r answers, also if that call has just ended; NULL: nobody
 * knows. */
const struct wire_expect *model_expect(const struct conn *conn,
    const struct call *c, const struct trace_record *r);

#endif
