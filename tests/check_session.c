/* SPDX-License-Identifier: ISC */
/* What a session makes of single requests and replies. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "bed.h"
#include "relay/init.h"
#include "tests/suite.h"

#define STATFS_BODY 80

START_TEST(bytes_pass_unchanged)
{
	static const uint32_t size[] = { 0, 1, 4095, 4096, 65536, 1048576 };
	uint8_t *data = malloc(40u + size[_i]);
	struct span m, sent;

	bed_init();
	bed_fill(data, 40u + size[_i], 5);
	memcpy(data + 16, &size[_i], 4);
	sent = bed_build_request(FUSE_OP_WRITE, 4, data, 40u + size[_i]);
	bed_send(sent.p, sent.len);
	bed_settle();
	ck_assert_uint_eq(bed_recv(bed.room, BED_ROOM), sent.len);
	ck_assert_mem_eq(bed.room, sent.p, sent.len);
	bed_reply(4, -ENOSPC, NULL, 0);
	bed_expect_answer(4, -ENOSPC);

	bed_request_read(6, size[_i]);
	bed_fill(data, size[_i], 6);
	sent = bed_build_reply(6, 0, data, size[_i]);
	bed_packet(sent.p, sent.len);
	ck_assert_int_eq(bed_answer(&m), 1);
	ck_assert_uint_eq(m.len, sent.len);
	ck_assert_mem_eq(m.p, sent.p, m.len);
	bed_expect_quiet();
	free(data);
}
END_TEST

START_TEST(order_is_kept)
{
	struct span m;
	uint64_t u;

	for (u = 2; u < 400; u += 2) {
		m = bed_build_request(FUSE_OP_STATFS, u, NULL, 0);
		bed_send(m.p, m.len);
		if (u % 40 == 0)
			bed_settle();
	}
	bed_settle();
	for (u = 2; u < 400; u += 2)
		bed_expect_request(FUSE_OP_STATFS, u);
	for (u = 398; u > 0; u -= 2)
		bed_reply(u, -EPERM, NULL, 0);
	for (u = 398; u > 0; u -= 2)
		bed_expect_answer(u, -EPERM);
	bed_expect_quiet();
	ck_assert_uint_eq(session_stats(bed.s)->requests, 199);
	ck_assert_uint_eq(session_stats(bed.s)->replies, 199);
	ck_assert_uint_eq(session_in_flight(bed.s), 0);
}
END_TEST

START_TEST(f33_forget_is_not_answered)
{
	uint32_t one[2] = { 1 }, batch[6] = { 1, 0, 5, 0, 1, 0 };

	bed_request(FUSE_OP_FORGET, 4, one, sizeof(one));
	bed_expect_request(FUSE_OP_FORGET, 4);
	bed_request(FUSE_OP_BATCH_FORGET, 6, batch, sizeof(batch));
	bed_expect_request(FUSE_OP_BATCH_FORGET, 6);
	ck_assert_uint_eq(session_in_flight(bed.s), 0);
	bed_reply(4, 0, NULL, 0);
	bed_reply(6, -EIO, NULL, 0);
	bed_expect_quiet();
	ck_assert_uint_eq(session_stats(bed.s)->dropped, 2);
	bed_close_daemon();
	bed_request(FUSE_OP_FORGET, 8, one, sizeof(one));
	ck_assert_uint_eq(session_stats(bed.s)->requests, 3);
	ck_assert_int_eq(bed.daemon_gone, 1);
}
END_TEST

START_TEST(f3_unknown_opcode_is_carried)
{
	struct span m;

	bed_fill(bed.room, 100, 9);
	bed_request(3999, 4, bed.room, 100);
	bed_expect_request(3999, 4);
	bed_reply(4, 0, bed.room, 77);
	ck_assert_int_eq(bed_answer(&m), 1);
	ck_assert_uint_eq(m.len, 16 + 77);
	ck_assert_mem_eq(m.p + 16, bed.room, 77);
	bed_request(3999, 6, NULL, 0);
	bed_expect_request(3999, 6);
	bed_reply(6, -ENOSYS, NULL, 0);
	bed_expect_answer(6, -ENOSYS);
	ck_assert_uint_eq(session_stats(bed.s)->repaired, 0);
}
END_TEST

START_TEST(f4_malformed_request_is_passed_and_told)
{
	/* LOOKUP of a name without its NUL; READ without its body. */
	bed_request(FUSE_OP_LOOKUP, 4, "abc", 3);
	bed_expect_request(FUSE_OP_LOOKUP, 4);
	ck_assert_int_eq(bed_logged("malformed"), 1);
	bed_reply(4, -EINVAL, NULL, 0);
	bed_expect_answer(4, -EINVAL);
	bed_request(FUSE_OP_READ, 6, NULL, 0);
	bed_expect_request(FUSE_OP_READ, 6);
	ck_assert_int_eq(bed_logged("malformed"), 2);
	bed_reply(6, -EINVAL, NULL, 0);
	bed_expect_answer(6, -EINVAL);
}
END_TEST

