/* SPDX-License-Identifier: ISC */
/* Requests that the daemon does not answer in time. */
#include <errno.h>

#include "bed.h"
#include "relay/inflight.h"
#include "tests/suite.h"

#define HIGH 200000
#define LOW 50000

static void
setup(void)
{
	struct relay_conf conf = bed_conf();

	conf.timeout_ms = 40;
	conf.high_mark = HIGH;
	conf.low_mark = LOW;
	bed_open(&conf);
}

static void
wait_for_timeouts(uint64_t n)
{
	while (session_stats(bed.s)->timed_out < n)
		ck_assert_int_eq(event_base_loop(bed.base, EVLOOP_ONCE), 0);
	bed_settle();
}

START_TEST(f20_late_reply_is_swallowed)
{
	bed_request(FUSE_OP_STATFS, 4, NULL, 0);
	wait_for_timeouts(1);
	bed_expect_answer(4, -ETIMEDOUT);
	bed_expect_request(FUSE_OP_STATFS, 4);
	bed_reply(4, -EPERM, NULL, 0);
	bed_expect_quiet();
	ck_assert_uint_eq(session_stats(bed.s)->late, 1);
	ck_assert_uint_eq(session_stats(bed.s)->dropped, 0);
	ck_assert_uint_eq(session_in_flight(bed.s), 0);
}
END_TEST

START_TEST(f20_timed_out_request_is_answered_once)
{
	unsigned n = bed_send_until_queued(3), i;
	struct span none;

	/* With the daemon, and still queued. */
	wait_for_timeouts(n);
	for (i = 1; i <= n; i++)
		bed_expect_answer(i * 2, -ETIMEDOUT);
	bed_interrupt(3, 2);
	bed_interrupt(2 * n + 1, 2 * n);
	ck_assert_int_eq(bed_answer(&none), 0);
	bed_close_daemon();
	ck_assert_int_eq(bed.daemon_gone, 1);
	ck_assert_int_eq(bed_answer(&none), 0);
	ck_assert_uint_eq(session_in_flight(bed.s), 0);
}
END_TEST

/* The front sends `want` requests, as fast as it can, to a daemon that reads
 * nothing any more: each is answered in time, and nothing of them stays. */
static void
all_time_out(uint32_t op, size_t body, unsigned want)
{
	unsigned sent = 0, answered = 0;
	struct span m;

	while (answered < want) {
		while (sent < want) {
			m = bed_build_request(op, (sent + 1) * 2, bed.room,
			    body);
			if (bed_try_send(m.p, m.len) != m.len)
				break;
			sent++;
		}
		event_base_loop(bed.base, EVLOOP_ONCE);
		while (bed_answer(&m)) {
			ck_assert_uint_eq(get_u64(m, 8), ++answered * 2);
			ck_assert_int_eq(get_i32(m, 4), -ETIMEDOUT);
		}
	}
	ck_assert_uint_eq(session_in_flight(bed.s), 0);
	ck_assert_uint_le(bed_answered_kept(), INFLIGHT_EXPIRED_MAX);
	ck_assert_uint_eq(bed_queued_requests(), 0);
	ck_assert_int_eq(bed_front_is_held(), 0);
}

START_TEST(f20_stuck_daemon_holds_nobody)
{
	struct span m;

	all_time_out(FUSE_OP_STATFS, 0, SESSION_INFLIGHT_MAX + 50000);
	/* It wakes up: nobody waits for any of its answers. */
	bed_expect_request(FUSE_OP_STATFS, 2);
	bed_reply(2, -EPERM, NULL, 0);
	ck_assert_int_eq(bed_answer(&m), 0);
}
END_TEST

/* What waits is more than the mark lets the front send. */
START_TEST(f20_stuck_daemon_and_a_full_queue)
{
	bed_narrow(bed_device_fd());
	all_time_out(3999, 3000, 4000);
}
END_TEST

/* The front uses a number again whose late reply may still come. */
START_TEST(f20_f40_number_of_an_answered_request)
{
	bed_request(FUSE_OP_STATFS, 4, NULL, 0);
	bed_expect_request(FUSE_OP_STATFS, 4);
	wait_for_timeouts(1);
	bed_expect_answer(4, -ETIMEDOUT);
	bed_request(FUSE_OP_STATFS, 4, NULL, 0);
	bed_expect_answer(4, -EIO);
	bed_reply(4, -EPERM, NULL, 0);
	bed_expect_quiet();
	ck_assert_uint_eq(session_stats(bed.s)->late, 1);
	bed_request(FUSE_OP_STATFS, 4, NULL, 0);
	bed_expect_request(FUSE_OP_STATFS, 4);
}
END_TEST

/* What the daemon asked for goes to it whatever happened to the request that
 * has the same number. */
START_TEST(f20_f40_notify_reply_is_not_taken_out)
{
	unsigned n = bed_send_until_queued(1), i;
	uint64_t body[5] = { 0 };

	bed_request(FUSE_OP_NOTIFY_REPLY, 2, body, sizeof(body));
	wait_for_timeouts(n);
	ck_assert_uint_eq(bed_queued_requests(), 1);
	for (i = 1; i <= n; i++)
		bed_expect_answer(2 * i, -ETIMEDOUT);
	for (i = 1; i < n; i++)
		bed_expect_request(3999, 2 * i);
	bed_settle();
	bed_expect_request(FUSE_OP_NOTIFY_REPLY, 2);
	bed_reply(2, -EPERM, NULL, 0);
	bed_expect_quiet();
	ck_assert_uint_eq(session_stats(bed.s)->late, 1);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("session_timeout");
	TCase *tc = tcase_create("timeout");

	tcase_add_checked_fixture(tc, setup, bed_close);
	tcase_add_test(tc, f20_late_reply_is_swallowed);
	tcase_add_test(tc, f20_timed_out_request_is_answered_once);
	tcase_add_test(tc, f20_stuck_daemon_holds_nobody);
	tcase_add_test(tc, f20_stuck_daemon_and_a_full_queue);
	tcase_add_test(tc, f20_f40_number_of_an_answered_request);
	tcase_add_test(tc, f20_f40_notify_reply_is_not_taken_out);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
