/* SPDX-License-Identifier: ISC */
/* Requests in parts: INTERRUPT, the end of either side, many at once. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "parts.h"
#include "tests/suite.h"

static void
interrupt(uint64_t unique, uint64_t target)
{
	bed_request(FUSE_OP_INTERRUPT, unique, &target, sizeof(target));
}

/* The daemon gets an INTERRUPT for the part in flight; it is not given any
 * further one. */
static void
expect_interrupt(uint64_t part)
{
	uint8_t b[64];
	struct span m = { b, bed_recv(b, sizeof(b)) };

	ck_assert_uint_eq(m.len, 48);
	ck_assert_uint_eq(get_u32(m, 4), FUSE_OP_INTERRUPT);
	ck_assert_uint_eq(get_u64(m, 8), part | 1);
	ck_assert_uint_eq(get_u64(m, 40), part);
}

START_TEST(f21_interrupt_in_the_middle)
{
	uint32_t n = (uint32_t)_i, out[2] = { PART, 0 };
	uint8_t *data = calloc(1, FAULTS * PART);

	/* The part gives up. */
	fs.at = n;
	fs.silent = 1;
	parts_ask(4, 0, FAULTS * PART, data);
	parts_serve();
	interrupt(5, 4);
	expect_interrupt(fs.unique);
	bed_reply(fs.unique, -EINTR, NULL, 0);
	if (n == 0)
		bed_expect_answer(4, -EINTR);
	else
		parts_expect_written(4, n * PART);
	parts_expect_clean();
	/* The part does not care, but is the last. */
	fs.parts = 0;
	parts_ask(6, 0, FAULTS * PART, data);
	parts_serve();
	interrupt(7, 6);
	expect_interrupt(fs.unique);
	bed_reply(fs.unique, 0, out, sizeof(out));
	parts_expect_written(6, (n + 1) * PART);
	parts_expect_clean();
	free(data);
}
END_TEST

START_TEST(f21_answers_to_an_interrupt)
{
	fs.at = 0;
	fs.silent = 1;
	parts_ask(4, 0, 2 * PART, NULL);
	parts_serve();
	interrupt(5, 4);
	expect_interrupt(fs.unique);
	bed_reply(fs.unique | 1, -EAGAIN, NULL, 0);
	bed_expect_answer(5, -EAGAIN);
	interrupt(5, 4);
	expect_interrupt(fs.unique);
	bed_reply(fs.unique | 1, -ENOSYS, NULL, 0);
	bed_expect_answer(5, -ENOSYS);
	bed_reply(fs.unique | 1, -EINTR, NULL, 0);
	bed_reply(fs.unique, -EINTR, NULL, 0);
	bed_expect_answer(4, -EINTR);
	parts_expect_clean();
	/* Nobody knows a part's number but the daemon. */
	parts_ask(8, 0, 2 * PART, NULL);
	fs.at = fs.parts;
	parts_serve();
	interrupt(9, fs.unique);
	bed_expect_quiet();
	bed_reply(fs.unique, -EIO, NULL, 0);
	bed_expect_answer(8, -EIO);
	parts_expect_clean();
}
END_TEST

/* A part that waits for the socket never reaches the daemon. */
START_TEST(f21_interrupt_before_the_part_is_sent)
{
	struct span m;
	uint64_t u = 100;

	while (bed_queued_requests() == 0) {
		m = bed_build_request(3999, u += 2, fs.file, PART / 2);
		bed_send(m.p, m.len);
		bed_settle();
	}
	parts_ask(4, 0, 2 * PART, fs.file);
	interrupt(5, 4);
	bed_expect_answer(4, -EINTR);
	for (; u > 100; u -= 2) {
		bed_settle();
		ck_assert_uint_eq(bed_recv(fs.buf, DEVPAIR_CEILING),
		    40 + PART / 2);
	}
	bed_settle();
	bed_expect_quiet();
	ck_assert_uint_eq(bed_kept_of_writes() + bed_kept_for_reads(), 0);
}
END_TEST

