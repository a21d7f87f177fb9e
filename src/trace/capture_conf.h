/* SPDX-License-Identifier: ISC */
/* How a capture is to be written. */
#ifndef FR_TRACE_CAPTURE_CONF_H
#define FR_TRACE_CAPTURE_CONF_H

#include "trace/writer.h"

struct capture_conf {
	const char *path;      /* of the file; "-": write to fd */
	int fd;		       /* for "-"; becomes the capture's */
	uint32_t snaplen;      /* bytes of file data kept of a message */
	uint64_t rotate_size;  /* bytes of a file; 0: any number */
	unsigned rotate_count; /* files that are left; 0: all */
	int chunks;	       /* record reads of the stream too */
	enum writer_pace pace; /* at once: each record */
	int waits; /* no thread: nothing is lost for want of room */
};

#endif
