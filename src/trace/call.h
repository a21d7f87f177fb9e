/* SPDX-License-Identifier: ISC */
/* What the model knows of a session, and of a request in flight. */
#ifndef FR_TRACE_CALL_H
#define FR_TRACE_CALL_H

#include <sys/queue.h>

#include "base/table.h"
#include "trace/caller.h"
#include "trace/paths.h"
#include "trace/record.h"
#include "wire/describe.h"

/* One session. */
struct conn {
	struct table_entry entry;
	uint32_t id;
	struct wire_proto proto;
	uint8_t init[128]; /* the INIT request */
	size_t init_len;
	uint8_t known; /* a record of it is here that is not TRACE_AGAIN */
	char *target;  /* mount point, or NULL */
	struct paths *paths;
	uint64_t last_unique; /* of the call that ended last, and its */
	struct wire_expect last_expect;
};

/* A request, until its reply was seen. */
struct call {
	struct table_entry entry;
	struct {
		uint64_t session, unique;
	} key;
	struct conn *conn;
	uint32_t opcode, uid, gid, pid;
	uint64_t nodeid;
	uint64_t mono_ns, real_ns;
	uint32_t len, pieces, first, index; /* as in its record */
	uint16_t flags;
	uint8_t alone;		    /* it never has a reply */
	uint8_t slow;		    /* views have been called for slow() */
	uint8_t swaps;		    /* a RENAME that exchanges two entries */
	char comm[CALLER_NAME_MAX]; /* of the caller, "" if not known */
	struct wire_expect expect;
	enum wire_names names;
	struct span name[2]; /* owned */
	uint64_t newdir;     /* where name[1] is an entry */
	struct call *target; /* borrowed: an INTERRUPT's, for the views */
	void *note;	     /* a view's; freed with the call */
	char *counted;	     /* a summary's; freed with the call */
	TAILQ_ENTRY(call) age;
};

TAILQ_HEAD(call_list, call);

/* May its caller have had another name when it caused the request? */
int call_comm_doubt(const struct call *c);

/* The path that a call is about (an INTERRUPT: that of its target), or with
 * nth = 1 the second one; 0: it is about none.  As paths_get(). */
size_t call_path(const struct call *c, int nth, char *buf);

#endif
