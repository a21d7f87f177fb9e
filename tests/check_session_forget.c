/* SPDX-License-Identifier: ISC */
/*
 * BATCH_FORGET: a kernel puts as many into it as the reader has room for,
 * and the relay has more of that than the daemon.
 */
#include <string.h>

#include "bed.h"
#include "tests/suite.h"

#define HEAD 48 /* of a BATCH_FORGET */
#define FORGETS 70000u

static void
init_with(uint32_t max_write)
{
	uint32_t in[16] = { 7, 31, 131072, 0 };
	uint32_t out[16] = { 7, 31, 131072, 0, 0, max_write };

	bed_request(FUSE_OP_INIT, 2, in, sizeof(in));
	bed_expect_request(FUSE_OP_INIT, 2);
	bed_reply(2, 0, out, sizeof(out));
	bed_expect_answer(2, 0);
}

/* The front forgets nodes 1, 2, ..., n with one message. */
static void
forget(uint32_t n)
{
	uint64_t i;

	memset(bed.room, 0, 8 + 16 * n);
	memcpy(bed.room, &n, sizeof(n));
	for (i = 1; i <= n; i++)
		put_u64(bed.room, BED_ROOM, 16 * i - 8, i);
	bed_request(FUSE_OP_BATCH_FORGET, 4, bed.room, 8 + 16 * n);
}

/* The daemon gets all, in order, with messages of up to `most` bytes. */
static void
expect_forgets(size_t most, uint32_t n)
{
	struct span m = { bed.room, 0 };
	uint32_t want = 1, count, i;
	size_t longest = 0;

	while (want <= n) {
		while ((m.len = bed_recv(bed.room, BED_ROOM)) == 0)
			ck_assert_int_eq(
			    event_base_loop(bed.base, EVLOOP_ONCE), 0);
		ck_assert_uint_ge(m.len, HEAD);
		ck_assert_uint_le(m.len, most);
		ck_assert_uint_eq(get_u32(m, 0), m.len);
		ck_assert_uint_eq(get_u32(m, 4), FUSE_OP_BATCH_FORGET);
		ck_assert_uint_eq(get_u64(m, 8), 4);
		count = get_u32(m, 40);
		ck_assert_uint_eq(m.len, HEAD + 16 * (size_t)count);
		for (i = 0; i < count; i++)
			ck_assert_uint_eq(get_u64(m, HEAD + 16 * i), want++);
		if (m.len > longest)
			longest = m.len;
		bed_settle();
	}
	ck_assert_uint_eq(want, n + 1);
	if (HEAD + 16 * n >= most)
		ck_assert_uint_gt(longest, most - 16);
	bed_expect_quiet();
	ck_assert_uint_eq(session_stats(bed.s)->refused, 0);
	ck_assert_int_eq(bed_logged("malformed"), 0);
}

/* max_write of the daemon; the longest request that it must have room for. */
static const struct {
	uint32_t max_write, most;
} limit[] = {
	{ 0, 8192 },
	{ 4096, 8192 },
	{ 8112, 8192 },
	{ 8192, 8192 + 80 },
	{ 131072, 131072 + 80 },
	{ 1024 * 1024, 1024 * 1024 + 80 },
	{ UINT32_MAX, UINT32_MAX },
};

START_TEST(f38_batch_is_cut_for_the_daemon)
{
	size_t most = limit[_i].most, fit;

	if (most > bed_carries())
		most = bed_carries();
	fit = (most - HEAD) / 16;
	init_with(limit[_i].max_write);
	forget(FORGETS);
	expect_forgets(most, FORGETS);
	if (fit >= FORGETS)
		return;
	forget((uint32_t)fit);
	expect_forgets(most, (uint32_t)fit);
	forget((uint32_t)fit + 1);
	expect_forgets(most, (uint32_t)fit + 1);
}
END_TEST

/* One that the device end can't carry at all. */
START_TEST(f12_batch_is_cut_for_the_socket)
{
	uint32_t n = (BED_ROOM - 8) / 16;

	ck_assert_uint_gt(HEAD + 16 * n, bed_carries());
	bed_init();
	forget(n);
	expect_forgets(bed_request_max(), n);
}
END_TEST

static void
add(TCase *tc, int dgram)
{
	(void)dgram;
	tcase_add_loop_test(tc, f38_batch_is_cut_for_the_daemon, 0,
	    sizeof(limit) / sizeof(limit[0]));
	tcase_add_test(tc, f12_batch_is_cut_for_the_socket);
}

int
main(void)
{
	Suite *s = suite_create("session_forget");

	bed_transports(s, bed_open_default, bed_open_dgram, bed_close, add);
	return suite_run(s);
}
