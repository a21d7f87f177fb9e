/* SPDX-License-Identifier: ISC */
/*
 * A replay as a whole: the test writes a capture, then plays the file
 * system that it is sent to.  Bodies are scripts (wire_samples.h).
 */
#ifndef FR_TESTS_REPLAY_PLAY_H
#define FR_TESTS_REPLAY_PLAY_H

#include <check.h>

#include "replay/replay.h"
#include "tests/wire_samples.h"
#include "trace/record.h"

#define FILE_ATTR ATTR_LINUX("0100644")
#define READ_IN(fh) "8:" fh " 8:0 4:4096 4:0 8:0 4:0 4:0"
#define SEEN_MAX 64

/* What the file system was sent, and what came of it. */
struct played {
	struct {
		uint32_t opcode;
		uint64_t unique, nodeid;
		uint64_t first; /* word of its body */
	} seen[SEEN_MAX];
	size_t n;
	char told[4096]; /* what the replay has told */
	struct replay_totals totals;
};
extern struct played played;
extern uint32_t play_session; /* of what is recorded */

/* How the file system takes a request, but INIT. */
typedef void play_act(uint32_t opcode, struct span m);

/* Run these tests; the program's status. */
int play_main(const char *suite, void (*add)(TCase *tc));

/* Start a capture: empty; with INIT and its reply. */
void play_open(void);
void play_begin(void);

/* Record a message; a request, or a reply, with nothing special about it. */
void play_record(enum trace_kind kind, uint16_t flags, struct span m,
    size_t kept);
void play_asked(uint32_t opcode, uint64_t unique, uint64_t nodeid,
    const char *body);
void play_answered(uint64_t unique, int32_t error, const char *body);

/* Build one; borrowed until the next. */
struct span play_message(int is_request, uint32_t opcode, uint64_t unique,
    uint64_t nodeid, int32_t error, const char *body);

/* Answer a request, or whichever has that number. */
void play_answer(struct span request, int32_t error, const char *body);
void play_answer_unique(uint64_t unique, int32_t error, const char *body);

/* The file system closes its end. */
void play_leave(void);

/* The replay is stopped. */
void play_stop(void);

/* A file system with files: node 77, handle 0x55, "hellO" in it. */
void play_files(uint32_t opcode, struct span m);

/* Play the capture; what replay_result() says. */
int play_run(play_act *how, unsigned timeout_ms);

/* What replay_new() says to the capture, asked for that session. */
int play_opens(uint32_t which);

/* Requests that were left out, for whatever reason. */
uint64_t play_skipped(void);

#endif
