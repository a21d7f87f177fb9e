/* SPDX-License-Identifier: ISC */
/* The quirks by themselves, and what holds for all of them on messages of
 * every kind. */
#include <check.h>
#include <errno.h>
#include <string.h>

#include "tests/suite.h"
#include "tests/talk.h"
#include "wire/check.h"
#include "wire/get.h"

static uint64_t rng;

/* xorshift64*, as published by Vigna. */
static uint64_t
next_random(void)
{
	rng ^= rng >> 12;
	rng ^= rng << 25;
	rng ^= rng >> 27;
	return rng * UINT64_C(2685821657736338717);
}

static int
ask_lookup(void)
{
	wire_begin_request(&talk.buf, FUSE_OP_LOOKUP, 4, 1);
	wire_put_name(&talk.buf, "name");
	return talk_request();
}

static void
entry(uint64_t nodeid, uint64_t ino)
{
	wire_put_u64(&talk.buf, nodeid);
	wire_put_zero(&talk.buf, 32);
	wire_put_u64(&talk.buf, ino);
	wire_put_zero(&talk.buf,
	    op_out_size(op_find(FUSE_OP_LOOKUP), talk.proto) - 48);
}

START_TEST(lookup_ino0)
{
	ck_assert_int_eq(ask_lookup(), 0);
	wire_begin_reply(&talk.buf, 4, 0);
	entry(0, 0);
	ck_assert_int_eq(talk_reply(), 1);
	ck_assert_uint_eq(talk.len, 16);
	ck_assert_uint_eq(get_u32(talk_message(), 0), 16);
	ck_assert_int_eq(get_i32(talk_message(), 4), -ENOENT);
	ck_assert_uint_eq(talk_word(8), 4);
	/* A node without an inode number is a node. */
	wire_begin_reply(&talk.buf, 4, 0);
	entry(5, 0);
	ck_assert_int_eq(talk_reply(), 0);
	/* An error stays that error. */
	wire_begin_reply(&talk.buf, 4, -EACCES);
	ck_assert_int_eq(talk_reply(), 0);
	ck_assert_int_eq(get_i32(talk_message(), 4), -EACCES);
	/* In other entries 0 means something else, or is a fault. */
	wire_begin_request(&talk.buf, FUSE_OP_MKDIR, 4, 1);
	wire_put_zero(&talk.buf, 8);
	wire_put_name(&talk.buf, "name");
	ck_assert_int_eq(talk_request(), 0);
	wire_begin_reply(&talk.buf, 4, 0);
	entry(0, 0);
	ck_assert_int_eq(talk_reply(), 0);
	ck_assert_uint_eq(talk.q.count[QUIRK_LOOKUP_INO0], 1);
}
END_TEST

/* The front reads with fh: what the daemon gets. */
static uint64_t
read_asks(uint64_t fh)
{
	wire_begin_request(&talk.buf, FUSE_OP_READ, 6, 1);
	wire_put_u64(&talk.buf, fh);
	wire_put_zero(&talk.buf, 32);
	talk_request();
	return talk_word(40);
}

static const uint32_t openers[] = { FUSE_OP_OPEN, FUSE_OP_OPENDIR,
	FUSE_OP_CREATE, FUSE_OP_TMPFILE };
static const struct wire_proto *const protos[] = { &proto_linux,
	&proto_linux_ext, &proto_linux_old, &proto_darwin, &proto_darwin_old,
	&proto_darwin3 };
#define PROTOS 6

START_TEST(nonzero_fh_given)
{
	size_t i;

	talk.proto = protos[_i];
	for (i = 0; i < 4; i++) {
		if (op_out_fh(op_find(openers[i]), talk.proto) == 0)
			continue;
		quirks_init(&talk.q, TALK_ALL);
		ck_assert_uint_eq(talk_open_gives(openers[i], 7), 7);
		ck_assert_uint_eq(talk.q.count[QUIRK_NONZERO_FH], 0);
		ck_assert_uint_eq(talk_open_gives(openers[i], 0), UINT64_MAX);
		ck_assert_uint_eq(talk.q.count[QUIRK_NONZERO_FH], 1);
		ck_assert_uint_eq(read_asks(UINT64_MAX), 0);
		ck_assert_uint_eq(read_asks(7), 7);
		/* Nothing that was given: stands for no handle. */
		ck_assert_uint_eq(read_asks(0), 0);
		ck_assert_uint_eq(talk_open_gives(openers[i], UINT64_MAX), 0);
		ck_assert_uint_eq(read_asks(0), UINT64_MAX);
		ck_assert_uint_eq(read_asks(UINT64_MAX), 0);
	}
}
END_TEST

