/* SPDX-License-Identifier: ISC */
/* Large READs whose reply the daemon may have failed to send. */
#include <errno.h>
#include <string.h>

#include "parts.h"
#include "relay/reread.h"
#include "tests/suite.h"

#define SIZE 200000u
#define DIRECT_IO 1u
#define NONSEEKABLE 4u

static void
setup_without_init(void)
{
	struct relay_conf conf = bed_conf();

	conf.reread_ms = 60;
	conf.warn_ms = 80;
	conf.parts_ms = 900;
	parts_start(&conf);
	parts_fill(fs.file, SIZE + 5, 1);
}

static void
setup(void)
{
	setup_without_init();
	bed_init();
}

static void
wait_for_again(uint64_t n)
{
	while (session_stats(bed.s)->repeated < n)
		ck_assert_int_eq(event_base_loop(bed.base, EVLOOP_ONCE), 0);
	bed_settle();
}

/* The daemon takes the next request and says nothing. */
static void
lose_one(void)
{
	fs.at = fs.parts;
	fs.silent = 1;
	ck_assert_int_eq(parts_serve_one(), 1);
	fs.silent = 0;
}

/* The request in bed.b goes to the daemon, this reply to the front. */
static void
answer_built(uint32_t op, uint64_t unique, const void *reply, size_t n)
{
	struct span m;

	ck_assert_int_eq(wire_end(&bed.b, &m), E_OK);
	bed_send(m.p, m.len);
	bed_settle();
	bed_expect_request(op, unique);
	bed_reply(unique, 0, reply, n);
	bed_expect_answer(unique, 0);
}

/* OPEN or CREATE of parts_ask()'s node is answered with its handle. */
static void
open_with(uint32_t op, uint64_t unique, uint32_t flags)
{
	uint8_t body[200] = "name", out[144] = { 0 };
	size_t n = op == FUSE_OP_OPEN ? 16 : 144;

	wire_begin_request(&bed.b, op, unique, op == FUSE_OP_OPEN ? 99 : 1);
	if (op == FUSE_OP_CREATE)
		wire_put_zero(&bed.b, 16);
	wire_put_bytes(&bed.b, body, op == FUSE_OP_OPEN ? 8 : 5);
	put_u64(out, n, 0, 99); /* the entry's node */
	put_u32(out, n, n == 144 ? 100 : 12, n == 144 ? 0100600 : 0);
	put_u64(out, n, n - 16, FH);
	put_u32(out, n, n - 8, flags);
	answer_built(op, unique, out, n);
}

static void
release(uint64_t unique)
{
	wire_begin_request(&bed.b, FUSE_OP_RELEASE, unique, 99);
	wire_put_u64(&bed.b, FH);
	wire_put_zero(&bed.b, 16);
	answer_built(FUSE_OP_RELEASE, unique, NULL, 0);
}

START_TEST(f11_lost_read_is_asked_again)
{
	parts_ask(4, 5, SIZE, NULL);
	lose_one();
	ck_assert_uint_eq(fs.unique, 4);
	wait_for_again(1);
	parts_serve();
	ck_assert_uint_ge(fs.unique, SESSION_OWN_UNIQUE);
	ck_assert_uint_eq(fs.parts,
	    1 + (SIZE + REREAD_PART - 1) / REREAD_PART);
	parts_expect_read(4, fs.file + 5, SIZE);
	parts_expect_clean();
	/* It was not lost after all. */
	bed_reply(4, 0, fs.file + 5, SIZE);
	parts_expect_clean();
	ck_assert_uint_eq(session_stats(bed.s)->late, 1);
	ck_assert_uint_eq(session_stats(bed.s)->dropped, 0);
}
END_TEST

