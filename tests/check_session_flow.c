/* SPDX-License-Identifier: ISC */
/* Pressure, and INTERRUPT. */
#include <check.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "bed.h"
#include "bed_faults.h"
#include "tests/suite.h"

START_TEST(f21_f33_interrupt_reaches_the_daemon)
{
	bed_request(FUSE_OP_STATFS, 4, NULL, 0);
	bed_expect_request(FUSE_OP_STATFS, 4);
	bed_interrupt(5, 4);
	bed_expect_request(FUSE_OP_INTERRUPT, 5);
	ck_assert_uint_eq(session_in_flight(bed.s), 1);
	/* "Again" and "no such thing" are answers to it, success is noise. */
	bed_reply(5, -EAGAIN, NULL, 0);
	bed_expect_answer(5, -EAGAIN);
	bed_interrupt(5, 4);
	bed_expect_request(FUSE_OP_INTERRUPT, 5);
	bed_reply(5, 0, NULL, 0);
	bed_reply(5, -EPERM, NULL, 0);
	bed_expect_quiet();
	bed_reply(5, -ENOSYS, NULL, 0);
	bed_expect_answer(5, -ENOSYS);
	bed_reply(4, -EINTR, NULL, 0);
	bed_expect_answer(4, -EINTR);
	/* Too late, or about nothing. */
	bed_interrupt(5, 4);
	bed_interrupt(7, 600);
	bed_request(FUSE_OP_INTERRUPT, 9, NULL, 0);
	bed_reply(5, -EAGAIN, NULL, 0);
	bed_expect_quiet();
	ck_assert_int_eq(bed_logged("unique=5, error -11"), 0);
	bed_reply(11, -EAGAIN, NULL, 0);
	bed_expect_quiet();
	ck_assert_int_eq(bed_logged("unique=11, error -11"), 1);
}
END_TEST

START_TEST(f21_interrupt_in_the_same_read)
{
	uint64_t target = 4;
	uint8_t two[88];
	struct span m;

	m = bed_build_request(FUSE_OP_STATFS, 4, NULL, 0);
	memcpy(two, m.p, m.len);
	m = bed_build_request(FUSE_OP_INTERRUPT, 5, &target, sizeof(target));
	memcpy(two + 40, m.p, m.len);
	bed_send(two, sizeof(two));
	bed_settle();
	bed_expect_request(FUSE_OP_STATFS, 4);
	bed_expect_request(FUSE_OP_INTERRUPT, 5);
	bed_expect_quiet();
}
END_TEST

START_TEST(f21_queued_target_is_taken_out)
{
	unsigned n = bed_send_until_queued(3), i;

	bed_interrupt(2 * n - 1, 2 * n - 2);
	bed_expect_answer(2 * n - 2, -EINTR);
	ck_assert_uint_eq(bed_queued_requests(), 2);
	for (i = 1; i <= n; i++) {
		if (i == n - 1)
			continue;
		bed_settle();
		bed_expect_request(3999, i * 2);
	}
	bed_expect_quiet();
	ck_assert_uint_eq(session_in_flight(bed.s), n - 1);
}
END_TEST

START_TEST(f21_interrupt_overtakes_the_queue)
{
	unsigned n = bed_send_until_queued(3), i, queued = 3;

	bed_interrupt(3, 2);
	ck_assert_uint_eq(bed_queued_requests(), queued + 1);
	for (i = 1; i <= n - queued; i++)
		bed_expect_request(3999, i * 2);
	bed_settle();
	bed_expect_request(FUSE_OP_INTERRUPT, 3);
	for (; i <= n; i++)
		bed_expect_request(3999, i * 2);
	bed_expect_quiet();
}
END_TEST

/* A NOTIFY_REPLY's number is the daemon's, and may be a request's, too. */
START_TEST(f40_queued_notify_reply_is_no_target)
{
	unsigned n = bed_send_until_queued(1), i;
	uint64_t body[5] = { 0 };

	bed_request(FUSE_OP_NOTIFY_REPLY, 2, body, sizeof(body));
	ck_assert_uint_eq(bed_queued_requests(), 2);
	bed_interrupt(3, 2);
	ck_assert_uint_eq(bed_queued_requests(), 3);
	for (i = 1; i < n; i++)
		bed_expect_request(3999, i * 2);
	bed_settle();
	bed_expect_request(FUSE_OP_INTERRUPT, 3);
	bed_expect_request(3999, 2 * n);
	bed_expect_request(FUSE_OP_NOTIFY_REPLY, 2);
	bed_expect_quiet();
	ck_assert_uint_eq(session_in_flight(bed.s), n);
}
END_TEST

