/* SPDX-License-Identifier: ISC */
/* Replies that come in pieces, and length words that lie. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bed.h"

#define BUF 65536u
#define STATFS_BODY 80

static uint8_t *buf;

static void
setup(void)
{
	buf = calloc(1, BUF);
	ck_assert_ptr_nonnull(buf);
	bed_open_default();
}

static void
setup_dgram(void)
{
	struct relay_conf conf = bed_conf();

	buf = calloc(1, BUF);
	ck_assert_ptr_nonnull(buf);
	conf.transport = TRANSPORT_DGRAM;
	bed_open(&conf);
}

static void
teardown(void)
{
	bed_close();
	free(buf);
}

/* A READ of so many bytes is with the daemon. */
static void
request_read(uint64_t unique, uint32_t size)
{
	uint32_t body[10] = { 7, 0, 0, 0, size };

	bed_request(FUSE_OP_READ, unique, body, sizeof(body));
	bed_expect_request(FUSE_OP_READ, unique);
}

static void
request_statfs(uint64_t unique)
{
	bed_request(FUSE_OP_STATFS, unique, NULL, 0);
	bed_expect_request(FUSE_OP_STATFS, unique);
}

static void
fill(uint8_t *p, size_t len, uint64_t seed)
{
	uint64_t state = seed * 2 + 1;
	size_t i;

	for (i = 0; i < len; i++)
		p[i] = (uint8_t)bed_random(&state, 256);
}

/* The data of a READ, in packets of `piece` bytes. */
START_TEST(reply_in_pieces_is_put_together)
{
	static const size_t piece[] = { 16, 17, 4096, 40000, 65535 };
	static uint8_t msg[16 + 65536];
	struct span m;
	size_t off, n;

	bed_init();
	request_read(4, 65536);
	request_statfs(6);
	fill(buf, 65536, 3);
	m = bed_build_reply(4, 0, buf, 65536);
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
	ck_assert_uint_eq(bed.s->stats.repaired, 0);
}
END_TEST

/* The loop runs until so many are left. */
static void
wait_for_inflight(size_t n)
{
	while (bed.s->inflight.count > n)
		ck_assert_int_eq(event_base_loop(bed.base, EVLOOP_ONCE), 0);
	bed_settle();
}

/* A length word above what was sent, for a reply that may come in pieces. */
START_TEST(liar_does_not_take_others_along)
{
	struct span m;
	uint8_t msg[116];

	bed_init();
	request_read(4, 4096);
	request_statfs(6);
	request_statfs(8);
	m = bed_build_reply(4, 0, buf, 100);
	memcpy(msg, m.p, m.len);
	put_u32(msg, sizeof(msg), 0, 16u + (_i == 0 ? 101 : 4096));
	bed_packet(msg, sizeof(msg));
	bed_expect_quiet();
	bed_reply(6, -EPERM, NULL, 0);
	wait_for_inflight(1);
	bed_expect_answer(4, -EIO);
	bed_expect_answer(6, -EPERM);
	bed_reply(8, 0, buf, STATFS_BODY);
	bed_expect_answer(8, 0);
	bed_expect_quiet();
	ck_assert_uint_eq(bed.s->inflight.count, 0);
}
END_TEST

START_TEST(liar_alone_is_not_waited_for)
{
	struct span m;
	uint8_t msg[116];

	bed_init();
	request_read(4, 4096);
	m = bed_build_reply(4, 0, buf, 100);
	memcpy(msg, m.p, m.len);
	put_u32(msg, sizeof(msg), 0, 16 + 101);
	bed_packet(msg, sizeof(msg));
	wait_for_inflight(0);
	bed_expect_answer(4, -EIO);
	bed_expect_quiet();
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("session_pieces");
	TCase *tc;
	SRunner *sr;
	int failed, dgram;

	for (dgram = 0; dgram < 2; dgram++) {
		tc = tcase_create(dgram ? "dgram" : "seqpacket");
		tcase_add_checked_fixture(tc, dgram ? setup_dgram : setup,
		    teardown);
		tcase_set_timeout(tc, 60);
		tcase_add_loop_test(tc, reply_in_pieces_is_put_together, 0,
		    5);
		tcase_add_loop_test(tc, liar_does_not_take_others_along, 0,
		    2);
		tcase_add_test(tc, liar_alone_is_not_waited_for);
		suite_add_tcase(s, tc);
	}
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
