/* SPDX-License-Identifier: ISC */
/* What a user may set about the relay, the same for all its sessions. */
#ifndef FR_RELAY_CONF_H
#define FR_RELAY_CONF_H

#include "wire/proto.h"

enum relay_transport {
	TRANSPORT_SEQPACKET, /* Linux */
	TRANSPORT_DGRAM	     /* macOS has no SEQPACKET on AF_UNIX */
};

struct relay_conf {
	struct wire_proto proto; /* before INIT: a dialect may be given */
	enum relay_transport transport;
	size_t max_write;    /* bytes of data that INIT may promise */
	size_t buffer;	     /* of the device end, bytes; 0: the most */
	size_t high_mark;    /* more queued bytes stop the reading of the
				* other side */
	size_t low_mark;     /* at most so many let it be read again */
	unsigned warn_ms;    /* warn of a request that waits longer; 0: no */
	unsigned reread_ms;  /* a large READ that waits longer is sent to the
				* daemon again (reread.h) */
	unsigned parts_ms;   /* after a READ's reply was lost large READs go
				* in parts for so long */
	unsigned timeout_ms; /* a request that waits longer is answered with
				* ETIMEDOUT; 0: none is */
	unsigned spin_usec;  /* the loop polls so long before it sleeps
				* (spin.h); 0: it sleeps at once */
	unsigned quirks;     /* a bit for each that is on (quirk/quirk.h) */
	int dead_errno;	     /* the answer to requests in flight when the
				* daemon dies... */
	int gone_errno;	     /* ...and to those that come after that */
};

/* 1 MiB of data, marks at 8 and 2 MiB, 50 us. */
extern const struct relay_conf relay_conf_default;

#endif
