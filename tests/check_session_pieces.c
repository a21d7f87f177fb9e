/* SPDX-License-Identifier: ISC */
/* Replies that come in pieces, and length words that lie. */
#include <check.h>
#include <errno.h>
#include <string.h>

#include "bed.h"
#include "tests/suite.h"

#define STATFS_BODY 80

/* The data of a READ, in packets of `piece` bytes. */
START_TEST(reply_in_pieces_is_put_together)
{
	static const size_t piece[] = { 16, 17, 4096, 40000, 65535 };
	static uint8_t msg[16 + 65536];
	struct span m;
	size_t off, n;

	bed_init();
	bed_request_read(4, 65536);
	bed_request_statfs(6);
	bed_fill(bed.room, 65536, 3);
	m = bed_build_reply(4, 0, bed.room, 65536);
	memcpy(msg, m.p, m.len);
	for (off = 0; off < sizeof(msg); off += n) {
		n = sizeof(msg) - off;
		if (n > piece[_i])
			n = piece[_i];
		ck_assert_int_eq(bed_answer(&m), 0);
		bed_packet(msg + off, n);
	}
	ck_assert_int_eq(bed_answer(&m), 1);
	ck_assert_uint_eq(m.len, sizeof(msg));
	ck_assert_mem_eq(m.p, msg, sizeof(msg));
	bed_reply(6, -EPERM, NULL, 0);
	bed_expect_answer(6, -EPERM);
	bed_expect_quiet();
	ck_assert_uint_eq(session_stats(bed.s)->repaired, 0);
}
END_TEST

/* The loop runs until so many are left. */
static void
wait_for_inflight(size_t n)
{
	while (session_in_flight(bed.s) > n)
		ck_assert_int_eq(event_base_loop(bed.base, EVLOOP_ONCE), 0);
	bed_settle();
}

/* A length word above what was sent, for a reply that may come in pieces. */
START_TEST(liar_does_not_take_others_along)
{
	struct span m;
	uint8_t msg[116];

	bed_init();
	bed_request_read(4, 4096);
	bed_request_statfs(6);
	bed_request_statfs(8);
	m = bed_build_reply(4, 0, bed.room, 100);
	memcpy(msg, m.p, m.len);
	put_u32(msg, sizeof(msg), 0, 16u + (_i == 0 ? 101 : 4096));
	bed_packet(msg, sizeof(msg));
	bed_expect_quiet();
	bed_reply(6, -EPERM, NULL, 0);
	wait_for_inflight(1);
	bed_expect_answer(4, -EIO);
	bed_expect_answer(6, -EPERM);
	bed_reply(8, 0, bed.room, STATFS_BODY);
	bed_expect_answer(8, 0);
	bed_expect_quiet();
	ck_assert_uint_eq(session_in_flight(bed.s), 0);
}
END_TEST

START_TEST(liar_alone_is_not_waited_for)
{
	struct span m;
	uint8_t msg[116];

	bed_init();
	bed_request_read(4, 4096);
	m = bed_build_reply(4, 0, bed.room, 100);
	memcpy(msg, m.p, m.len);
	put_u32(msg, sizeof(msg), 0, 16 + 101);
	bed_packet(msg, sizeof(msg));
	wait_for_inflight(0);
	bed_expect_answer(4, -EIO);
	bed_expect_quiet();
}
END_TEST

static void
add(TCase *tc, int dgram)
{
	(void)dgram;
	tcase_add_loop_test(tc, reply_in_pieces_is_put_together, 0, 5);
	tcase_add_loop_test(tc, liar_does_not_take_others_along, 0, 2);
	tcase_add_test(tc, liar_alone_is_not_waited_for);
}

int
main(void)
{
	Suite *s = suite_create("session_pieces");

	bed_transports(s, bed_open_default, bed_open_dgram, bed_close, add);
	return suite_run(s);
}
