/* SPDX-License-Identifier: ISC */
/* A replay as a whole: today's numbers, the recorded order, locks,
 * interrupts, listings. */
#include <errno.h>
#include <stdlib.h>

#include "tests/replay_play.h"
#include "tests/suite.h"
#include "wire/get.h"

/* ---- numbers ---- */

START_TEST(numbers_of_today)
{
	play_begin();
	play_asked(FUSE_OP_LOOKUP, 4, 1, "'a");
	play_answered(4, 0, ENTRY("10") FILE_ATTR);
	play_asked(FUSE_OP_OPEN, 6, 10, "4:0 4:0");
	play_answered(6, 0, "8:5 4:0 4:0");
	play_asked(FUSE_OP_READ, 8, 10, READ_IN("5"));
	play_answered(8, 0, "=hello");
	play_asked(FUSE_OP_RELEASE, 10, 10, "8:5 4:0 4:0 8:0");
	play_answered(10, 0, "");
	play_asked(FUSE_OP_FORGET, 12, 10, "8:1");
	ck_assert_int_eq(play_run(play_files, SUITE_PATIENCE_MS), E_OK);
	ck_assert_uint_eq(played.n, 6);
	ck_assert_uint_eq(played.seen[2].nodeid, 77);
	ck_assert_uint_eq(played.seen[3].nodeid, 77);
	ck_assert_uint_eq(played.seen[3].first, 0x55);
	ck_assert_uint_eq(played.seen[4].first, 0x55);
	ck_assert_int_eq(played.seen[5].opcode, FUSE_OP_FORGET);
	ck_assert_uint_eq(played.seen[5].nodeid, 77);
	ck_assert_uint_eq(played.totals.requests, 6);
	ck_assert_uint_eq(played.totals.compared, 5);
	ck_assert_uint_eq(played.totals.differences, 1);
	ck_assert_str_eq(played.told,
	    "record 7 unique 8 READ(\"/a\", fh=0x5, "
	    "offset=0, size=4096): byte 4 of the data is 0x4f, not 0x6f\n");
}
END_TEST

/* ---- order ---- */

static uint64_t held[2];

static void
order_act(uint32_t opcode, struct span m)
{
	if (opcode == FUSE_OP_LOOKUP && played.n == 2) {
		held[0] = get_u64(m, 8);
	} else if (opcode == FUSE_OP_LOOKUP && played.n == 3) {
		/* Both are here; the later one is answered first. */
		held[1] = get_u64(m, 8);
		play_answer_unique(held[1], 0, ENTRY("72") FILE_ATTR);
		play_answer_unique(held[0], 0, ENTRY("71") FILE_ATTR);
	} else {
		play_answer(m, 0, "8:1 4:0 4:0" FILE_ATTR);
	}
}

START_TEST(together_as_recorded)
{
	play_begin();
	play_asked(FUSE_OP_LOOKUP, 4, 1, "'a");
	play_asked(FUSE_OP_LOOKUP, 6, 1, "'b");
	play_answered(4, 0, ENTRY("10") FILE_ATTR);
	/* Follows from the reply to the first, not from the second. */
	play_asked(FUSE_OP_GETATTR, 8, 10, "0*16");
	play_answered(6, 0, ENTRY("11") FILE_ATTR);
	play_answered(8, 0, "8:1 4:0 4:0" FILE_ATTR);
	play_asked(FUSE_OP_GETATTR, 10, 11, "0*16");
	play_answered(10, 0, "8:1 4:0 4:0" FILE_ATTR);
	ck_assert_int_eq(play_run(order_act, SUITE_PATIENCE_MS), E_OK);
	ck_assert_uint_eq(played.n, 5);
	ck_assert_uint_eq(played.seen[3].nodeid, 71);
	ck_assert_uint_eq(played.seen[4].nodeid, 72);
	ck_assert_uint_eq(played.totals.compared, 5);
	ck_assert_str_eq(played.told, "");
}
END_TEST

/* ---- locks, interrupts, silence ---- */

static uint64_t blocked;

