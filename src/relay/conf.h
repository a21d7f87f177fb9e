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
	size_t high_mark;    /* queued bytes that stop the other side */
	size_t low_mark;     /* ...and that let it go on again */
	unsigned warn_ms;    /* tell of requests that wait longer; 0: no */
	unsigned reread_ms;  /* ask for a large READ again, see reread.h, */
	unsigned parts_ms;   /* and for none so large for a while */
	unsigned timeout_ms; /* answer them with ETIMEDOUT; 0: never */
	unsigned spin_usec;  /* look so long before sleeping; 0: never */
	unsigned quirks;     /* that are on, see quirk/quirk.h */
	int dead_errno;	     /* answer to what a dying daemon owed */
	int gone_errno;	     /* answer to what comes after its death */
};

/* 1 MiB of data, marks at 8 and 2 MiB, 50 us. */
extern const struct relay_conf relay_conf_default;

#endif