START_TEST(f42_second_init_is_refused)
{
	uint32_t in[16] = { 7, 31, 131072, 0 };

	bed_init();
	bed_request(FUSE_OP_INIT, 4, in, sizeof(in));
	bed_expect_answer(4, -EINVAL);
	bed_expect_quiet();
	bed_request_statfs(6);
}
END_TEST

/* A front of a later major version asks again with the one it was told. */
START_TEST(f42_version_is_agreed_on_first)
{
	uint32_t in[16] = { 8, 0, 131072, 0 }, out[16] = { 7, 31 };

	bed_request(FUSE_OP_INIT, 2, in, sizeof(in));
	bed_expect_request(FUSE_OP_INIT, 2);
	bed_reply(2, 0, out, sizeof(out));
	bed_expect_answer(2, 0);
	ck_assert_int_eq(bed_is_ready(), 0);
	bed_init();
	bed_request(FUSE_OP_INIT, 4, in, sizeof(in));
	bed_expect_answer(4, -EINVAL);
	bed_expect_quiet();
}
END_TEST

/* One of an earlier version is refused by the daemon itself. */
START_TEST(f42_init_may_be_refused)
{
	uint32_t in[16] = { 6, 0, 131072, 0 };

	bed_request(FUSE_OP_INIT, 2, in, sizeof(in));
	bed_expect_request(FUSE_OP_INIT, 2);
	bed_reply(2, -EPROTO, NULL, 0);
	bed_expect_answer(2, -EPROTO);
	ck_assert_int_eq(bed_is_ready(), 0);
}
END_TEST

START_TEST(f42_init_is_rewritten)
{
	uint32_t in[16] = { 7, 31, 16u << 20, UINT32_MAX };
	uint32_t out[16] = { 7, 31, 16u << 20, UINT32_MAX, 0, 16u << 20 };
	size_t max = bed_data_max();
	struct span m = { bed.room, 40 + sizeof(in) };

	bed_request(FUSE_OP_INIT, 2, in, sizeof(in));
	ck_assert_uint_eq(bed_recv(bed.room, BED_ROOM), 40 + sizeof(in));
	ck_assert_uint_eq(get_u32(m, 40 + 8), max);
	ck_assert_uint_eq(get_u32(m, 40 + 12) & (7u << 7), 0); /* SPLICE_* */
	bed_reply(2, 0, out, sizeof(out));
	ck_assert_int_eq(bed_answer(&m), 1);
	ck_assert_uint_eq(m.len, 16 + sizeof(out));
	ck_assert_uint_eq(get_u32(m, 16 + 8), max);
	ck_assert_uint_eq(get_u32(m, 16 + 20), max);
}
END_TEST

START_TEST(f8_oversize_request_is_answered)
{
	static const struct {
		uint32_t op;
		int error;
	} row[] = { { FUSE_OP_WRITE, -EIO }, { FUSE_OP_SETXATTR, -E2BIG },
		{ FUSE_OP_BATCH_FORGET, 0 }, { 3999, -EIO } };
	size_t len = bed_carries() - WIRE_REQ_HEADER;

	bed_request(row[_i].op, 4, bed.room, len + 1);
	if (row[_i].error != 0)
		bed_expect_answer(4, row[_i].error);
	bed_expect_quiet();
	ck_assert_uint_eq(session_stats(bed.s)->refused, 1);
	ck_assert_int_eq(bed_logged("more than the device end carries"), 1);
	/* What just fits is carried. */
	bed_request(3999, 6, bed.room, len);
	ck_assert_uint_eq(bed_recv(bed.room, BED_ROOM), len + WIRE_REQ_HEADER);
	bed_reply(6, -EPERM, NULL, 0);
	bed_expect_answer(6, -EPERM);
}
END_TEST

