/* SPDX-License-Identifier: ISC */
/* A replay as a whole: which of a capture's messages it takes. */
#include <errno.h>
#include <string.h>

#include "tests/replay_play.h"
#include "tests/suite.h"

START_TEST(what_the_front_got)
{
	struct span m;

	play_begin();
	/* The relay had changed the handle... */
	play_asked(FUSE_OP_OPEN, 4, 1, "4:0 4:0");
	play_answered(4, 0, "8:0 4:0 4:0");
	m = play_message(0, 0, 4, 0, 0, "8:99 4:0 4:0");
	play_record(TRACE_REPLY, TRACE_REWRITTEN, m, m.len);
	m = play_message(1, FUSE_OP_READ, 6, 1, 0, READ_IN("99"));
	play_record(TRACE_REQUEST, 0, m, m.len);
	m = play_message(1, FUSE_OP_READ, 6, 1, 0, READ_IN("0"));
	play_record(TRACE_REQUEST, TRACE_REWRITTEN, m, m.len);
	/* ...and did not pass on this. */
	m = play_message(0, 0, 6, 0, 0, "=bad");
	play_record(TRACE_REPLY, TRACE_REPAIRED, m, m.len);
	m = play_message(0, 0, 6, 0, -EIO, "");
	play_record(TRACE_REPLY, TRACE_OWN, m, m.len);
	m = play_message(1, FUSE_OP_DESTROY, 8, 0, 0, "");
	play_record(TRACE_REQUEST, TRACE_OWN, m, m.len);
	ck_assert_int_eq(play_run(play_files, SUITE_PATIENCE_MS), E_OK);
	ck_assert_uint_eq(played.n, 3);
	ck_assert_uint_eq(played.seen[2].first, 0x55);
	ck_assert_ptr_nonnull(
	    strstr(played.told, ": result is 0, not -EIO\n"));
}
END_TEST

START_TEST(only_the_session_asked_for)
{
	struct span m;

	play_begin();
	m = play_message(1, FUSE_OP_STATFS, 4, 1, 0, "");
	play_session = 2;
	play_record(TRACE_REQUEST, 0, m, m.len);
	play_session = 1;
	play_record(TRACE_REQUEST, 0, m, m.len);
	m = play_message(0, 0, 4, 0, -EACCES, "");
	play_session = 2;
	play_record(TRACE_REPLY, 0, m, m.len);
	play_session = 1;
	m = play_message(0, 0, 4, 0, 0, "0*80");
	play_record(TRACE_REPLY, 0, m, m.len);
	ck_assert_int_eq(play_run(play_files, SUITE_PATIENCE_MS), E_OK);
	ck_assert_uint_eq(played.n, 2);
}
END_TEST

/* A reply, and at once the next request of its number. */
static void
asked_again(void)
{
	play_begin();
	play_asked(FUSE_OP_LOOKUP, 4, 1, "'a");
	play_answered(4, 0, ENTRY("10") FILE_ATTR);
	play_asked(FUSE_OP_STATFS, 4, 10, "");
	/* Unlike that one, this was never answered. */
	play_asked(FUSE_OP_LOOKUP, 4, 1, "'b");
	play_answered(4, 0, ENTRY("11") FILE_ATTR);
}

START_TEST(f40_numbers_that_come_again_at_once)
{
	asked_again();
	ck_assert_int_eq(play_run(play_files, SUITE_PATIENCE_MS), E_OK);
	ck_assert_uint_eq(played.n, 4);
	ck_assert_uint_eq(played.seen[2].nodeid, 77);
	ck_assert_uint_eq(played.totals.requests, 4);
	ck_assert_uint_eq(played.totals.compared, 3);
	ck_assert_str_eq(played.told, "");
}
END_TEST

static void
stop_act(uint32_t opcode, struct span m)
{
	(void)m;
	if (opcode == FUSE_OP_LOOKUP)
		play_stop();
}

/* The call whose reply is waited for is not in flight any more. */
START_TEST(f40_the_end_comes_first)
{
	asked_again();
	ck_assert_int_eq(play_run(stop_act, SUITE_PATIENCE_MS), E_EOF);
	ck_assert_uint_eq(played.totals.compared, 1);
}
END_TEST

static void
leave_act(uint32_t opcode, struct span m)
{
	(void)m;
	if (opcode == FUSE_OP_LOOKUP)
		play_leave();
}

START_TEST(a_file_system_that_leaves)
{
	play_begin();
	play_asked(FUSE_OP_LOOKUP, 4, 1, "'a");
	play_answered(4, 0, ENTRY("10") FILE_ATTR);
	play_asked(FUSE_OP_GETATTR, 6, 10, "0*16");
	play_answered(6, 0, "8:1 4:0 4:0" FILE_ATTR);
	ck_assert_int_eq(play_run(leave_act, SUITE_PATIENCE_MS), E_EOF);
	ck_assert_uint_eq(played.totals.compared, 1);
}
END_TEST

START_TEST(captures_that_will_not_do)
{
	play_open();
	ck_assert_int_eq(play_opens(0), E_VALUE); /* empty */
	play_open();
	play_asked(FUSE_OP_LOOKUP, 4, 1, "'a");
	ck_assert_int_eq(play_opens(0), E_VALUE); /* no INIT */
	play_begin();
	ck_assert_int_eq(play_opens(2), E_VALUE); /* no such session */
	play_begin();
	ck_assert_int_eq(play_opens(1), E_OK);
}
END_TEST

static void
add(TCase *tc)
{
	tcase_add_test(tc, what_the_front_got);
	tcase_add_test(tc, only_the_session_asked_for);
	tcase_add_test(tc, f40_numbers_that_come_again_at_once);
	tcase_add_test(tc, f40_the_end_comes_first);
	tcase_add_test(tc, a_file_system_that_leaves);
	tcase_add_test(tc, captures_that_will_not_do);
}

int
main(void)
{
	return play_main("replay-capture", add);
}
