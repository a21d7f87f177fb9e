/* SPDX-License-Identifier: ISC */
/* What the model knows of a notification whose result has not come. */
#ifndef FR_TRACE_NOTIFICATION_H
#define FR_TRACE_NOTIFICATION_H

#include <sys/queue.h>

#include "trace/call.h"

#define NOTIFICATION_HEAD 48 /* bytes by which a result is known to be of it */

struct notification {
	struct conn *conn;
	uint64_t mono_ns, real_ns;
	uint32_t len; /* bytes of the message */
	int32_t code;
	uint8_t slow;	 /* views have been called for notify_slow() */
	size_t path_len; /* 0: it is about no node */
	char *path;	 /* owned; as paths_get() */
	void *note;	 /* a view's; freed with the notification */
	uint8_t head[NOTIFICATION_HEAD];
	size_t head_len;
	TAILQ_ENTRY(notification) age;
};

TAILQ_HEAD(notification_list, notification);

#endif