/* Every request that carries a handle; conditions of its flags too. */
START_TEST(nonzero_fh_everywhere)
{
	const struct sample *s;
	struct span m;
	unsigned seen = 0;
	size_t i, at;
	int nth;

	for (i = 0; (s = sample_at(i)) != NULL; i++) {
		if (s->kind != SAMPLE_REQUEST)
			continue;
		talk.proto = s->proto;
		for (nth = 0; nth < 2; nth++) {
			m = sample_build(&talk.buf, s);
			at = op_in_fh(op_find(s->opcode), talk.proto, m, nth);
			if (at == 0)
				continue;
			quirks_init(&talk.q, 1u << QUIRK_NONZERO_FH);
			put_u64(talk.buf.p, talk.buf.len, at, UINT64_MAX);
			ck_assert_int_eq(talk_request(), 1);
			ck_assert_uint_eq(talk_word(at), 0);
			seen++;
		}
	}
	ck_assert_uint_ge(seen, 20);
	/* Without its flag, GETATTR's and SETATTR's word is no handle. */
	talk.proto = &proto_linux;
	for (i = 0; i < 2; i++) {
		wire_begin_request(&talk.buf,
		    i == 0 ? FUSE_OP_GETATTR : FUSE_OP_SETATTR, 4, 1);
		wire_put_u64(&talk.buf, 0);
		wire_put_u64(&talk.buf, UINT64_MAX);
		wire_put_zero(&talk.buf, i == 0 ? 0 : 72);
		ck_assert_int_eq(talk_request(), 0);
		ck_assert_uint_eq(talk_word(48), UINT64_MAX);
	}
	/* Both of COPY_FILE_RANGE. */
	quirks_init(&talk.q, TALK_ALL);
	wire_begin_request(&talk.buf, FUSE_OP_COPY_FILE_RANGE, 4, 1);
	wire_put_u64(&talk.buf, UINT64_MAX);
	wire_put_zero(&talk.buf, 16);
	wire_put_u64(&talk.buf, UINT64_MAX);
	wire_put_zero(&talk.buf, 24);
	ck_assert_int_eq(talk_request(), 1);
	ck_assert_uint_eq(talk_word(40), 0);
	ck_assert_uint_eq(talk_word(64), 0);
	ck_assert_uint_eq(talk.q.count[QUIRK_NONZERO_FH], 1);
}
END_TEST

/* Change some words of the message being built, most of them to the values
 * that quirks look for. */
static void
disturb(size_t from)
{
	static const uint64_t v[] = { 0, UINT64_MAX, 1, 96, 128 };
	size_t at, n = next_random() % 4;

	while (n-- > 0 && talk.buf.len > from + 8) {
		at = from +
		    (size_t)(next_random() % ((talk.buf.len - from) / 8)) * 8;
		put_u64(talk.buf.p, talk.buf.len, at,
		    next_random() % 8 == 0 ? next_random() :
					     v[next_random() % 5]);
	}
}

/*
 * Messages of every kind, in any order: what passed the checks still does;
 * with a quirk off nothing changes; and a handle comes back to the daemon
 * as it gave it.
 */
