/* SPDX-License-Identifier: ISC */
/*
 * Between a FUSE-T client and FUSE-T's server: the data channel through a
 * session, the monitor channel word for word.
 *
 * The client's library made both channels and believes that this process is
 * the server; the server has channels of our own making and believes that
 * this process is the client.  What one of them ends, ends for the other:
 *
 * - The server ends or closes its data channel: the client reads the end of
 *   its own, after DESTROY, and this process exits with the server's status.
 * - The client hangs up (its monitor or data channel ends): what was in
 *   flight is answered, the server is told, and has its time to end.
 */
#ifndef FR_FUSET_RELAY_BETWEEN_H
#define FR_FUSET_RELAY_BETWEEN_H

#include "front/fuset_server.h"
#include "live/trace_opts.h"
#include "relay/session.h"

struct between_conf {
	struct relay_conf relay;
	int data, monitor;	 /* the client's channels; taken over */
	int type;		 /* of data: SOCK_STREAM, SOCK_DGRAM, ... */
	char *const *argv;	 /* the server's command line */
	const char *mount_point; /* for the trace */
	const struct trace_opts *trace;
};

/* From start to end; the exit status. */
int between_run(struct between_conf *c);

#endif
