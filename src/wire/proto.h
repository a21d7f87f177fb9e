/* SPDX-License-Identifier: ISC */
/*
 * What a session's INIT exchange settled, and the two message headers.
 *
 * Layouts depend on it: sizes are looked up by (row, struct wire_proto),
 * never by a bare sizeof.  Byte order is the host's on both sides.
 */
#ifndef FR_WIRE_PROTO_H
#define FR_WIRE_PROTO_H

#include <stdint.h>

#include "base/err.h"
#include "base/span.h"

#define WIRE_REQ_HEADER 40 /* struct fuse_in_header */
#define WIRE_REP_HEADER 16 /* struct fuse_out_header */
#define WIRE_MAJOR 7	   /* of the protocol's version */
#define WIRE_ROOT_ID 1
/* Longest body of a reply to INIT that a kernel takes. */
#define WIRE_INIT_OUT_MAX 64
/* A WRITE is the largest message with a fixed head in front of its data. */
#define WIRE_WRITE_HEAD 80

enum wire_dialect {
	WIRE_LINUX,  /* the Linux kernel and its libraries */
	WIRE_DARWIN, /* macFUSE and FUSE-T, 7.8 to 7.19 layouts */
	WIRE_DARWIN3 /* libfuse 3 as ported to macFUSE */
};

struct wire_proto {
	enum wire_dialect dialect;
	uint32_t minor; /* effective 7.x minor; 0: INIT not done */
	uint64_t flags; /* granted flags, flags2 in the high half */
	/* Bytes of file data in one WRITE, and asked for by one READ of a
	 * kernel, at most; 0: INIT not done. */
	uint32_t max_write, max_read;
	uint8_t guessed;   /* the dialect is not sure: wire_proto_learn() */
	uint8_t forced;	   /* the user gave the dialect */
	uint8_t on_darwin; /* the session is one on macOS */
};

/* Before INIT is answered: Linux, newest layouts, no flags. */
#define WIRE_MINOR_NEWEST 45
extern const struct wire_proto wire_proto_unknown;

/* The same in the dialect of this name: "linux", "darwin", "darwin3";
 * "auto" is wire_proto_unknown.  E_VALUE. */
int wire_proto_named(struct wire_proto *pr, const char *name) ERR_MUSTCHECK;

#endif
