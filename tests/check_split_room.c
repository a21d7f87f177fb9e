/* SPDX-License-Identifier: ISC */
/* Room for what READs in parts have asked for. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "parts.h"
#include "tests/suite.h"

/* A READ has nothing yet that could be too much. */
START_TEST(slow_reads_hold_up_nobody)
{
	const uint64_t n = 12;
	uint64_t u;

	for (u = 1; u <= n; u++) {
		parts_ask(2 + 2 * u, 0, 2 * PART, NULL);
		ck_assert_uint_gt(bed_recv(fs.buf, MIB), 0);
	}
	bed_request_statfs(100);
	bed_reply(100, -EPERM, NULL, 0);
	bed_expect_answer(100, -EPERM);
}
END_TEST

/* Not more is promised than a mark and one READ, however many come at once. */
START_TEST(f16_front_waits_within_a_read)
{
	const size_t mark = bed.relay.conf.high_mark * SESSION_PARTS_READING;
	enum {
		N = 200
	};
	uint8_t *many = malloc(N * HEAD), head[HEAD];
	uint64_t u, part;
	struct span m;

	ck_assert_ptr_nonnull(many);
	m = bed_build_request(FUSE_OP_READ, 0, bed.room, HEAD - 40);
	memcpy(head, m.p, HEAD);
	put_u32(head, HEAD, 56, LARGEST);
	for (u = 0; u < N; u++) {
		put_u64(head, HEAD, 8, 4 + 2 * u);
		memcpy(many + u * HEAD, head, HEAD);
	}
	ck_assert_uint_eq(bed_try_send(many, N * HEAD), N * HEAD);
	bed_settle();
	ck_assert_uint_le(bed_kept_for_reads(), mark + LARGEST + 4096);
	ck_assert_int_eq(bed_front_is_held(), 1);
	for (u = 0; u < N; u++) {
		ck_assert_uint_eq(bed_recv(fs.buf, MIB), HEAD);
		part = get_u64((struct span){ fs.buf, HEAD }, 8);
		bed_reply(part, -EIO, NULL, 0);
		bed_expect_answer(4 + 2 * u, -EIO);
	}
	parts_expect_clean();
	ck_assert_int_eq(bed_front_is_held(), 0);
	/* What is left of them has its answer, too, when the daemon goes. */
	ck_assert_uint_eq(bed_try_send(many, N * HEAD), N * HEAD);
	bed_settle();
	ck_assert_int_eq(bed_front_is_held(), 1);
	bed_close_daemon();
	if (!bed.daemon_gone)
		session_daemon_died(bed.s);
	bed_settle();
	for (u = 0; u < N; u++) {
		ck_assert_int_eq(bed_answer(&m), 1);
		ck_assert_uint_eq(get_u64(m, 8), 4 + 2 * u);
		ck_assert_int_ne(get_i32(m, 4), 0);
	}
	bed_close_front();
	ck_assert_int_eq(bed_logged("inside a message"), 0);
	free(many);
}
END_TEST

/* What the front sent before it went is read out. */
START_TEST(f22_front_goes_within_a_read)
{
	enum {
		N = 20
	};
	uint8_t many[N * HEAD];
	struct span m;
	uint64_t u;

	m = bed_build_request(FUSE_OP_READ, 0, bed.room, HEAD - 40);
	for (u = 0; u < N; u++) {
		memcpy(many + u * HEAD, m.p, HEAD);
		put_u32(many + u * HEAD, HEAD, 56, LARGEST);
		put_u64(many + u * HEAD, HEAD, 8, 4 + 2 * u);
	}
	ck_assert_uint_eq(bed_try_send(many, sizeof(many)), sizeof(many));
	bed_settle();
	ck_assert_int_eq(bed_front_is_held(), 1);
	ck_assert_uint_lt(session_stats(bed.s)->requests, N);
	close(bed.front);
	bed.front = -1;
	while (bed_is_open())
		ck_assert_int_eq(event_base_loop(bed.base, EVLOOP_ONCE), 0);
	ck_assert_uint_eq(session_stats(bed.s)->requests, N + 1);
	ck_assert_int_eq(bed_logged("inside a message"), 0);
}
END_TEST

static void
add(TCase *tc, int dgram)
{
	(void)dgram;
	tcase_add_test(tc, slow_reads_hold_up_nobody);
	tcase_add_test(tc, f16_front_waits_within_a_read);
	tcase_add_test(tc, f22_front_goes_within_a_read);
}

int
main(void)
{
	Suite *s = suite_create("split_room");

	bed_transports(s, parts_open, parts_open_dgram, parts_close, add);
	return suite_run(s);
}