/* READs go in parts for a while, but for those that are not to. */
START_TEST(f11_after_a_loss_reads_are_small)
{
	parts_ask(4, 5, SIZE, NULL);
	lose_one();
	wait_for_again(1);
	parts_serve();
	parts_expect_read(4, fs.file + 5, SIZE);
	fs.parts = 0;
	parts_ask(6, 5, SIZE, NULL);
	parts_serve();
	parts_expect_read(6, fs.file + 5, SIZE);
	ck_assert_uint_eq(fs.parts, (SIZE + REREAD_PART - 1) / REREAD_PART);
	ck_assert_uint_eq(session_stats(bed.s)->divided, 0);
	parts_ask(8, 0, REREAD_PART, NULL);
	ck_assert_int_eq(parts_serve_one(), 1);
	ck_assert_uint_eq(fs.unique, 8);
	parts_expect_read(8, fs.file, REREAD_PART);
	open_with(FUSE_OP_OPEN, 10, NONSEEKABLE);
	parts_ask(12, 0, SIZE, NULL);
	ck_assert_int_eq(parts_serve_one(), 1);
	ck_assert_uint_eq(fs.unique, 12);
	parts_expect_read(12, fs.file, SIZE);
	release(14);
	/* Until it is over. */
	do {
		parts_ask(16, 0, SIZE, NULL);
		parts_serve();
		parts_expect_read(16, fs.file, SIZE);
	} while (fs.unique != 16);
	parts_expect_clean();
}
END_TEST

START_TEST(slow_reply_counts_if_it_is_first)
{
	parts_ask(4, 5, SIZE, NULL);
	lose_one();
	wait_for_again(1);
	ck_assert_int_eq(parts_serve_one(), 1);
	bed_reply(4, 0, fs.file + 5, SIZE);
	parts_expect_read(4, fs.file + 5, SIZE);
	parts_serve();
	parts_expect_clean();
	ck_assert_uint_eq(session_stats(bed.s)->late, 1);
	ck_assert_uint_eq(session_stats(bed.s)->dropped, 0);
}
END_TEST

START_TEST(error_after_all_is_the_answer)
{
	parts_ask(4, 5, SIZE, NULL);
	lose_one();
	wait_for_again(1);
	bed_reply(4, -EIO, NULL, 0);
	bed_expect_answer(4, -EIO);
	parts_serve();
	parts_expect_clean();
}
END_TEST

START_TEST(small_reply_finds_memory)
{
	parts_ask(4, 0, REREAD_PART, NULL);
	lose_one();
	parts_ask(6, 0, REREAD_PART + 1, NULL);
	lose_one();
	/* The older one was looked at before. */
	wait_for_again(1);
	parts_serve();
	parts_expect_read(6, fs.file, REREAD_PART + 1);
	bed_reply(4, 0, fs.file, REREAD_PART);
	parts_expect_read(4, fs.file, REREAD_PART);
	parts_expect_clean();
}
END_TEST

static const struct {
	uint32_t op, flags;
} once[] = {
	{ FUSE_OP_OPEN, NONSEEKABLE },
	{ FUSE_OP_OPEN, DIRECT_IO },
	{ FUSE_OP_CREATE, DIRECT_IO | NONSEEKABLE },
};
#define ONCE (int)(sizeof(once) / sizeof(once[0]))

START_TEST(what_is_read_once_is_not_asked_again)
{
	open_with(once[_i].op, 4, once[_i].flags);
	open_with(FUSE_OP_OPEN, 6, 0);
	release(8);
	parts_ask(10, 0, SIZE, NULL);
	lose_one();
	bed_request_read(12, SIZE); /* of another file */
	wait_for_again(1);
	bed_reply(12, -EPERM, NULL, 0);
	bed_expect_answer(12, -EPERM);
	bed_reply(10, 0, fs.file, SIZE);
	parts_expect_read(10, fs.file, SIZE);
	ck_assert_uint_eq(session_stats(bed.s)->repeated, 1);
}
END_TEST

START_TEST(released_handle_means_nothing)
{
	open_with(once[_i].op, 4, once[_i].flags);
	release(8);
	parts_ask(10, 0, SIZE, NULL);
	lose_one();
	wait_for_again(1);
	parts_serve();
	parts_expect_read(10, fs.file, SIZE);
	parts_expect_clean();
}
END_TEST