START_TEST(f32_unasked_replies_are_dropped)
{
	bed_request_statfs(4);
	bed_reply(5000, -EIO, NULL, 0);
	bed_reply(4, -EPERM, NULL, 0);
	bed_reply(4, -EPERM, NULL, 0);
	bed_packet("short", 5);
	bed_expect_answer(4, -EPERM);
	bed_expect_quiet();
	ck_assert_uint_eq(session_stats(bed.s)->dropped, 3);
	bed_request_statfs(6);
}
END_TEST

START_TEST(f40_unique_in_flight_is_not_taken_twice)
{
	bed_request_statfs(4);
	bed_request(FUSE_OP_STATFS, 4, NULL, 0);
	ck_assert_uint_eq(session_in_flight(bed.s), 1);
	bed_expect_quiet();
	bed_reply(4, -EPERM, NULL, 0);
	bed_expect_answer(4, -EPERM);
	bed_request_statfs(4);
}
END_TEST

/* Each fault, in the reply to a STATFS. */
static const struct {
	uint32_t body; /* bytes behind the header */
	int32_t lie;   /* added to the length word */
	int32_t error;
} bad[] = {
	{ STATFS_BODY, 1, 0 },
	{ STATFS_BODY, -1, 0 },
	{ STATFS_BODY, -96, 0 },
	{ STATFS_BODY, 0x7fffffff - 96, 0 },
	{ STATFS_BODY, -97, 0 }, /* 2^32 - 1 */
	{ 0, 8, -EPERM },
	{ 0, 0, 1 },
	{ 0, 0, EIO },
	{ 0, 0, -512 },
	{ 0, 0, -1000 },
	{ 0, 0, INT32_MIN },
	{ STATFS_BODY + 1, 0, 0 },
	{ STATFS_BODY + 4096, 0, 0 },
	{ STATFS_BODY - 1, 0, 0 },
	{ 0, 0, 0 },
	{ 1, 0, -EPERM },
	{ STATFS_BODY, 0, -EPERM },
};

START_TEST(f34_f35_bad_reply_becomes_EIO_once)
{
	struct span m;
	uint8_t msg[8192];

	bed_init();
	bed_request_statfs(4);
	bed_request_statfs(6);
	m = bed_build_reply(4, bad[_i].error, bed.room, bad[_i].body);
	memcpy(msg, m.p, m.len);
	put_u32(msg, m.len, 0, (uint32_t)((int64_t)m.len + bad[_i].lie));
	bed_packet(msg, m.len);
	bed_expect_answer(4, -EIO);
	bed_expect_quiet();
	ck_assert_uint_eq(session_stats(bed.s)->repaired, 1);
	ck_assert_int_eq(bed_logged("bad reply to STATFS unique=4"), 1);
	/* It is over: a better reply comes too late. */
	bed_reply(4, 0, bed.room, STATFS_BODY);
	bed_expect_quiet();
	ck_assert_uint_eq(session_stats(bed.s)->dropped, 1);
	bed_reply(6, 0, bed.room, STATFS_BODY);
	bed_expect_answer(6, 0);
}
END_TEST

START_TEST(f34_good_replies_at_the_limits_pass)
{
	static const int error[] = { -1, -511, -ENOSYS };
	size_t i;

	bed_init();
	for (i = 0; i < 3; i++) {
		bed_request_statfs(4);
		bed_reply(4, error[i], NULL, 0);
		bed_expect_answer(4, error[i]);
	}
	bed_request_read(6, 100);
	bed_reply(6, 0, bed.room, 100);
	bed_expect_answer(6, 0);
	bed_request_read(8, 100);
	bed_reply(8, 0, NULL, 0);
	bed_expect_answer(8, 0);
	ck_assert_uint_eq(session_stats(bed.s)->repaired, 0);
	bed_request_read(10, 100);
	bed_reply(10, 0, bed.room, 101);
	bed_expect_answer(10, -EIO);
}
END_TEST

