/* SPDX-License-Identifier: ISC */
/* The builder, and what the header readers make of its messages. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/suite.h"
#include "wire/build.h"
#include "wire/get.h"
#include "wire/head.h"

START_TEST(request_is_built)
{
	struct wire_buf b;
	struct wire_req h;
	struct span m;

	wire_buf_init(&b);
	wire_begin_request(&b, FUSE_OP_MKDIR, 0x123456789a, 77);
	wire_set_caller(&b, 1000, 1001, 4242);
	wire_put_u32(&b, 0755);
	wire_put_u32(&b, 022);
	wire_put_name(&b, "dir");
	ck_assert_int_eq(wire_end(&b, &m), E_OK);
	ck_assert_uint_eq(m.len, 52);
	ck_assert_int_eq(wire_req_get(m, &h), E_OK);
	ck_assert_uint_eq(h.len, 52);
	ck_assert_uint_eq(h.opcode, FUSE_OP_MKDIR);
	ck_assert_uint_eq(h.unique, 0x123456789a);
	ck_assert_uint_eq(h.nodeid, 77);
	ck_assert_uint_eq(h.uid, 1000);
	ck_assert_uint_eq(h.gid, 1001);
	ck_assert_uint_eq(h.pid, 4242);
	ck_assert_uint_eq(h.extlen, 0);
	ck_assert_uint_eq(get_u32(m, 40), 0755);
	ck_assert_uint_eq(get_u32(m, 44), 022);
	ck_assert_mem_eq(m.p + 48, "dir", 4);
	wire_buf_fini(&b);
}
END_TEST

START_TEST(reply_is_built)
{
	struct wire_buf b;
	struct wire_rep h;
	struct span m;

	wire_buf_init(&b);
	wire_begin_reply(&b, 9, -2);
	ck_assert_int_eq(wire_end(&b, &m), E_OK);
	ck_assert_uint_eq(m.len, WIRE_REP_HEADER);
	ck_assert_int_eq(wire_rep_get(m, &h), E_OK);
	ck_assert_uint_eq(h.len, 16);
	ck_assert_int_eq(h.error, -2);
	ck_assert_uint_eq(h.unique, 9);
	wire_buf_fini(&b);
}
END_TEST

START_TEST(buffer_grows_and_is_used_again)
{
	static const uint8_t mebi[1 << 20] = { 1, 2, 3 };
	struct wire_buf b;
	struct span m;

	wire_buf_init(&b);
	wire_begin_request(&b, FUSE_OP_WRITE, 2, 1);
	wire_put_zero(&b, 40);
	wire_put_bytes(&b, mebi, sizeof(mebi));
	ck_assert_int_eq(wire_end(&b, &m), E_OK);
	ck_assert_uint_eq(m.len, 80 + sizeof(mebi));
	ck_assert_uint_eq(get_u32(m, 0), 80 + sizeof(mebi));
	ck_assert_mem_eq(m.p + 80, mebi, sizeof(mebi));

	wire_begin_request(&b, FUSE_OP_STATFS, 4, 1);
	wire_put_u16(&b, 7);
	ck_assert_int_eq(wire_end(&b, &m), E_OK);
	ck_assert_uint_eq(m.len, 42);
	wire_buf_fini(&b);
}
END_TEST

START_TEST(failure_is_told_at_the_end)
{
	struct wire_buf b;
	struct span m;

	wire_buf_init(&b);
	wire_begin_request(&b, FUSE_OP_WRITE, 2, 1);
	wire_put_zero(&b, SIZE_MAX - 8);
	wire_put_u32(&b, 1);
	ck_assert_int_eq(wire_end(&b, &m), E_NOMEM);
	ck_assert_ptr_null(m.p);
	/* The next message is not harmed. */
	wire_begin_request(&b, FUSE_OP_STATFS, 4, 1);
	ck_assert_int_eq(wire_end(&b, &m), E_OK);
	wire_buf_fini(&b);
}
END_TEST

START_TEST(words_stay_inside)
{
	uint8_t bytes[10] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };
	struct span m = { bytes, sizeof(bytes) };

	ck_assert_uint_eq(get_u64(m, 3), 0);
	ck_assert_uint_ne(get_u64(m, 2), 0);
	ck_assert_uint_eq(get_u32(m, SIZE_MAX), 0);
	ck_assert_uint_eq(get_u16(m, 9), 0);
	put_u32(bytes, sizeof(bytes), 7, 0);
	put_u64(bytes, sizeof(bytes), SIZE_MAX - 2, 0);
	ck_assert_uint_eq(bytes[7], 8);
	put_u16(bytes, sizeof(bytes), 8, 0x0b0b);
	ck_assert_uint_eq(bytes[9], 11);
	ck_assert_uint_eq(span_from(m, 99).len, 0);
	ck_assert_uint_eq(span_from(m, 4).len, 6);
}
END_TEST

/* A header cut at every length, in a block of just that length. */
START_TEST(short_headers_are_refused)
{
	size_t len = (size_t)_i;
	uint8_t *p = calloc(1, len + (len == 0));
	struct span m = { p, len };
	struct wire_req req;
	struct wire_rep rep;

	ck_assert_ptr_nonnull(p);
	ck_assert_int_eq(wire_req_get(m, &req), len < 40 ? E_SHORT : E_OK);
	ck_assert_int_eq(wire_rep_get(m, &rep), len < 16 ? E_SHORT : E_OK);
	free(p);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("wire_build");
	TCase *t = tcase_create("build");

	tcase_add_test(t, request_is_built);
	tcase_add_test(t, reply_is_built);
	tcase_add_test(t, buffer_grows_and_is_used_again);
	tcase_add_test(t, failure_is_told_at_the_end);
	tcase_add_test(t, words_stay_inside);
	tcase_add_loop_test(t, short_headers_are_refused, 0, 44);
	suite_add_tcase(s, t);
	return suite_run(s);
}
