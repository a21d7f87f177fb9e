/* SPDX-License-Identifier: ISC */
/* The arithmetic of requests in parts, without a session. */
#include <check.h>
#include <errno.h>
#include <string.h>

#include "relay/split.h"
#include "tests/suite.h"
#include "wire/build.h"
#include "wire/head.h"
#include "wire/ops.h"

#define PART 1000u
#define TOTAL 2500u
#define OFFSET 4096u

static struct wire_buf request_buf, reply_buf;
static struct split split;
static uint8_t data[TOTAL];

static void
setup(void)
{
	size_t i;

	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7 + i / 256);
	wire_buf_init(&request_buf);
	wire_buf_init(&reply_buf);
}

static void
teardown(void)
{
	split_fini(&split);
	wire_buf_fini(&request_buf);
	wire_buf_fini(&reply_buf);
}

/* A READ of TOTAL bytes, or a WRITE of them. */
static struct span
ask(uint32_t op, uint64_t offset)
{
	struct wire_buf *b = &request_buf;
	struct span m;

	wire_begin_request(b, op, 4, 1);
	wire_put_u64(b, 0xf4); /* handle */
	wire_put_u64(b, offset);
	wire_put_u32(b, TOTAL);
	wire_put_u32(b, 1);
	wire_put_u64(b, 0xfeed); /* lock owner */
	wire_put_u32(b, 2);
	wire_put_u32(b, 0);
	if (op == FUSE_OP_WRITE)
		wire_put_bytes(b, data, TOTAL);
	ck_assert_int_eq(wire_end(b, &m), E_OK);
	return m;
}

static struct span
read_reply(size_t from, size_t n)
{
	struct span m;

	wire_begin_reply(&reply_buf, 100, 0);
	wire_put_bytes(&reply_buf, data + from, n);
	ck_assert_int_eq(wire_end(&reply_buf, &m), E_OK);
	return m;
}

static struct span
write_reply(uint32_t n)
{
	struct span m;

	wire_begin_reply(&reply_buf, 100, 0);
	wire_put_u32(&reply_buf, n);
	wire_put_u32(&reply_buf, 0);
	ck_assert_int_eq(wire_end(&reply_buf, &m), E_OK);
	return m;
}

static void
expect_part(uint64_t unique, size_t done, size_t n)
{
	struct span m = split_next(&split, unique);
	struct span whole = { request_buf.p, WIRE_WRITE_HEAD };
	int is_write = head_opcode(m) == FUSE_OP_WRITE;

	ck_assert_uint_eq(m.len, WIRE_WRITE_HEAD + (is_write ? n : 0));
	ck_assert_uint_eq(head_len(m), m.len);
	ck_assert_uint_eq(head_unique(m), unique);
	ck_assert_uint_eq(get_u64(m, REQ_OFF(fuse_write_in, offset)),
	    get_u64(whole, REQ_OFF(fuse_write_in, offset)) + done);
	ck_assert_uint_eq(get_u32(m, REQ_OFF(fuse_write_in, size)), n);
	ck_assert_uint_eq(get_u64(m, REQ_OFF(fuse_write_in, fh)), 0xf4);
	ck_assert_uint_eq(get_u64(m, REQ_OFF(fuse_write_in, lock_owner)),
	    0xfeed);
	if (is_write)
		ck_assert_mem_eq(m.p + WIRE_WRITE_HEAD, data + done, n);
}

static void
expect_answer(uint32_t op, size_t n)
{
	struct span m = split_answer(&split);
	int is_write = op == FUSE_OP_WRITE;

	ck_assert_uint_eq(m.len, WIRE_REP_HEADER + (is_write ? 8 : n));
	ck_assert_uint_eq(head_len(m), m.len);
	ck_assert_uint_eq(head_unique(m), 4);
	ck_assert_int_eq(head_error(m), 0);
	if (is_write)
		ck_assert_uint_eq(get_u32(m, WIRE_REP_HEADER), n);
	else
		ck_assert_mem_eq(m.p + WIRE_REP_HEADER, data, n);
}

static const uint32_t ops[] = { FUSE_OP_READ, FUSE_OP_WRITE };

/* The daemon does n bytes of the part that begins at `from`. */
static int
serve(uint32_t op, size_t from, size_t n)
{
	return split_reply(&split,
	    op == FUSE_OP_WRITE ? write_reply((uint32_t)n) :
				  read_reply(from, n));
}