START_TEST(f40_resent_request_has_a_new_number)
{
	const uint64_t again = UINT64_C(1) << 63;

	bed_request_statfs(4);
	bed_request(FUSE_OP_STATFS, 4 | again, NULL, 0);
	bed_expect_request(FUSE_OP_STATFS, 4 | again);
	ck_assert_uint_eq(session_in_flight(bed.s), 1);
	bed_reply(4, -EPERM, NULL, 0);
	bed_expect_quiet();
	bed_reply(4 | again, -EPERM, NULL, 0);
	bed_expect_answer(4 | again, -EPERM);
	/* Nothing of that number was in flight. */
	bed_request(FUSE_OP_STATFS, 6 | again, NULL, 0);
	bed_expect_request(FUSE_OP_STATFS, 6 | again);
	bed_reply(6 | again, -EPERM, NULL, 0);
	bed_expect_answer(6 | again, -EPERM);
}
END_TEST

START_TEST(f36_notifications_pass)
{
	uint32_t inval[6] = { 1 };
	struct span m;

	bed_init();
	bed_request_statfs(4);
	bed_reply(0, FUSE_NOTIFY_INVAL_INODE, inval, sizeof(inval));
	ck_assert_int_eq(bed_answer(&m), 1);
	ck_assert_uint_eq(m.len, 16 + sizeof(inval));
	ck_assert_uint_eq(get_u64(m, 8), 0);
	ck_assert_int_eq(get_i32(m, 4), FUSE_NOTIFY_INVAL_INODE);
	/* No such code; a length that does not fit. */
	bed_reply(0, 77, inval, sizeof(inval));
	bed_reply(0, FUSE_NOTIFY_INVAL_INODE, inval, 8);
	bed_expect_quiet();
	ck_assert_uint_eq(session_stats(bed.s)->notifications, 1);
	ck_assert_uint_eq(session_stats(bed.s)->dropped, 2);
	bed_reply(4, -EPERM, NULL, 0);
	bed_expect_answer(4, -EPERM);
}
END_TEST

START_TEST(f33_notify_reply_is_not_answered)
{
	uint32_t body[12] = { 0 };

	bed_init();
	bed_request(FUSE_OP_NOTIFY_REPLY, 99, body, 40);
	bed_expect_request(FUSE_OP_NOTIFY_REPLY, 99);
	ck_assert_uint_eq(session_in_flight(bed.s), 0);
}
END_TEST

START_TEST(empty_packet_is_ignored)
{
	bed_request_statfs(4);
	bed_packet("", 0);
	bed_packet("", 0);
	ck_assert_int_eq(bed.daemon_gone, 0);
	bed_expect_quiet();
	bed_reply(4, -EPERM, NULL, 0);
	bed_expect_answer(4, -EPERM);
}
END_TEST

static void
add(TCase *tc, int dgram)
{
	(void)dgram;
	tcase_add_loop_test(tc, bytes_pass_unchanged, 0, 6);
	tcase_add_test(tc, order_is_kept);
	tcase_add_test(tc, f33_forget_is_not_answered);
	tcase_add_test(tc, f3_unknown_opcode_is_carried);
	tcase_add_test(tc, f4_malformed_request_is_passed_and_told);
	tcase_add_test(tc, f42_second_init_is_refused);
	tcase_add_test(tc, f42_version_is_agreed_on_first);
	tcase_add_test(tc, f42_init_may_be_refused);
	tcase_add_test(tc, f42_init_is_rewritten);
	tcase_add_loop_test(tc, f8_oversize_request_is_answered, 0, 4);
	tcase_add_test(tc, f32_unasked_replies_are_dropped);
	tcase_add_test(tc, f40_unique_in_flight_is_not_taken_twice);
	tcase_add_loop_test(tc, f34_f35_bad_reply_becomes_EIO_once, 0,
	    (int)(sizeof(bad) / sizeof(bad[0])));
	tcase_add_test(tc, f34_good_replies_at_the_limits_pass);
	tcase_add_test(tc, f40_resent_request_has_a_new_number);
	tcase_add_test(tc, f36_notifications_pass);
	tcase_add_test(tc, f33_notify_reply_is_not_answered);
	tcase_add_test(tc, empty_packet_is_ignored);
}

int
main(void)
{
	Suite *s = suite_create("session");

	bed_transports(s, bed_open_default, bed_open_dgram, bed_close, add);
	return suite_run(s);
}