/* A front that says the same again and again. */
START_TEST(f16_front_that_only_interrupts_is_held)
{
	uint64_t target = 2;
	struct span m;

	bed_send_until_queued(1);
	m = bed_build_request(FUSE_OP_INTERRUPT, 3, &target, sizeof(target));
	while (bed_try_send(m.p, m.len) == m.len) {
		bed_settle();
		ck_assert_uint_le(bed_queued_for_daemon(),
		    BED_HIGH + FRAME_READ);
	}
	ck_assert_int_eq(bed_front_is_held(), 1);
}
END_TEST

START_TEST(f15_f16_daemon_that_does_not_read_stops_the_front)
{
	static uint8_t data[3000];
	unsigned n = 0, got;
	struct span m;
	uint8_t b[4096];

	bed_narrow(bed_device_fd());
	for (;; n++) {
		m = bed_build_request(3999, (n + 1) * 2, data,
		    (n + 1) % sizeof(data));
		if (bed_try_send(m.p, m.len) != m.len)
			break;
		bed_settle();
		ck_assert_uint_le(bed_queued_for_daemon(),
		    BED_HIGH + FRAME_READ);
	}
	ck_assert_int_eq(bed_front_is_held(), 1);
	ck_assert_uint_gt(bed_queued_for_daemon(), BED_HIGH);
	ck_assert_uint_lt(n, 2000);
	for (got = 1; got <= n; got++) {
		m.len = bed_recv(b, sizeof(b));
		if (m.len == 0) {
			bed_settle();
			m.len = bed_recv(b, sizeof(b));
		}
		m.p = b;
		ck_assert_uint_eq(m.len, 40 + got % sizeof(data));
		ck_assert_uint_eq(get_u64(m, 8), got * 2);
	}
	bed_settle();
	ck_assert_int_eq(bed_front_is_held(), 0);
	bed_expect_quiet();
}
END_TEST

/* Its end is heard of although it is not read. */
START_TEST(f22_held_front_goes)
{
	static uint8_t data[3000], b[4096];
	unsigned n = 0, got = 0;
	struct span m;

	bed_init();
	bed_narrow(bed_device_fd());
	while (!bed_front_is_held())
		bed_request(3999, ++n * 2 + 2, data, sizeof(data));
	m = bed_build_request(3999, ++n * 2 + 2, NULL, 0);
	bed_send(m.p, m.len);
	bed_close_front();
	while (!bed_is_destroying())
		ck_assert_int_eq(event_base_loop(bed.base, EVLOOP_ONCE), 0);
	/* What it sent before it went is not lost. */
	while (get_u32(m, 4) != FUSE_OP_DESTROY) {
		m.p = b;
		if ((m.len = bed_recv(b, sizeof(b))) == 0)
			ck_assert_int_eq(
			    event_base_loop(bed.base, EVLOOP_ONCE), 0);
		else if (get_u32(m, 4) == 3999)
			ck_assert_uint_eq(get_u64(m, 8), ++got * 2 + 2);
	}
	ck_assert_uint_eq(got, n);
	bed_reply(SESSION_OWN_UNIQUE, 0, NULL, 0);
	ck_assert_int_eq(bed.front_gone, 1);
	ck_assert_int_eq(bed.front_error, E_EOF);
}
END_TEST

START_TEST(f16_front_that_does_not_read_stops_the_daemon)
{
	static uint8_t data[3000];
	unsigned n, i, sent = 0, want = 2000;
	struct span m;

	bed_narrow(bed.daemon);
	bed_narrow(bed_front_fd());
	for (i = 1; i <= want; i++) {
		bed_request(3999, i * 2, NULL, 0);
		bed_expect_request(3999, i * 2);
	}
	for (n = 1; n <= want; n++) {
		m = bed_build_reply(n * 2, 0, data, n % sizeof(data));
		if (send(bed.daemon, m.p, m.len, MSG_DONTWAIT) == -1)
			break;
		sent = n;
		bed_settle();
		ck_assert_uint_le(bed_queued_for_front(),
		    BED_HIGH + 32 * 4096);
	}
	ck_assert_uint_lt(sent, want);
	ck_assert_int_eq(bed_device_is_held(), 1);
	ck_assert_uint_gt(bed_queued_for_front(), BED_HIGH);
	/* Requests still get through. */
	bed_request(FUSE_OP_STATFS, 90000, NULL, 0);
	bed_expect_request(FUSE_OP_STATFS, 90000);
	for (n = 1; n <= sent; n++) {
		ck_assert_int_eq(bed_answer(&m), 1);
		ck_assert_uint_eq(get_u64(m, 8), n * 2);
		ck_assert_uint_eq(m.len, 16 + n % sizeof(data));
	}
	bed_settle();
	ck_assert_int_eq(bed_device_is_held(), 0);
	bed_reply(90000, -EPERM, NULL, 0);
	bed_expect_answer(90000, -EPERM);
}
END_TEST