START_TEST(f18_daemon_dies_in_the_middle)
{
	int error = -bed.relay.conf.dead_errno;

	fs.at = (unsigned)_i;
	fs.silent = 1;
	parts_ask(4, 0, FAULTS * PART, fs.file);
	parts_serve();
	parts_ask(6, 0, FAULTS * PART, NULL);
	bed_close_daemon();
	if (bed.daemon_gone == 0) /* DGRAM does not tell */
		session_daemon_died(bed.s);
	bed_expect_answer(4, error);
	bed_expect_answer(6, error);
	ck_assert_uint_eq(session_in_flight(bed.s), 0);
	ck_assert_uint_eq(bed_kept_of_writes() + bed_kept_for_reads(), 0);
	ck_assert_int_eq(bed.daemon_gone, 1);
	parts_ask(8, 0, FAULTS * PART, NULL);
	bed_expect_answer(8, -bed.relay.conf.gone_errno);
}
END_TEST

START_TEST(front_goes_in_the_middle)
{
	uint32_t out[2] = { PART, 0 };

	fs.at = 1;
	fs.silent = 1;
	parts_ask(4, 0, FAULTS * PART, fs.file);
	parts_serve();
	bed_close_front();
	bed_reply(fs.unique, 0, out, sizeof(out));
	ck_assert_uint_eq(bed_kept_of_writes() + bed_kept_for_reads(), 0);
	/* (No other part before it.) */
	bed_expect_destroy();
	bed_reply(SESSION_OWN_UNIQUE, 0, NULL, 0);
	ck_assert_int_eq(bed.front_gone, 1);
}
END_TEST

/* The daemon must not answer what it was not asked. */
START_TEST(whole_request_is_not_the_daemons)
{
	uint32_t out[2] = { 5, 0 };

	fs.at = 0;
	fs.silent = 1;
	parts_ask(4, 0, 2 * PART, fs.file);
	parts_serve();
	bed_reply(4, 0, out, sizeof(out));
	bed_expect_quiet();
	ck_assert_uint_eq(session_stats(bed.s)->dropped, 1);
	out[0] = 7;
	bed_reply(fs.unique, 0, out, sizeof(out));
	parts_expect_written(4, 7);
	bed_reply(fs.unique, 0, out, sizeof(out));
	parts_expect_clean();
}
END_TEST

/* Parts begin at offsets that a file can have. */
START_TEST(f40_numbers_of_our_range)
{
	uint64_t own = SESSION_OWN_UNIQUE + 2, i;

	for (i = 0; i < 4; i++)
		bed_request(FUSE_OP_STATFS, own + 2 * i, NULL, 0);
	for (i = 0; i < 4; i++)
		bed_expect_request(FUSE_OP_STATFS, own + 2 * i);
	parts_ask(4, 0, 2 * PART, fs.file);
	parts_serve();
	parts_expect_written(4, 2 * PART);
	for (i = 0; i < 4; i++) {
		bed_reply(own + 2 * i, -EPERM, NULL, 0);
		bed_expect_answer(own + 2 * i, -EPERM);
	}
	parts_expect_clean();
	/* Round the corner. */
	bed_set_part_unique(2 * SESSION_OWN_UNIQUE - 2);
	parts_ask(6, 0, 2 * PART, fs.file);
	parts_serve();
	parts_expect_written(6, 2 * PART);
	ck_assert_uint_lt(fs.unique, SESSION_OWN_UNIQUE + 20);
	parts_expect_clean();
}
END_TEST

