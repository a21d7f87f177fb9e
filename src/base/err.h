/* SPDX-License-Identifier: ISC */
/*
 * The one set of error codes.
 *
 * A function that can fail returns int: E_OK (0), a positive answer where
 * its comment says so, or one of these.  Pure layers return them and never
 * log; the event layer logs once and decides.
 */
#ifndef FR_BASE_ERR_H
#define FR_BASE_ERR_H

enum err {
	E_OK = 0,
	E_SYS = -1,	  /* a system call failed, see errno */
	E_NOMEM = -2,	  /* out of memory */
	E_SHORT = -3,	  /* fewer bytes than the layout needs */
	E_LONG = -4,	  /* more bytes than the layout allows */
	E_LEN = -5,	  /* length word and length disagree */
	E_NUL = -6,	  /* name without a terminating NUL */
	E_NAME = -7,	  /* name empty, too long or with a slash */
	E_DESYNC = -8,	  /* stream out of step, no way back */
	E_AGAIN = -9,	  /* would block; try when ready */
	E_EOF = -10,	  /* the peer is gone */
	E_BIG = -11,	  /* more than this end can carry */
	E_VALUE = -12,	  /* a field has a value it may not have */
	E_PROTO = -13,	  /* peer broke the protocol */
	E_TIMEOUT = -14,  /* took too long */
	E_NOTFOUND = -15, /* no such entry */
	E_EXISTS = -16,	  /* already there */
	E_UNSUP = -17,	  /* not available on this system */
	E_FULL = -18,	  /* a bounded table or queue is full */
	E_HELD = -19	  /* must wait for what was sent before it */
};

#define ERR_MUSTCHECK __attribute__((warn_unused_result))

/* What r means, in a few words.  Static text, never NULL. */
const char *err_text(int r);

/* The same; of E_SYS, what errno says. */
const char *err_why(int r);

#endif