static void
one_random_message(void)
{
	const struct sample *s;
	struct wire_expect e;
	const struct op *op;
	const char *why;
	uint8_t before[TALK_MAX];
	size_t i, where, len;
	int changed;

	do
		i = (size_t)(next_random() % 256);
	while ((s = sample_at(i)) == NULL || s->kind == SAMPLE_NOTIFY);
	talk.proto = s->proto;
	if (s->kind == SAMPLE_REPLY &&
	    (s = sample_request(s->opcode, talk.proto)) == NULL)
		return;
	sample_build(&talk.buf, s);
	disturb(WIRE_REQ_HEADER);
	if (wire_check_request(talk.proto,
		(struct span){ talk.buf.p, talk.buf.len }, &op,
		&where) != E_OK)
		return;
	memcpy(before, talk.buf.p, talk.buf.len);
	len = talk.buf.len;
	changed = talk_request();
	ck_assert_uint_eq(talk.len, len);
	ck_assert_int_eq(changed, memcmp(before, talk.msg, len) != 0);
	ck_assert_int_eq(
	    wire_check_request(talk.proto, talk_message(), &op, &where), E_OK);
	wire_expect_set(&e, talk.proto, talk_message());

	for (i = (size_t)(next_random() % 256); (s = sample_at(i)) != NULL;
	     i++)
		if (s->kind == SAMPLE_REPLY && s->opcode == op_code(op) &&
		    s->proto == talk.proto)
			break;
	if (s == NULL)
		return;
	sample_build(&talk.buf, s);
	disturb(WIRE_REP_HEADER);
	if (wire_check_reply(talk.proto, &e,
		(struct span){ talk.buf.p, talk.buf.len }, &why) != REPLY_GOOD)
		return;
	memcpy(before, talk.buf.p, talk.buf.len);
	len = talk.buf.len;
	changed = talk_reply();
	ck_assert_uint_le(talk.len, len);
	ck_assert_int_eq(changed,
	    talk.len != len || memcmp(before, talk.msg, len) != 0);
	ck_assert_int_eq(
	    wire_check_reply(talk.proto, &e, talk_message(), &why),
	    REPLY_GOOD);
}

START_TEST(any_messages)
{
	int i;

	rng = (uint64_t)_i * 2 + 1;
	for (i = 0; i < 20000; i++)
		one_random_message();
	ck_assert_uint_gt(talk.q.count[QUIRK_NONZERO_FH], 0);
	ck_assert_uint_gt(talk.q.count[QUIRK_LOOKUP_INO0], 0);
	quirks_init(&talk.q, 0);
	for (i = 0; i < 1000; i++)
		one_random_message();
	for (i = 0; i < QUIRK_COUNT; i++)
		ck_assert_uint_eq(talk.q.count[i], 0);
	quirks_init(&talk.q, 1u << QUIRK_LOOKUP_INO0);
	for (i = 0; i < 10000; i++)
		one_random_message();
	for (i = 0; i < QUIRK_COUNT; i++)
		ck_assert(i == QUIRK_LOOKUP_INO0 || talk.q.count[i] == 0);
}
END_TEST

START_TEST(handles_come_back)
{
	static const uint64_t v[] = { 0, UINT64_MAX, 1, UINT64_MAX - 1 };
	uint64_t fh, given;
	int i;

	rng = (uint64_t)_i * 2 + 1;
	for (i = 0; i < 5000; i++) {
		fh = next_random() % 2 ? v[next_random() % 4] : next_random();
		given = talk_open_gives(openers[next_random() % 4], fh);
		ck_assert_uint_eq(read_asks(given), fh);
		ck_assert(fh == UINT64_MAX || given != 0);
	}
}
END_TEST

START_TEST(table)
{
	enum quirk_id id, found;

	for (id = 0; id < QUIRK_COUNT; id++) {
		ck_assert_int_eq(quirk_find(quirk_name(id), &found), E_OK);
		ck_assert_int_eq(found, id);
		ck_assert_uint_gt(strlen(quirk_reason(id)), 10);
	}
	ck_assert_int_eq(quirk_find("nonzero", &found), E_NOTFOUND);
	ck_assert_uint_eq(quirk_defaults() >> QUIRK_COUNT, 0);
	/* An opcode without a row. */
	wire_begin_request(&talk.buf, 3999, 4, 1);
	wire_put_u64(&talk.buf, UINT64_MAX);
	ck_assert_int_eq(talk_request(), 0);
	wire_begin_reply(&talk.buf, 4, 0);
	wire_put_u64(&talk.buf, 0);
	ck_assert_int_eq(talk_reply(), 0);
	ck_assert_uint_eq(talk.len, 24);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("quirk");
	TCase *tc = tcase_create("each");

	tcase_add_checked_fixture(tc, talk_open, talk_close);
	tcase_add_test(tc, table);
	tcase_add_test(tc, lookup_ino0);
	tcase_add_loop_test(tc, nonzero_fh_given, 0, PROTOS);
	tcase_add_test(tc, nonzero_fh_everywhere);
	suite_add_tcase(s, tc);
	tc = tcase_create("all");
	tcase_add_checked_fixture(tc, talk_open, talk_close);
	tcase_add_loop_test(tc, any_messages, 0, 8);
	tcase_add_loop_test(tc, handles_come_back, 0, 4);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
