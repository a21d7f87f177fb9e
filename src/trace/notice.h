/* SPDX-License-Identifier: ISC */
/* What the model knows of a notification whose result has not come. */
#ifndef FR_TRACE_NOTICE_H
#define FR_TRACE_NOTICE_H

#include <sys/queue.h>

#include "trace/call.h"

#define NOTICE_HEAD 48 /* bytes by which a result is known to be of it */

struct notice {
	struct conn *conn;
	uint64_t mono_ns, real_ns;
	uint32_t len; /* bytes of the message */
	int32_t code;
	uint8_t slow;	 /* views have been called for notice_slow() */
	size_t path_len; /* 0: it is about no node */
	char *path;	 /* owned; as paths_get() */
	void *note;	 /* a view's; freed with the notice */
	uint8_t head[NOTICE_HEAD];
	size_t head_len;
	TAILQ_ENTRY(notice) age;
};

TAILQ_HEAD(notice_list, notice);

#endif
