/* SPDX-License-Identifier: ISC */
/*
 * Is a message what its own header and its table row say?
 *
 * The rules for replies are those of Linux's fs/fuse/dev.c: these functions
 * say whether the kernel would refuse a reply that is written to its device,
 * and what it would do to the request then.  They are pure: no logging, no
 * allocation, no globals.
 */
#ifndef FR_WIRE_CHECK_H
#define FR_WIRE_CHECK_H

#include "wire/ops.h"

/*
 * Check a request: header length, fixed part, names, inner sizes.  *op is
 * its row, NULL for an unknown opcode (then only the header is checked).
 * E_SHORT, E_LONG, E_LEN, E_NUL, E_NAME, E_VALUE; on an error *where is the
 * message offset of the trouble.
 */
int wire_check_request(const struct wire_proto *pr, struct span m,
    const struct op **op, size_t *where) ERR_MUSTCHECK;

/* What must be kept of a request to judge its reply. */
struct wire_expect {
	uint32_t opcode;
	uint32_t fixed;	 /* fixed bytes that must come, header excluded */
	uint32_t tail;	 /* at most so many variable bytes behind them */
	uint8_t known;	 /* 0: opcode without a row, any body passes */
	uint8_t noreply; /* never answered */
	uint8_t shrinks; /* fixed part may be cut short too (INIT) */
	/* What else the check of a reply needs, by the request's opcode. */
	union {
		struct {
			int is_dots; /* it asks for "." or ".." */
		} lookup;
		struct {	       /* of requests that make a node */
			uint32_t type; /* S_IFMT that is asked for, or 0 */
		} made;
		struct {
			uint32_t size;	/* bytes to be written */
			uint32_t flags; /* FUSE_WRITE_* */
		} write;
		struct {	      /* COPY_FILE_RANGE, in both forms */
			uint64_t len; /* bytes to be copied */
		} copy;
		struct {
			uint32_t out_size; /* bytes that the caller takes */
			uint32_t flags;	   /* FUSE_IOCTL_* */
		} ioctl;
	};
};

/* Fill *e from a request that wire_check_request() accepted. */
void wire_expect_set(struct wire_expect *e, const struct wire_proto *pr,
    struct span request);

enum wire_verdict {
	REPLY_GOOD,    /* pass it on */
	REPLY_REFUSED, /* kernel: EINVAL to the writer, request stays
			 * pending: header length, error value */
	REPLY_FAILS,   /* kernel: the caller gets EIO: body length,
			 * error with body, contents */
};

/*
 * Judge one reply message (not a notification) against what its request
 * expects.  *why is a static text when the verdict is not REPLY_GOOD.
 * Contents are checked as the kernel's operations do (READDIR names,
 * WRITE size, LISTXATTR ends, entry of the root, ...).
 */
enum wire_verdict wire_check_reply(const struct wire_proto *pr,
    const struct wire_expect *e, struct span reply, const char **why);

/*
 * Does a good reply without error say that nothing of a WRITE was written?
 * The kernel takes it as it is, and makes EIO of it unless the file is open
 * for direct I/O.  (What it writes out of its cache it does not look at.)
 */
int wire_wrote_nothing(const struct wire_expect *e, struct span reply);

/* Judge a notification (unique 0): E_OK, or why the kernel's writer would
 * get EINVAL: E_SHORT, E_LONG, E_LEN, E_VALUE (no such code); or
 * ENAMETOOLONG: E_NAME. */
int wire_check_notify(const struct wire_proto *pr,
    struct span m) ERR_MUSTCHECK;

/* Why, in words: r is of wire_check_notify(). */
const char *wire_notify_why(int r);

/*
 * Take the INIT exchange into *pr: reads the dialect, minor, granted flags
 * and sizes off the request and its (accepted) reply.  E_SHORT, E_VALUE (major
 * not 7) leave *pr alone.
 */
int wire_proto_from_init(struct wire_proto *pr, struct span request,
    struct span reply) ERR_MUSTCHECK;

/*
 * INIT does not always show whether FUSE-T chose the Linux or the darwin
 * layouts: pr->guessed is set then.  The length of the first reply to a LOOKUP
 * or GETATTR shows it.  Call this before wire_check_reply(); it is cheap and
 * does nothing once the dialect is sure.  1 if it changed pr->dialect, and *e
 * accordingly, else 0.
 */
int wire_proto_learn(struct wire_proto *pr, struct wire_expect *e,
    struct span reply);

#endif
