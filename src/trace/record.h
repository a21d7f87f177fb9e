/* SPDX-License-Identifier: ISC */
/*
 * What is observed of a session, a record for each: a message that passes, a
 * read of the byte stream, the begin and end of the session, the name of a
 * caller.  Live tracing, captures and their readers all use records; a record
 * has nothing that a reader could compute itself.
 */
#ifndef FR_TRACE_RECORD_H
#define FR_TRACE_RECORD_H

#include "wire/check.h"

enum trace_kind {
	TRACE_REQUEST = 1,
	TRACE_REPLY = 2,
	TRACE_NOTIFY = 3, /* unique 0 */
	/* A read() of the stream: offset, m.len. */
	TRACE_CHUNK = 4,
	/* m: how many records were left out since the last. */
	TRACE_LOST = 5,
	TRACE_BEGIN = 6,  /* m: mount point, no NUL */
	TRACE_END = 7,	  /* m: why, in words, no NUL */
	TRACE_CALLER = 8, /* m: process id, then its name, no NUL */
	/* In files alone: further bytes of the message before, from its byte
	 * `offset` on. */
	TRACE_MORE = 9,
	/* The kernel's result for a notification: m is the notification
	 * without data, `first` its length, `index` errno or 0. */
	TRACE_RESULT = 10,
	/* In later files of a rotated capture: a node that an earlier file
	 * has; m: pdu.h. */
	TRACE_NODE = 11
};

/* What is where in the m of records that are no messages. */
enum trace_body {
	TRACE_LOST_COUNT = 0, /* 8 bytes */
	TRACE_CALLER_PID = 0, /* 4 bytes */
	TRACE_CALLER_NAME = 4 /* what is left */
};

enum trace_dir {
	TRACE_TO_DAEMON = 0,
	TRACE_TO_FRONT = 1
};

/* Flags.  Those that a later version adds may be ignored. */
#define TRACE_REWRITTEN 0x01 /* as it left; how it came is recorded, too */
#define TRACE_OWN 0x02	     /* made by the relay */
#define TRACE_DROPPED 0x04   /* not passed on */
#define TRACE_REPAIRED 0x08  /* bad reply: the relay's own answer follows */
#define TRACE_PART 0x10	     /* of a split request: daemon's side only */
#define TRACE_AGAIN 0x20     /* was recorded before, in an earlier file */
#define TRACE_BAD 0x40	     /* of an END: the session ended badly */
#define TRACE_DARWIN 0x80    /* in files alone: of a relay on macOS */
/* Of a request: its caller may have had another name at that time than the
 * last TRACE_CALLER has. */
#define TRACE_DOUBT 0x100
/* Passed on, but the kernel takes it for bad: a node has another file type than
 * before, or nothing was written. */
#define TRACE_SPOILT 0x200
#define TRACE_AWAITED 0x400 /* of a NOTIFY: a RESULT is to follow */

struct trace_record {
	uint8_t kind; /* enum trace_kind */
	uint8_t dir;  /* enum trace_dir */
	uint16_t flags;
	uint32_t session;
	uint64_t mono_ns; /* CLOCK_MONOTONIC */
	uint64_t real_ns; /* since 1970 */
	uint64_t offset;  /* of the first byte in its stream, or 0 */
	uint32_t pieces;  /* reads it took to arrive, 0: unknown */
	uint32_t first;	  /* bytes that came with the first of them */
	uint32_t index;	  /* n-th message of its read, from 0 */
	uint32_t kept;	  /* bytes of m that are really there */
	/* Borrowed.  m.len is the length of the message itself; bytes from
	 * kept on may be read, but are zero where they were left out. */
	struct span m;
	/* Borrowed, and only known where the message passes: what INIT has
	 * settled so far; what the request expects that a reply answers. */
	const struct wire_proto *proto;
	const struct wire_expect *expect;
};

#endif
