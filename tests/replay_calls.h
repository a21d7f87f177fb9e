/* SPDX-License-Identifier: ISC */
/*
 * Recorded requests and their replies, old and new, for the tests of the
 * parts of a replay.
 */
#ifndef FR_TESTS_REPLAY_CALLS_H
#define FR_TESTS_REPLAY_CALLS_H

#include <check.h>

#include "replay/call.h"
#include "tests/wire_samples.h"

extern struct replay_maps maps;

/* Run these tests, each with maps of its own; the program's status. */
int calls_run(const char *suite, void (*add)(TCase *tc));

/* A recorded request; of its bytes, `lacks` are not in the capture. */
struct replay_call *call_make(uint32_t opcode, uint64_t nodeid,
    const char *body, size_t lacks);

/* Translate it and begin what it changes. */
enum replay_skip call_put(struct replay_call *c);

/* One of its two replies. */
void call_reply(struct call_bytes *b, const char *body, int32_t error);

/* It was answered; it is freed. */
void call_end(struct replay_call *c);

/* A word of the request as it is sent. */
uint64_t sent_u64(const struct replay_call *c, size_t off);

/* Node 10 of the recording is 20 now, 11 is 21..., one lookup each. */
void know_nodes(unsigned n);

#endif