static void
lock_act(uint32_t opcode, struct span m)
{
	switch (opcode) {
	case FUSE_OP_OPEN:
		play_answer(m, 0, "8:0x55 4:0 4:0");
		break;
	case FUSE_OP_SETLKW:
		blocked = get_u64(m, 8);
		break;
	case FUSE_OP_INTERRUPT:
		ck_assert_uint_eq(get_u64(m, WIRE_REQ_HEADER), blocked);
		/* It was too late. */
		play_answer_unique(blocked, 0, "");
		break;
	case FUSE_OP_SETLK:
		play_answer(m, 0, "");
		play_answer_unique(blocked, 0, "");
		break;
	default:
		break;
	}
}

#define LOCK_IN "8:5 8:1 8:0 8:99 4:1 4:1 4:0 4:0"

static void
lock_begin(void)
{
	play_begin();
	play_asked(FUSE_OP_OPEN, 4, 1, "4:0 4:0");
	play_answered(4, 0, "8:5 4:0 4:0");
	play_asked(FUSE_OP_SETLKW, 66, 1, LOCK_IN);
}

START_TEST(what_a_blocked_one_waits_for)
{
	lock_begin();
	play_asked(FUSE_OP_SETLK, 68, 1, LOCK_IN);
	play_answered(68, 0, "");
	play_answered(66, 0, "");
	ck_assert_int_eq(play_run(lock_act, SUITE_PATIENCE_MS), E_OK);
	ck_assert_str_eq(played.told, "");
	ck_assert_uint_eq(played.totals.requests, 4);
	ck_assert_uint_eq(played.totals.undecided, 2);
}
END_TEST

START_TEST(interrupts_reach_their_request)
{
	lock_begin();
	play_asked(FUSE_OP_INTERRUPT, 67, 0, "8:66");
	play_answered(66, -EINTR, "");
	/* Of what was answered long ago. */
	play_asked(FUSE_OP_INTERRUPT, 67, 0, "8:66");
	ck_assert_int_eq(play_run(lock_act, SUITE_PATIENCE_MS), E_OK);
	ck_assert_str_eq(played.told, "");
	ck_assert_uint_eq(played.n, 4);
	ck_assert_uint_eq(played.seen[3].unique, blocked | 1);
	ck_assert_uint_ne(blocked, 66);
	ck_assert_uint_eq(played.totals.undecided, 1);
	ck_assert_uint_eq(played.totals.skipped[SKIP_TARGET], 1);
}
END_TEST

START_TEST(silence_is_a_difference)
{
	lock_begin();
	play_answered(66, 0, "");
	play_asked(FUSE_OP_OPEN, 8, 1, "4:0 4:0");
	play_answered(8, 0, "8:5 4:0 4:0");
	/* In flight at the end of the capture. */
	play_asked(FUSE_OP_SETLKW, 10, 1, LOCK_IN);
	ck_assert_int_eq(play_run(lock_act, 500), E_OK);
	ck_assert_str_eq(played.told,
	    "record 5 unique 66 SETLKW(\"/\", "
	    "fh=0x5, owner=0x1, lk={start=0, end=99, type=F_WRLCK, pid=1}): "
	    "no reply in 0.5 s\n");
	ck_assert_uint_eq(played.n, 5);
	ck_assert_uint_eq(played.totals.compared, 3);
}
END_TEST

/* ---- directories ---- */

#define DIRENT(off, len, name) " 8:1 8:" off " 4:" len " 4:8 =" name
#define PLUS(nodeid, off, name) \
	" " ENTRY(nodeid) FILE_ATTR DIRENT(off, "8", name)

static void
directory_act(uint32_t opcode, struct span m)
{
	uint64_t offset = get_u64(m, WIRE_REQ_HEADER + 8);

	switch (opcode) {
	case FUSE_OP_OPENDIR:
		play_answer(m, 0, "8:0x55 4:0 4:0");
		break;
	case FUSE_OP_READDIRPLUS:
		/* Another order, offsets of its own, one in a reply. */
		if (offset == 0)
			play_answer(m, 0, PLUS("72", "901", "bbbbbbbb"));
		else if (offset == 901)
			play_answer(m, 0, PLUS("73", "902", "cccccccc"));
		else if (offset == 902)
			play_answer(m, 0, PLUS("71", "903", "aaaaaaaa"));
		else
			play_answer(m, 0, "");
		break;
	case FUSE_OP_LOOKUP:
		ck_assert_str_eq((const char *)m.p + WIRE_REQ_HEADER,
		    "aaaaaaaa");
		play_answer(m, 0, ENTRY("71") FILE_ATTR);
		break;
	case FUSE_OP_GETATTR:
		play_answer(m, 0, "8:1 4:0 4:0" FILE_ATTR);
		break;
	default:
		play_answer(m, 0, "");
		break;
	}
}