START_TEST(parts_make_the_whole)
{
	uint32_t op = ops[_i];

	ck_assert_int_eq(split_init(&split, ask(op, OFFSET), PART), E_OK);
	ck_assert_uint_ge(split_kept(&split), TOTAL);
	expect_part(100, 0, PART);
	ck_assert_int_eq(serve(op, 0, PART), SPLIT_MORE);
	expect_part(102, PART, PART);
	ck_assert_int_eq(serve(op, PART, PART), SPLIT_MORE);
	expect_part(104, 2 * PART, TOTAL - 2 * PART);
	ck_assert_int_eq(serve(op, 2 * PART, TOTAL - 2 * PART), SPLIT_DONE);
	expect_answer(op, TOTAL);
}
END_TEST

START_TEST(a_short_part_is_the_last)
{
	uint32_t op = ops[_i];

	ck_assert_int_eq(split_init(&split, ask(op, OFFSET), PART), E_OK);
	expect_part(100, 0, PART);
	ck_assert_int_eq(serve(op, 0, PART), SPLIT_MORE);
	expect_part(102, PART, PART);
	ck_assert_int_eq(serve(op, PART, 10), SPLIT_DONE);
	expect_answer(op, PART + 10);
}
END_TEST

START_TEST(an_error_counts_if_nothing_was_done)
{
	uint32_t op = ops[_i];

	ck_assert_int_eq(split_init(&split, ask(op, OFFSET), PART), E_OK);
	expect_part(100, 0, PART);
	ck_assert_int_eq(split_failed(&split, ENOSPC), ENOSPC);
	ck_assert_int_eq(serve(op, 0, PART), SPLIT_MORE);
	expect_part(102, PART, PART);
	ck_assert_int_eq(split_failed(&split, ENOSPC), SPLIT_DONE);
	expect_answer(op, PART);
}
END_TEST

START_TEST(f21_it_can_be_ended)
{
	uint32_t op = ops[_i];

	ck_assert_int_eq(split_init(&split, ask(op, OFFSET), PART), E_OK);
	expect_part(100, 0, PART);
	split_end(&split);
	ck_assert_int_eq(serve(op, 0, PART), SPLIT_DONE);
	expect_answer(op, PART);
}
END_TEST

/* A part that says it did more than it was asked for does no harm. */
START_TEST(f34_more_than_was_asked)
{
	uint32_t op = ops[_i];

	ck_assert_int_eq(split_init(&split, ask(op, OFFSET), PART), E_OK);
	expect_part(100, 0, PART);
	ck_assert_int_eq(serve(op, 0, TOTAL), SPLIT_MORE);
	expect_part(102, PART, PART);
}
END_TEST

/* No part begins where no file can have a byte. */
START_TEST(no_part_behind_the_largest_offset)
{
	static const struct {
		uint64_t offset;
		int step;
	} row[] = {
		{ INT64_MAX - PART, SPLIT_MORE },
		{ INT64_MAX - PART + 1, SPLIT_DONE },
		{ INT64_MAX, SPLIT_DONE },
		{ UINT64_C(1) << 63, SPLIT_DONE },
		{ UINT64_MAX, SPLIT_DONE },
	};
	struct span m = ask(FUSE_OP_READ, row[_i].offset);

	ck_assert_int_eq(split_init(&split, m, PART), E_OK);
	expect_part(100, 0, PART);
	ck_assert_int_eq(serve(FUSE_OP_READ, 0, PART), row[_i].step);
}
END_TEST

START_TEST(f8_too_large_for_a_reply)
{
	struct span m = ask(FUSE_OP_READ, 0);

	put_u32(request_buf.p, m.len, REQ_OFF(fuse_read_in, size),
	    SPLIT_READ_MAX + 1);
	ck_assert_int_eq(split_init(&split, m, PART), E_BIG);
}
END_TEST

START_TEST(limits_are_by_operation)
{
	struct split_limits l = { .write = TOTAL - 1, .read = TOTAL };

	ck_assert_int_eq(split_is_needed(&l, ask(FUSE_OP_READ, 0)), 0);
	ck_assert_int_eq(split_is_needed(&l, ask(FUSE_OP_WRITE, 0)), 1);
	ck_assert_int_eq(split_is_needed(&l, ask(FUSE_OP_FSYNC, 0)), 0);
	l.write = 0;
	ck_assert_int_eq(split_is_needed(&l, ask(FUSE_OP_WRITE, 0)), 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("split_steps");
	TCase *tc = tcase_create("steps");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, parts_make_the_whole, 0, 2);
	tcase_add_loop_test(tc, a_short_part_is_the_last, 0, 2);
	tcase_add_loop_test(tc, an_error_counts_if_nothing_was_done, 0, 2);
	tcase_add_loop_test(tc, f21_it_can_be_ended, 0, 2);
	tcase_add_loop_test(tc, f34_more_than_was_asked, 0, 2);
	tcase_add_loop_test(tc, no_part_behind_the_largest_offset, 0, 5);
	tcase_add_test(tc, f8_too_large_for_a_reply);
	tcase_add_test(tc, limits_are_by_operation);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
