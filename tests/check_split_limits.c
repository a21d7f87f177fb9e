/* SPDX-License-Identifier: ISC */
/* Requests in parts: the limits that INIT sets. */
#include <check.h>
#include <errno.h>
#include <string.h>

#include "parts.h"
#include "tests/suite.h"

/* INIT, with a daemon that sets these. */
static void
init_with(uint32_t max_write, uint32_t max_pages)
{
	uint32_t in[16] = { 7, 31, 131072, 1u << 22 };
	uint32_t out[16] = { 7, 31, 131072, 0, 0, max_write };
	struct span m;

	if (max_pages != 0) {
		out[3] = 1u << 22;  /* MAX_PAGES */
		out[7] = max_pages; /* behind time_gran; low half */
	}
	bed_request(FUSE_OP_INIT, 2, in, sizeof(in));
	ck_assert_uint_gt(bed_recv(fs.buf, 1000), 0);
	bed_reply(2, 0, out, sizeof(out));
	ck_assert_int_eq(bed_answer(&m), 1);
}

/* Limits of the daemon's own: max_write for WRITE; for READ what a kernel
 * might ask for. */
static const struct {
	uint32_t max_write, max_pages, write, read;
} limit[] = {
	{ 0, 0, 4096, 131072 },
	{ 4096, 0, 4096, 131072 },
	{ 10000, 0, 8192, 131072 },
	{ 262144, 0, 262144, 262144 },
	{ 65536, 64, 65536, 262144 },
	{ 65536, 4, 65536, 65536 },
	{ LARGEST, 1024, PART, PART },
};

START_TEST(daemon_sets_the_limit)
{
	uint32_t size;
	unsigned parts;

	init_with(limit[_i].max_write, limit[_i].max_pages);
	size = 3 * limit[_i].write;
	parts_ask(4, 0, size, fs.file);
	ck_assert_int_eq(parts_serve_one(), 1);
	ck_assert_uint_eq(fs.size, limit[_i].write);
	parts_serve();
	parts_expect_written(4, size);
	ck_assert_uint_eq(fs.parts, 3);
	parts_ask(6, 0, limit[_i].write, fs.file);
	ck_assert_int_eq(parts_serve_one(), 1);
	ck_assert_uint_eq(fs.unique, 6);
	parts_expect_written(6, limit[_i].write);
	parts = fs.parts;
	parts_ask(8, 0, 2 * limit[_i].read, NULL);
	parts_serve();
	parts_expect_read(8, fs.file, 2 * limit[_i].read);
	ck_assert_uint_eq(fs.parts, parts + 2);
	parts_ask(10, 0, limit[_i].read, NULL);
	ck_assert_int_eq(parts_serve_one(), 1);
	ck_assert_uint_eq(fs.unique, 10);
	parts_expect_read(10, fs.file, limit[_i].read);
	parts_expect_clean();
}
END_TEST

static void
setup_bare(void)
{
	parts_start(NULL);
}

START_TEST(no_parts_before_init)
{
	uint32_t size = (uint32_t)bed_carries();

	parts_ask(4, 0, size, fs.file);
	bed_expect_answer(4, -EIO);
	bed_expect_quiet();
	ck_assert_uint_eq(session_stats(bed.s)->divided, 0);
	ck_assert_uint_eq(session_stats(bed.s)->refused, 1);
}
END_TEST

/* A protocol before 7.9 has a shorter head. */
START_TEST(old_head)
{
	uint32_t in[4] = { 7, 8, 131072, 0 }, out[6] = { 7, 8, 0, 0, 0, 8192 };
	uint8_t body[24 + 10000] = { 0 };
	uint32_t word = 10000, done[2] = { 8192, 0 };
	struct span m = { fs.buf, 0 };

	bed_request(FUSE_OP_INIT, 2, in, sizeof(in));
	bed_expect_request(FUSE_OP_INIT, 2);
	bed_reply(2, 0, out, sizeof(out));
	bed_expect_answer(2, 0);
	parts_fill(body + 24, 10000, 1);
	memcpy(body + 16, &word, 4);
	bed_request(FUSE_OP_WRITE, 4, body, sizeof(body));
	ck_assert_uint_eq(m.len = bed_recv(fs.buf, MIB), 64 + 8192);
	ck_assert_mem_eq(fs.buf + 64, body + 24, 8192);
	bed_reply(get_u64(m, 8), 0, done, sizeof(done));
	ck_assert_uint_eq(m.len = bed_recv(fs.buf, MIB), 64 + 1808);
	ck_assert_mem_eq(fs.buf + 64, body + 24 + 8192, 1808);
	done[0] = 1808;
	bed_reply(get_u64(m, 8), 0, done, sizeof(done));
	parts_expect_written(4, 10000);
	parts_expect_clean();
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("split_limits");
	TCase *tc = tcase_create("limits");

	tcase_add_checked_fixture(tc, setup_bare, parts_close);
	tcase_add_loop_test(tc, daemon_sets_the_limit, 0,
	    sizeof(limit) / sizeof(limit[0]));
	tcase_add_test(tc, no_parts_before_init);
	tcase_add_test(tc, old_head);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