static void
one_entry_act(uint32_t opcode, struct span m)
{
	play_answer(m, 0,
	    opcode == FUSE_OP_OPENDIR ? "8:0x55 4:0 4:0" :
					DIRENT("1", "8", "aaaaaaaa"));
}

#define READDIR_IN(offset) "8:5 8:" offset " 4:4096 4:0 8:0 4:0 4:0"

START_TEST(listings_are_read_to_the_end)
{
	play_begin();
	play_asked(FUSE_OP_OPENDIR, 4, 1, "4:0 4:0");
	play_answered(4, 0, "8:5 4:0 4:0");
	play_asked(FUSE_OP_READDIRPLUS, 6, 1, READDIR_IN("0"));
	play_answered(6, 0,
	    PLUS("10", "1", "aaaaaaaa") PLUS("11", "2", "bbbbbbbb"));
	/* Not in the new reply yet. */
	play_asked(FUSE_OP_GETATTR, 8, 10, "0*16");
	play_answered(8, 0, "8:1 4:0 4:0" FILE_ATTR);
	play_asked(FUSE_OP_READDIRPLUS, 10, 1, READDIR_IN("2"));
	play_answered(10, 0, "");
	play_asked(FUSE_OP_RELEASEDIR, 12, 1, "8:5 4:0 4:0 8:0");
	play_answered(12, 0, "");
	ck_assert_int_eq(play_run(directory_act, SUITE_PATIENCE_MS), E_OK);
	ck_assert_str_eq(played.told,
	    "record 9 unique 10 READDIRPLUS(\"/\", "
	    "fh=0x5, offset=2, size=4096): \"cccccccc\" is new\n");
	ck_assert_uint_eq(play_skipped(), 0);
	ck_assert_int_eq(played.seen[3].opcode, FUSE_OP_LOOKUP);
	ck_assert_int_eq(played.seen[4].opcode, FUSE_OP_GETATTR);
	ck_assert_uint_eq(played.seen[4].nodeid, 71);
	ck_assert_int_eq(played.seen[played.n - 1].opcode, FUSE_OP_RELEASEDIR);
	/* Of its own requests nothing is played.told. */
	ck_assert_uint_eq(played.totals.requests, 6);
}
END_TEST

#define EXT_LEN 4800u

/* A request with an extension so large that it is not kept. */
static void
asked_at_length(uint64_t unique, const char *body)
{
	struct span m = play_message(1, FUSE_OP_READDIR, unique, 1, 0, body);
	uint8_t *large = calloc(1, m.len + EXT_LEN);

	memcpy(large, m.p, m.len);
	put_u32(large, m.len, 0, (uint32_t)m.len + EXT_LEN);
	put_u16(large, m.len, 36, EXT_LEN / 8);
	m = (struct span){ large, m.len + EXT_LEN };
	play_record(TRACE_REQUEST, 0, m, m.len);
	free(large);
}

START_TEST(a_request_that_is_not_kept)
{
	play_begin();
	play_asked(FUSE_OP_OPENDIR, 4, 1, "4:0 4:0");
	play_answered(4, 0, "8:5 4:0 4:0");
	asked_at_length(6, READDIR_IN("0"));
	play_answered(6, 0, "");
	ck_assert_int_eq(play_run(one_entry_act, SUITE_PATIENCE_MS), E_OK);
	/* Not read on: the end of today's listing is not known. */
	ck_assert_uint_eq(played.n, 3);
	ck_assert_uint_eq(played.totals.compared, 3);
}
END_TEST

static void
add(TCase *tc)
{
	tcase_add_test(tc, numbers_of_today);
	tcase_add_test(tc, together_as_recorded);
	tcase_add_test(tc, what_a_blocked_one_waits_for);
	tcase_add_test(tc, interrupts_reach_their_request);
	tcase_add_test(tc, silence_is_a_difference);
	tcase_add_test(tc, listings_are_read_to_the_end);
	tcase_add_test(tc, a_request_that_is_not_kept);
}

int
main(void)
{
	return play_main("replay-play", add);
}
