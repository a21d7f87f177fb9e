/* SPDX-License-Identifier: ISC */
/* The daemon's socket fails: for want of memory, for a message, for good. */
#include <check.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "bed.h"
#include "bed_faults.h"
#include "tests/suite.h"

/* The kernel takes less than was read back: that request fails, others
 * pass. */
START_TEST(f12_request_that_the_socket_refuses)
{
	static uint8_t data[300000];

	bed_narrow(bed_device_fd());
	bed_request(FUSE_OP_STATFS, 2, NULL, 0);
	bed_request(3999, 4, data, sizeof(data));
	bed_request(FUSE_OP_STATFS, 6, NULL, 0);
	bed_expect_answer(4, -EIO);
	bed_expect_request(FUSE_OP_STATFS, 2);
	bed_expect_request(FUSE_OP_STATFS, 6);
	bed_expect_quiet();
	ck_assert_uint_eq(session_stats(bed.s)->refused, 1);
	ck_assert_int_eq(bed_logged("can't be given to the daemon"), 1);
}
END_TEST

START_TEST(f40_notify_reply_that_the_socket_refuses)
{
	static uint8_t data[300000];

	bed_request_statfs(4);
	bed_narrow(bed_device_fd());
	bed_request(FUSE_OP_NOTIFY_REPLY, 4, data, sizeof(data));
	bed_expect_quiet();
	ck_assert_uint_eq(session_stats(bed.s)->refused, 1);
	bed_reply(4, -EPERM, NULL, 0);
	bed_expect_answer(4, -EPERM);
}
END_TEST

/* No memory for a while: the session waits on a timer, and then goes on. */
START_TEST(f11_daemon_socket_lacks_memory)
{
	static const unsigned times[] = { 1, 2, 8 };
	unsigned i;

	bed_faults.dev_errno = _i % 2 ? ENOBUFS : ENOMEM;
	bed_faults.dev_times = times[_i / 2];
	for (i = 1; i <= 100; i++)
		bed_request(FUSE_OP_STATFS, i * 2, NULL, 0);
	while (bed_queued_requests() > 0)
		ck_assert_int_eq(event_base_loop(bed.base, EVLOOP_ONCE), 0);
	for (i = 1; i <= 100; i++)
		bed_expect_request(FUSE_OP_STATFS, i * 2);
	ck_assert_uint_eq(bed_faults.dev_times, 0);
	ck_assert_uint_eq(session_stats(bed.s)->refused, 0);
}
END_TEST

/* None for ever: each request is given up after 2 s, without a busy loop. */
START_TEST(f11_daemon_socket_never_has_memory)
{
	bed_faults.dev_errno = ENOBUFS;
	bed_faults.dev_times = UINT32_MAX;
	bed_request(FUSE_OP_STATFS, 2, NULL, 0);
	bed_request(FUSE_OP_STATFS, 4, NULL, 0);
	while (session_in_flight(bed.s) == 2)
		ck_assert_int_eq(event_base_loop(bed.base, EVLOOP_ONCE), 0);
	ck_assert_uint_lt(bed_faults.dev_sends, 60);
	bed_expect_answer(2, -ENOMEM);
	bed_faults.dev_times = 0;
	while (bed_queued_requests() > 0)
		ck_assert_int_eq(event_base_loop(bed.base, EVLOOP_ONCE), 0);
	bed_expect_request(FUSE_OP_STATFS, 4);
	bed_expect_quiet();
	ck_assert_uint_eq(session_stats(bed.s)->refused, 1);
}
END_TEST

START_TEST(daemon_socket_fails)
{
	bed_init();
	bed_faults.dev_errno = EACCES;
	bed_faults.dev_times = 1;
	bed_request(FUSE_OP_STATFS, 4, NULL, 0);
	bed_expect_answer(4, -ECONNABORTED);
	ck_assert_int_eq(bed.daemon_gone, 1);
	ck_assert_int_eq(bed_logged("Permission denied"), 1);
}
END_TEST

