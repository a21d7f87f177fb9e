/* SPDX-License-Identifier: ISC */
/*
 * The INIT exchange: fields of the two messages, in whatever length they
 * come (a request's body has 8, 16 or 64 bytes, a reply's 8, 24 or 64),
 * and the flags that decide what the session may do.
 *
 * A field beyond the message's end reads as 0 and cannot be written, which
 * is what both peers make of it.
 */
#ifndef FR_WIRE_INIT_H
#define FR_WIRE_INIT_H

#include "wire/expect.h"
#include "wire/proto.h"

/* The bits of a session's flags, by name. */
enum wire_init_flag {
#define INIT_FLAG(bit, name, since, dialect, relay) \
	WIRE_BIT_##dialect##_##name = bit,
#include "wire/init_flags.def"
#undef INIT_FLAG
	WIRE_BIT_NONE = -1
};

enum wire_init_field {
	INIT_IN_MAJOR,
	INIT_IN_MINOR,
	INIT_IN_MAX_READAHEAD, /* bytes */
	INIT_OUT_MAJOR,
	INIT_OUT_MINOR,
	INIT_OUT_MAX_READAHEAD, /* bytes */
	INIT_OUT_MAX_BACKGROUND,
	INIT_OUT_MAX_WRITE, /* bytes */
	INIT_OUT_MAX_PAGES, /* counts only with MAX_PAGES granted */
	INIT_OUT_MAX_STACK_DEPTH,
	INIT_OUT_REQUEST_TIMEOUT /* seconds */
};

/* The field of a request (IN) or reply (OUT) message, 0 if not there. */
uint32_t wire_init_get(struct span m, enum wire_init_field f);

/* Write the field in place; a value that is too large for it becomes the
 * largest that is not.  1; 0 if the message ends before the field. */
int wire_init_put(uint8_t *p, size_t len, enum wire_init_field f, uint32_t v);

/* Write max in the place of a larger value.  The value that the field has
 * then. */
uint32_t wire_init_clamp(uint8_t *p, size_t len, enum wire_init_field f,
    size_t max);

/*
 * The flags of a message, flags2 in the high half.  flags2 counts only if
 * INIT_EXT is set in the same message.
 */
uint64_t wire_init_in_flags(struct span m);
uint64_t wire_init_out_flags(struct span m);

/* Write the flags in place, flags2 only where the message has it. */
void wire_init_in_set_flags(uint8_t *p, size_t len, uint64_t flags);
void wire_init_out_set_flags(uint8_t *p, size_t len, uint64_t flags);

/* The dialect of an INIT request, as far as the request alone shows it; some
 * bits of the flags mean another thing in each.  pr is what is known before.
 */
enum wire_dialect wire_init_dialect(const struct wire_proto *pr,
    struct span request);

/*
 * The flags that the relay must clear in the request, because the daemon has a
 * socket: those that need the real device, and, for Linux, those without a row
 * in init_flags.def, since an unknown flag may change the layout of messages.
 */
uint64_t wire_init_mask(enum wire_dialect dialect);

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
