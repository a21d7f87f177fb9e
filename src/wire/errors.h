/* SPDX-License-Identifier: ISC */
/*
 * Names of errors.  The numbers are those of the system that the daemon
 * runs on, which need not be the one that prints them.
 */
#ifndef FR_WIRE_ERRORS_H
#define FR_WIRE_ERRORS_H

#include "wire/proto.h"
#include "wire/text.h"

enum wire_system {
	WIRE_ON_LINUX,
	WIRE_ON_DARWIN
};

#ifdef __APPLE__
#define WIRE_ON_HOST WIRE_ON_DARWIN
#else
#define WIRE_ON_HOST WIRE_ON_LINUX
#endif

/* Where the session's daemon runs, as far as is known: darwin's dialects are
 * spoken on macOS alone. */
enum wire_system wire_proto_system(const struct wire_proto *pr);

/* "ENOENT" for 2; NULL for a number without a name. */
const char *wire_errno_name(enum wire_system s, int num);

/* The same for the error of a reply, 0 or negative. */
const char *wire_reply_errno(const struct wire_proto *pr, int32_t error);

/* Append the error of a reply as "-ENOENT", else as a number. */
void errors_put(struct text *t, const struct wire_proto *pr, int32_t error);

#endif
