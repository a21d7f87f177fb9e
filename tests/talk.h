/* SPDX-License-Identifier: ISC */
/*
 * A front and a daemon talking through the quirks: a request or reply is
 * built in talk.buf, and is in talk.msg when the quirks had it.
 */
#ifndef FR_TESTS_TALK_H
#define FR_TESTS_TALK_H

#include "quirk/quirk.h"
#include "tests/wire_samples.h"

#define TALK_ALL (~0u) /* quirks */
#define TALK_MAX 16384 /* bytes of a message */

struct talk {
	struct quirks q;
	struct quirk_call call; /* of the last request, for its reply */
	struct wire_buf buf;
	uint8_t msg[TALK_MAX];
	size_t len;
	const struct wire_proto *proto;
};
extern struct talk talk;

/* All quirks on, Linux's layouts. */
void talk_open(void);
void talk_close(void);

/* Finish what is in talk.buf and pass it: 1 if the quirks changed it. */
int talk_request(void);
int talk_reply(void);

/* The message; its word at `at`. */
struct span talk_message(void);
uint64_t talk_word(size_t at);

/* OPEN and the like are answered with fh: what the front gets. */
uint64_t talk_open_gives(uint32_t opcode, uint64_t fh);

#endif