START_TEST(daemon_that_does_not_read_is_left_alone)
{
	parts_ask(4, 0, SIZE, NULL);
	while (!bed_logged("no answer to READ"))
		ck_assert_int_eq(event_base_loop(bed.base, EVLOOP_ONCE), 0);
	ck_assert_uint_eq(session_stats(bed.s)->repeated, 0);
	lose_one();
	wait_for_again(1);
	parts_serve();
	parts_expect_read(4, fs.file, SIZE);
	parts_expect_clean();
}
END_TEST

/* How large a part may be is not known yet. */
START_TEST(nothing_is_asked_again_before_init)
{
	parts_ask(4, 0, SIZE, NULL);
	lose_one();
	while (!bed_logged("no answer to READ"))
		ck_assert_int_eq(event_base_loop(bed.base, EVLOOP_ONCE), 0);
	ck_assert_uint_eq(session_stats(bed.s)->repeated, 0);
	bed_reply(4, 0, fs.file, SIZE);
	parts_expect_read(4, fs.file, SIZE);
	parts_expect_clean();
}
END_TEST

START_TEST(timeout_ends_both)
{
	bed.relay.conf.timeout_ms = 200;
	parts_ask(4, 0, SIZE, NULL);
	lose_one();
	wait_for_again(1);
	lose_one();
	while (session_stats(bed.s)->timed_out == 0)
		ck_assert_int_eq(event_base_loop(bed.base, EVLOOP_ONCE), 0);
	bed_settle();
	bed_expect_answer(4, -ETIMEDOUT);
	bed_reply(fs.unique, 0, fs.file, REREAD_PART);
	bed_reply(4, 0, fs.file, SIZE);
	parts_expect_clean();
	ck_assert_uint_eq(session_stats(bed.s)->late, 2);
	ck_assert_uint_eq(session_stats(bed.s)->dropped, 0);
}
END_TEST

START_TEST(daemon_dies_meanwhile)
{
	parts_ask(4, 0, SIZE, NULL);
	lose_one();
	wait_for_again(1);
	bed_close_daemon();
	bed_expect_answer(4, -ECONNABORTED);
	ck_assert_uint_eq(session_in_flight(bed.s), 0);
}
END_TEST

/* Many that are slow for all that hold up nobody else. */
START_TEST(others_go_on_meanwhile)
{
	const uint64_t n = 12;
	uint64_t u;

	for (u = 1; u <= n; u++) {
		parts_ask(2 + 2 * u, 0, PART, NULL);
		lose_one();
	}
	/* (While one is not taken no other is asked for.) */
	for (u = 1; u <= n; u++) {
		wait_for_again(u);
		ck_assert_uint_gt(bed_recv(fs.buf, MIB), 0);
	}
	bed_request_statfs(100);
	bed_request_statfs(102);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("session_reread");
	TCase *tc = tcase_create("again"), *early = tcase_create("early");

	tcase_add_checked_fixture(tc, setup, parts_close);
	tcase_add_test(tc, f11_lost_read_is_asked_again);
	tcase_add_test(tc, f11_after_a_loss_reads_are_small);
	tcase_add_test(tc, slow_reply_counts_if_it_is_first);
	tcase_add_test(tc, error_after_all_is_the_answer);
	tcase_add_test(tc, small_reply_finds_memory);
	tcase_add_loop_test(tc, what_is_read_once_is_not_asked_again, 0, ONCE);
	tcase_add_loop_test(tc, released_handle_means_nothing, 0, ONCE);
	tcase_add_test(tc, daemon_that_does_not_read_is_left_alone);
	tcase_add_test(tc, timeout_ends_both);
	tcase_add_test(tc, daemon_dies_meanwhile);
	tcase_add_test(tc, others_go_on_meanwhile);
	suite_add_tcase(s, tc);
	tcase_add_checked_fixture(early, setup_without_init, parts_close);
	tcase_add_test(early, nothing_is_asked_again_before_init);
	suite_add_tcase(s, early);
	return suite_run(s);
}