/* Answers of the session's own making are bounded as well: requests too
 * large to be carried, or after the daemon's end. */
START_TEST(f16_front_that_only_asks_is_held)
{
	unsigned n = 0, i;
	struct span m;

	if (_i == 0) {
		session_daemon_died(bed.s);
		bed_close_daemon();
	} else {
		bed_carry_at_most(39);
	}
	bed_narrow(bed_front_fd());
	for (;;) {
		m = bed_build_request(FUSE_OP_STATFS, (n + 1) * 2, NULL, 0);
		if (bed_try_send(m.p, m.len) != m.len)
			break;
		n++;
		ck_assert_uint_lt(n, 1000000);
		if (n % 64 == 0)
			bed_settle();
	}
	bed_settle();
	ck_assert_int_eq(bed_front_is_held(), 1);
	ck_assert_uint_le(bed_queued_for_front(), BED_HIGH + FRAME_READ);
	for (i = 1; i <= n; i++)
		bed_expect_answer(i * 2, _i == 0 ? -ENOTCONN : -EIO);
	ck_assert_int_eq(bed_front_is_held(), 0);
}
END_TEST

/* All requests that are there; returns the last one's number. */
static unsigned
take_requests(unsigned got)
{
	struct span m;
	uint8_t b[4096];

	for (;;) {
		m.p = b;
		if ((m.len = bed_recv(b, sizeof(b))) == 0) {
			bed_settle();
			if ((m.len = bed_recv(b, sizeof(b))) == 0)
				return got;
		}
		ck_assert_uint_eq(get_u64(m, 8), ++got * 2);
	}
}

START_TEST(f39_too_many_in_flight_stop_the_front)
{
	unsigned sent = 0, got = 0, answered = 0, before, i;
	struct span m;

	do {
		before = sent;
		for (;;) {
			m = bed_build_request(FUSE_OP_STATFS, (sent + 1) * 2,
			    NULL, 0);
			if (bed_try_send(m.p, m.len) != m.len)
				break;
			sent++;
		}
		got = take_requests(got);
	} while (sent > before);
	ck_assert_int_eq(bed_front_is_held(), 1);
	ck_assert_uint_ge(got, SESSION_INFLIGHT_MAX);
	ck_assert_uint_le(session_in_flight(bed.s),
	    SESSION_INFLIGHT_MAX + FRAME_READ / WIRE_REQ_HEADER);
	ck_assert_uint_lt(got, sent);
	for (i = 1; i <= sent; i++) {
		if (i > got)
			got = take_requests(got);
		ck_assert_uint_le(i, got);
		m = bed_build_reply(i * 2, -EPERM, NULL, 0);
		ck_assert_int_eq(send(bed.daemon, m.p, m.len, MSG_DONTWAIT),
		    (ssize_t)m.len);
		if (i % 100 != 0 && i != sent)
			continue;
		bed_settle();
		while (answered < i)
			bed_expect_answer(++answered * 2, -EPERM);
	}
	bed_settle();
	ck_assert_uint_eq(session_in_flight(bed.s), 0);
	ck_assert_int_eq(bed_front_is_held(), 0);
}
END_TEST

static void
add(TCase *tc, int dgram)
{
	(void)dgram;
	tcase_add_test(tc, f21_f33_interrupt_reaches_the_daemon);
	tcase_add_test(tc, f21_interrupt_in_the_same_read);
	tcase_add_test(tc, f15_f16_daemon_that_does_not_read_stops_the_front);
	tcase_add_test(tc, f16_front_that_only_interrupts_is_held);
	tcase_add_test(tc, f22_held_front_goes);
	tcase_add_test(tc, f16_front_that_does_not_read_stops_the_daemon);
	tcase_add_loop_test(tc, f16_front_that_only_asks_is_held, 0, 2);
	tcase_add_test(tc, f39_too_many_in_flight_stop_the_front);
	tcase_add_test(tc, f40_queued_notify_reply_is_no_target);
	tcase_add_test(tc, f21_queued_target_is_taken_out);
	tcase_add_test(tc, f21_interrupt_overtakes_the_queue);
}

int
main(void)
{
	Suite *s = suite_create("session_flow");

	bed_transports(s, bed_open_low, bed_open_low_dgram, bed_close, add);
	return suite_run(s);
}
