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

#include "wire/expect.h"
#include "wire/ops.h"

/*
 * Check a request: header length, fixed part, names, inner sizes.  *op is
 * its row, NULL for an unknown opcode (then only the header is checked).
 * E_SHORT, E_LONG, E_LEN, E_NUL, E_NAME, E_VALUE; on an error *where is the
 * message offset of the trouble.
 */
int wire_check_request(const struct wire_proto *pr, struct span m,
    const struct op **op, size_t *where) ERR_MUSTCHECK;

enum wire_verdict {
	REPLY_GOOD,    /* pass it on */
	REPLY_REFUSED, /* kernel: EINVAL to the writer, request goes on
			 * waiting: header length, error value */
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

#endif