/* Many at once, with small requests between them, in disorder. */
START_TEST(several_at_once)
{
	enum {
		N = 3
	};
	uint64_t part[N], u;
	uint32_t out[2] = { PART, 0 }, round;

	fs.silent = 1;
	for (u = 0; u < N; u++) {
		fs.at = fs.parts;
		parts_ask(10 + 2 * u, u * 2 * PART, 2 * PART, fs.file);
		ck_assert_int_eq(parts_serve_one(), 1);
		part[u] = fs.unique;
		bed_request(FUSE_OP_STATFS, 100 + 2 * u, NULL, 0);
		bed_expect_request(FUSE_OP_STATFS, 100 + 2 * u);
	}
	for (round = 0; round < 2; round++) {
		for (u = N; u-- > 0;) {
			bed_reply(part[u], 0, out, sizeof(out));
			if (round == 1) {
				parts_expect_written(10 + 2 * u, 2 * PART);
				continue;
			}
			fs.at = fs.parts;
			ck_assert_int_eq(parts_serve_one(), 1);
			part[u] = fs.unique;
		}
	}
	for (u = 0; u < N; u++) {
		bed_reply(100 + 2 * u, -EPERM, NULL, 0);
		bed_expect_answer(100 + 2 * u, -EPERM);
	}
	parts_expect_clean();
}
END_TEST

/* Not more is kept than the mark and one request. */
START_TEST(f16_front_waits_while_much_is_kept)
{
	const size_t mark = bed.relay.conf.high_mark, size = 4 * MIB;
	enum {
		SMALL = 50
	};
	size_t sent = 0, n, most = 0;
	uint64_t u = 2, small = 0;
	struct span m;
	unsigned i;

	for (i = 0; i < SMALL; i++)
		bed_request(FUSE_OP_STATFS, 100 + 2 * i, NULL, 0);
	for (i = 0; i < SMALL; i++)
		bed_expect_request(FUSE_OP_STATFS, 100 + 2 * i);
	for (i = 0; i < 10; i++) {
		wire_begin_request(&bed.b, FUSE_OP_WRITE, u += 2, 99);
		wire_set_caller(&bed.b, 11, 12, 13);
		wire_put_u64(&bed.b, FH);
		wire_put_u64(&bed.b, 0);
		wire_put_u32(&bed.b, (uint32_t)size);
		wire_put_u32(&bed.b, 1);
		wire_put_u64(&bed.b, OWNER);
		wire_put_u32(&bed.b, FLAGS);
		wire_put_u32(&bed.b, 0);
		wire_put_zero(&bed.b, size);
		ck_assert_int_eq(wire_end(&bed.b, &m), E_OK);
		for (sent = 0; sent < m.len; sent += n) {
			n = bed_try_send(m.p + sent, m.len - sent);
			bed_settle();
			if (bed_kept_of_writes() > most)
				most = bed_kept_of_writes();
			if (n > 0)
				continue;
			/* An answer to others is no reason to read on. */
			if (small < SMALL)
				bed_reply(100 + 2 * small++, -EPERM, NULL, 0);
			else if (!parts_serve_one())
				ck_abort_msg("the relay does not read on");
		}
	}
	ck_assert_uint_le(most, mark + size + HEAD);
	ck_assert_uint_ge(most, mark - size);
	parts_serve();
	for (; u > 2 || small > 0;) {
		ck_assert_int_eq(bed_answer(&m), 1);
		if (get_i32(m, 4) == -EPERM) {
			small--;
			continue;
		}
		ck_assert_uint_eq(get_u32(m, 16), size);
		u -= 2;
		parts_serve();
	}
	parts_expect_clean();
}
END_TEST

START_TEST(answered_by_the_clock)
{
	struct relay_conf conf = bed_conf();
	uint32_t out[2] = { PART, 0 };
	struct span m;

	parts_close();
	conf.timeout_ms = 40;
	parts_start(&conf);
	bed_init();
	fs.at = 1;
	fs.silent = 1;
	parts_ask(4, 0, 4 * PART, fs.file);
	parts_serve();
	while (session_stats(bed.s)->timed_out == 0)
		event_base_loop(bed.base, EVLOOP_ONCE);
	ck_assert_int_eq(bed_answer(&m), 1);
	ck_assert_uint_eq(get_u64(m, 8), 4);
	ck_assert_int_eq(get_i32(m, 4), -ETIMEDOUT);
	bed_reply(fs.unique, 0, out, sizeof(out));
	parts_expect_clean();
	ck_assert_uint_eq(session_stats(bed.s)->late, 1);
}
END_TEST

/* A front's number that a part of the session's own has, with and without the
 * bit of a request that is sent again. */
