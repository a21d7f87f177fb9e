/* SPDX-License-Identifier: ISC */
/*
 * Notifications, from their coming until the kernel's word on them.  The
 * daemon is not told that word: its write has succeeded long before.
 */
#ifndef FR_TRACE_NOTICE_H
#define FR_TRACE_NOTICE_H

#include "trace/model.h"

#define NOTICE_HEAD 48 /* bytes by which a result is known to be of it */

struct notice {
	struct conn *conn;
	uint64_t mono_ns, real_ns;
	uint32_t len; /* bytes of the message */
	int32_t code;
	uint8_t slow;	 /* views were told that it takes long */
	size_t path_len; /* 0: it is about no node */
	char *path;	 /* owned; as paths_get() */
	void *note;	 /* a view's; freed with the notice */
	uint8_t head[NOTICE_HEAD];
	size_t head_len;
	TAILQ_ENTRY(notice) age;
};

void notices_init(struct model *m);

/* A NOTIFY, and a RESULT. */
void notices_begin(struct model *m, struct conn *conn,
    const struct trace_record *r);
void notices_result(struct model *m, struct conn *conn,
    const struct trace_record *r);

/* Is the NOTIFY one that waits? */
int notices_has(const struct model *m, const struct conn *conn,
    const struct trace_record *r);

/* It is `mono_ns` now. */
void notices_advance(struct model *m, uint64_t mono_ns);

/* Nothing more is heard of those that wait. */
void notices_end(struct model *m);

#endif