/* Reading fails, whatever the reason: the daemon lives, and is read again. */
START_TEST(f80_reading_the_daemon_fails)
{
	static const int nums[] = { ECONNRESET, ECONNREFUSED, EIO, ENOMEM };
	uint8_t buf[256];

	bed_init();
	bed_request(FUSE_OP_STATFS, 4, NULL, 0);
	ck_assert_uint_gt(bed_recv(buf, sizeof(buf)), 0);
	bed_faults.recv_errno = nums[_i];
	bed_faults.recv_times = 1;
	bed_reply(4, -EACCES, NULL, 0);
	bed_expect_answer(4, -EACCES);
	ck_assert_uint_eq(bed_faults.recv_times, 0);
	ck_assert_int_eq(bed.daemon_gone, 0);
	bed_request(FUSE_OP_STATFS, 6, NULL, 0);
	bed_expect_request(FUSE_OP_STATFS, 6);
	bed_reply(6, -EPERM, NULL, 0);
	bed_expect_answer(6, -EPERM);
}
END_TEST

/* It can't be read at all: it is given up, and everybody has an answer. */
START_TEST(f80_the_daemon_cannot_be_read)
{
	uint8_t buf[256];

	bed_init();
	bed_request(FUSE_OP_STATFS, 4, NULL, 0);
	ck_assert_uint_gt(bed_recv(buf, sizeof(buf)), 0);
	bed_faults.recv_errno = EIO;
	bed_faults.recv_times = 1000;
	bed_reply(4, 0, NULL, 0);
	bed_expect_answer(4, -ECONNABORTED);
	ck_assert_int_eq(bed.daemon_gone, 1);
}
END_TEST

/* ...while what came before an INTERRUPT leaves. */
START_TEST(f21_daemon_socket_fails_under_an_interrupt)
{
	uint32_t body[10] = { 7, 0, 0, 0, 4u << 20 };
	uint64_t target = 4;
	uint8_t buf[256];
	struct span m;

	bed.relay.conf.high_mark = 64u << 20;
	bed_init();
	bed_request(FUSE_OP_READ, target, body, sizeof(body));
	ck_assert_uint_gt(bed_recv(buf, sizeof(buf)), 0);
	m = bed_build_request(FUSE_OP_STATFS, 6, NULL, 0);
	memcpy(bed.room, m.p, m.len);
	m = bed_build_request(FUSE_OP_INTERRUPT, 5, &target, sizeof(target));
	memcpy(bed.room + WIRE_REQ_HEADER, m.p, m.len);
	bed_faults.dev_errno = EACCES;
	bed_faults.dev_times = 1;
	bed_send(bed.room, WIRE_REQ_HEADER + m.len);
	bed_expect_answer(4, -ECONNABORTED);
	bed_expect_answer(6, -ECONNABORTED);
	ck_assert_int_eq(bed.daemon_gone, 1);
}
END_TEST

static void
add(TCase *tc, int dgram)
{
	tcase_add_test(tc, f12_request_that_the_socket_refuses);
	tcase_add_loop_test(tc, f11_daemon_socket_lacks_memory, 0, 6);
	tcase_add_test(tc, f11_daemon_socket_never_has_memory);
	tcase_add_test(tc, daemon_socket_fails);
	/* (Who reads datagrams has only the error to go by.) */
	tcase_add_loop_test(tc, f80_reading_the_daemon_fails, dgram ? 2 : 0,
	    4);
	tcase_add_test(tc, f80_the_daemon_cannot_be_read);
	tcase_add_test(tc, f21_daemon_socket_fails_under_an_interrupt);
	tcase_add_test(tc, f40_notify_reply_that_the_socket_refuses);
}

int
main(void)
{
	Suite *s = suite_create("session_fails");

	bed_transports(s, bed_open_low, bed_open_low_dgram, bed_close, add);
	return suite_run(s);
}