START_TEST(number_of_a_part)
{
	uint32_t out[2] = { PART, 0 };
	uint64_t part;

	fs.at = 0;
	fs.silent = 1;
	parts_ask(4, 0, 2 * PART, fs.file);
	ck_assert_int_eq(parts_serve_one(), 1);
	part = fs.unique;
	bed_request(FUSE_OP_STATFS, part, NULL, 0);
	bed_expect_answer(part, -EIO);
	bed_expect_quiet();
	bed_request(FUSE_OP_STATFS, part | UINT64_C(1) << 63, NULL, 0);
	bed_expect_request(FUSE_OP_STATFS, part | UINT64_C(1) << 63);
	bed_reply(part, 0, out, sizeof(out));
	parts_serve();
	parts_expect_written(4, 2 * PART);
	bed_reply(part | UINT64_C(1) << 63, -EPERM, NULL, 0);
	bed_expect_answer(part | UINT64_C(1) << 63, -EPERM);
	parts_expect_clean();
}
END_TEST

/* A daemon that is stuck keeps nobody from being answered: what is kept for
 * it is let go of with the answer. */
START_TEST(stuck_in_parts)
{
	struct relay_conf conf = bed_conf();
	const uint64_t n = 12;
	struct span m;
	uint64_t u;

	parts_close();
	conf.timeout_ms = 40;
	conf.high_mark = 2 * 4 * PART / SESSION_PARTS_READING;
	conf.low_mark = conf.high_mark / 4;
	parts_start(&conf);
	bed_init();
	/* (Three of these are more than is kept.) */
	for (u = 1; u <= n; u++)
		parts_ask(2 + 2 * u, 0, 4 * PART, NULL);
	for (u = 1; u <= n; u++) {
		while (!bed_answer(&m))
			event_base_loop(bed.base, EVLOOP_ONCE);
		ck_assert_uint_eq(get_u64(m, 8), 2 + 2 * u);
		ck_assert_int_eq(get_i32(m, 4), -ETIMEDOUT);
	}
	ck_assert_uint_eq(bed_kept_of_writes() + bed_kept_for_reads(), 0);
	ck_assert_uint_eq(session_in_flight(bed.s), 0);
}
END_TEST

static void
shrink_device(void)
{
	int size = 65536;

	ck_assert_int_eq(setsockopt(bed_device_fd(), SOL_SOCKET, SO_SNDBUF,
			     &size, sizeof(size)),
	    0);
}

/* The socket does not take a part after all. */
START_TEST(f12_part_that_can_not_be_sent)
{
	parts_ask(4, 0, 2 * PART, fs.file);
	shrink_device();
	parts_serve();
	parts_expect_written(4, PART);
	parts_ask(6, 0, 2 * PART, fs.file);
	bed_expect_answer(6, -EIO);
	ck_assert_uint_eq(session_stats(bed.s)->refused, 2);
	parts_expect_clean();
}
END_TEST

static void
add(TCase *tc, int dgram)
{
	(void)dgram;
	tcase_add_loop_test(tc, f21_interrupt_in_the_middle, 0, FAULTS);
	tcase_add_test(tc, f21_answers_to_an_interrupt);
	tcase_add_test(tc, f21_interrupt_before_the_part_is_sent);
	tcase_add_loop_test(tc, f18_daemon_dies_in_the_middle, 0, FAULTS);
	tcase_add_test(tc, front_goes_in_the_middle);
	tcase_add_test(tc, whole_request_is_not_the_daemons);
	tcase_add_test(tc, f40_numbers_of_our_range);
	tcase_add_test(tc, several_at_once);
	tcase_add_test(tc, f16_front_waits_while_much_is_kept);
	tcase_add_test(tc, answered_by_the_clock);
	tcase_add_test(tc, number_of_a_part);
	tcase_add_test(tc, stuck_in_parts);
	tcase_add_test(tc, f12_part_that_can_not_be_sent);
}

int
main(void)
{
	Suite *s = suite_create("split_end");

	bed_transports(s, parts_open, parts_open_dgram, parts_close, add);
	return suite_run(s);
}
