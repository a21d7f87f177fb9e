/* SPDX-License-Identifier: ISC */
/* Cutting a stream into messages, however it comes. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/msgbuf.h"
#include "frame/frame.h"
#include "tests/frame_own.h"
#include "tests/suite.h"

#define MIN 40
#define MAX (1024u * 1024)

static struct frame f;
static uint64_t seed;

static uint32_t
rnd(uint32_t below)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)(seed >> 33) % below;
}

static void
setup(void)
{
	ck_assert_int_eq(frame_init(&f, MIN, MAX), E_OK);
}

static void
teardown(void)
{
	frame_fini(&f);
}

/* A message of len bytes, each telling its place. */
static void
make(uint8_t *p, uint32_t len)
{
	uint32_t i;

	for (i = 4; i < len; i++)
		p[i] = (uint8_t)(i * 7 + len);
	memcpy(p, &len, sizeof(len));
}

static void
check_message(const struct frame_msg *m, uint32_t len, uint64_t offset)
{
	uint32_t i;

	ck_assert_uint_eq(m->len, len);
	ck_assert_uint_eq(m->offset, offset);
	ck_assert_mem_eq(m->p, &len, sizeof(len));
	for (i = 4; i < len; i++)
		if (m->p[i] != (uint8_t)(i * 7 + len))
			ck_abort_msg("byte %u of %u is wrong", i, len);
}

static uint64_t moved;

/* As much of p as one read takes.  Counts the bytes that were moved to make
 * room for it. */
static size_t
give(const uint8_t *p, size_t len)
{
	const struct span was = frame_waiting(&f);
	size_t room;
	uint8_t *to = frame_room(&f, &room);

	/* An assertion of check's costs a system call: one for them all. */
	if (to == NULL || room == 0 || !frame_own_is_room(&f, to, room))
		ck_abort_msg("bad room: %zu bytes at %p", room, (void *)to);
	if (frame_waiting(&f).p != was.p)
		moved += was.len;
	if (len > room)
		len = room;
	memcpy(to, p, len);
	frame_commit(&f, len);
	return len;
}

static void
give_all(const uint8_t *p, size_t len)
{
	if (give(p, len) != len)
		ck_abort_msg("room for less than %zu bytes", len);
}

START_TEST(f6_split_at_every_byte)
{
	uint8_t p[100 + 60];
	struct frame_msg m;
	size_t cut = (size_t)_i;

	make(p, 100);
	make(p + 100, 60);
	give_all(p, cut);
	if (cut >= 100) {
		ck_assert_int_eq(frame_next(&f, &m), 1);
		check_message(&m, 100, 0);
		ck_assert_uint_eq(m.pieces, 1);
	}
	if (cut < sizeof(p)) {
		ck_assert_int_eq(frame_next(&f, &m), 0);
		give_all(p + cut, sizeof(p) - cut);
	}
	if (cut < 100) {
		ck_assert_int_eq(frame_next(&f, &m), 1);
		check_message(&m, 100, 0);
		ck_assert_uint_eq(m.pieces, 2);
		ck_assert_uint_eq(m.first, cut);
	}
	ck_assert_int_eq(frame_next(&f, &m), 1);
	check_message(&m, 60, 100);
	ck_assert_uint_eq(m.pieces, cut > 100 && cut < 160 ? 2 : 1);
	ck_assert_uint_eq(m.first, cut > 100 && cut < 160 ? cut - 100 : 60);
	ck_assert_int_eq(frame_next(&f, &m), 0);
	ck_assert_uint_eq(f.offset, 160);
}
END_TEST

/* The stream ends after so many bytes. */
START_TEST(f5_cut_at_every_length)
{
	size_t cut = (size_t)_i, want;
	struct frame_msg m;
	uint8_t p[120];

	make(p, sizeof(p));
	give_all(p, cut);
	ck_assert_int_eq(frame_next(&f, &m), 0);
	ck_assert_uint_eq(frame_partial(&f, &want), cut);
	ck_assert_uint_eq(want, cut < 4 ? 0 : sizeof(p));
}
END_TEST

START_TEST(f7_glued_by_hundreds)
{
	uint8_t *p = malloc(1000 * 200), *end = p;
	struct frame_msg m;
	uint64_t offset = 0;
	uint32_t i;

	for (i = 0; i < 1000; i++) {
		make(end, MIN + i % 160);
		end += MIN + i % 160;
	}
	give_all(p, (size_t)(end - p));
	for (i = 0; i < 1000; i++) {
		ck_assert_int_eq(frame_next(&f, &m), 1);
		check_message(&m, MIN + i % 160, offset);
		ck_assert_uint_eq(m.index, i);
		ck_assert_uint_eq(m.pieces, 1);
		offset += m.len;
	}
	ck_assert_int_eq(frame_next(&f, &m), 0);
	ck_assert_uint_eq(f.stats.joined, 1000);
	ck_assert_uint_eq(f.stats.split, 0);
	ck_assert_uint_eq(f.stats.reads, 1);
	ck_assert_uint_eq(f.stats.messages, 1000);
	free(p);
}
END_TEST

static uint32_t
random_length(void)
{
	switch (rnd(10)) {
	case 0:
		return MAX - rnd(3);
	case 1:
		return MIN + rnd(MAX - MIN);
	case 2:
		return MIN + rnd(70000);
	default:
		return MIN + rnd(200);
	}
}

/* Messages and cuts by chance; what comes out is what went in. */
START_TEST(random_cuts)
{
	enum {
		MESSAGES = 60
	};
	uint32_t len[MESSAGES], done = 0;
	size_t total = 0, at = 0, n, want, left;
	uint8_t *stream;
	uint64_t offset = 0;
	struct frame_msg m;
	unsigned i;
	int r;

	seed = (uint64_t)_i;
	for (i = 0; i < MESSAGES; i++)
		total += len[i] = random_length();
	stream = malloc(total);
	for (i = 0; i < MESSAGES; i++) {
		make(stream + at, len[i]);
		at += len[i];
	}
	moved = 0;
	for (at = 0; at < total;) {
		n = 1 + rnd(rnd(4) == 0 ? 500000 : 3000);
		if (n > total - at)
			n = total - at;
		at += give(stream + at, n);
		while ((r = frame_next(&f, &m)) == 1) {
			check_message(&m, len[done++], offset);
			offset += m.len;
		}
		ck_assert_int_eq(r, 0);
		left = frame_partial(&f, &want);
		ck_assert_uint_eq(left, at - offset);
		if (left >= 4)
			ck_assert_uint_eq(want, len[done]);
	}
	ck_assert_uint_eq(done, MESSAGES);
	ck_assert_uint_eq(f.stats.bytes, total);
	ck_assert_uint_eq(f.stats.messages, MESSAGES);
	ck_assert_uint_le(moved, total);
	free(stream);
}
END_TEST

/* Byte by byte: what is moved grows with the stream, not with its square. */
START_TEST(f6_trickle_costs_no_more)
{
	static const uint32_t size[] = { MIN, 4096, 300000, MAX };
	uint32_t len = size[_i], i, n, messages = 2 * MAX / len;
	uint8_t *p = malloc(len);
	struct frame_msg m;

	make(p, len);
	moved = 0;
	for (n = 0; n < messages; n++) {
		for (i = 0; i < len; i++) {
			if (frame_next(&f, &m) != 0)
				ck_abort_msg("a message at byte %u", i);
			give_all(p + i, 1);
		}
		ck_assert_int_eq(frame_next(&f, &m), 1);
		check_message(&m, len, (uint64_t)n * len);
		ck_assert_uint_eq(m.pieces, len);
	}
	ck_assert_uint_le(moved, f.stats.bytes);
	ck_assert_uint_le(frame_own_cap(&f), 4 * MAX);
	free(p);
}
END_TEST

static const struct {
	uint32_t len;
	int good;
} limit[] = { { 0, 0 }, { 1, 0 }, { 3, 0 }, { 4, 0 }, { MIN - 1, 0 },
	{ MIN, 1 }, { MIN + 1, 1 }, { MAX - 1, 1 }, { MAX, 1 }, { MAX + 1, 0 },
	{ 0x7fffffff, 0 }, { 0x80000000u, 0 }, { 0x80000001u, 0 },
	{ UINT32_MAX, 0 } };

START_TEST(f1_f2_length_limits)
{
	uint8_t good[60], head[4];
	size_t cap = frame_own_cap(&f), want;
	struct frame_msg m;
	int i;

	make(good, sizeof(good));
	give_all(good, sizeof(good));
	memcpy(head, &limit[_i].len, sizeof(head));
	give_all(head, sizeof(head));
	ck_assert_int_eq(frame_next(&f, &m), 1);
	for (i = 0; i < 3; i++) {
		ck_assert_int_eq(frame_next(&f, &m),
		    limit[_i].good ? 0 : E_DESYNC);
		ck_assert_uint_eq(f.offset, sizeof(good));
	}
	ck_assert_uint_eq(frame_partial(&f, &want), 4);
	ck_assert_uint_eq(want, limit[_i].len);
	ck_assert_uint_eq(frame_own_cap(&f),
	    cap); /* nothing was allocated for it */
}
END_TEST

START_TEST(f1_length_word_is_never_shorter_than_itself)
{
	uint32_t three = 3;
	struct frame_msg m;
	struct frame g;
	size_t room;

	ck_assert_int_eq(frame_init(&g, 0, 100), E_OK);
	memcpy(frame_room(&g, &room), &three, sizeof(three));
	frame_commit(&g, sizeof(three));
	ck_assert_int_eq(frame_next(&g, &m), E_DESYNC);
	frame_fini(&g);
}
END_TEST

/* A message that lacks much is read to its end and no further, so that it
 * need not be moved; one that lacks little is read with what follows. */
START_TEST(remainder_is_asked_for_exactly)
{
	static const struct {
		uint32_t len, here;
		int exact;
	} row[] = {
		{ MAX, 4, 1 },
		{ MAX, 100, 1 },
		{ 500000, 300000, 1 },
		{ 40000, 4, 1 },
		{ 40000, 40000 - FRAME_IN_PLACE - 1, 1 },
		{ 40000, 40000 - FRAME_IN_PLACE, 0 },
		{ 40000, 39999, 0 },
		{ MAX, MAX - 1, 0 },
		{ MAX, 3, 0 },
	};
	uint32_t len = row[_i].len, here = row[_i].here, done = 0;
	uint8_t *p = malloc(len);
	struct frame_msg m;
	size_t room;

	make(p, len);
	while (done < here) {
		done += (uint32_t)give(p + done, here - done);
		ck_assert_int_eq(frame_next(&f, &m), 0);
	}
	ck_assert_ptr_nonnull(frame_room(&f, &room));
	if (row[_i].exact)
		ck_assert_uint_eq(room, len - here);
	else
		ck_assert_uint_gt(room, len - here > MAX / 2 ? 0 : len - here);
	free(p);
}
END_TEST

START_TEST(bulk_is_not_moved)
{
	uint8_t *p = malloc(MAX);
	struct frame_msg m;
	size_t at;
	int i;

	make(p, MAX);
	moved = 0;
	ck_assert_uint_eq((uintptr_t)frame_own_buf(&f) % MSGBUF_PAGE,
	    MSGBUF_SHIFT);
	for (i = 0; i < 20; i++) {
		for (at = 0; at < MAX; at += give(p + at, MAX - at))
			ck_assert_int_eq(frame_next(&f, &m), 0);
		ck_assert_int_eq(frame_next(&f, &m), 1);
		check_message(&m, MAX, (uint64_t)i * MAX);
	}
	/* Once while the buffer grows; then each begins at its front. */
	ck_assert_uint_le(moved, MAX);
	/* Copied fast then, too: base/msgbuf.h. */
	ck_assert_uint_eq((uintptr_t)frame_own_buf(&f) % MSGBUF_PAGE,
	    MSGBUF_SHIFT);
	ck_assert_uint_eq(f.stats.largest, MAX);
	free(p);
}
END_TEST

/*
 * Which share a read, which come in pieces.  Each read is a list of bytes
 * per message: 50 is a whole one.
 */
START_TEST(statistics)
{
	static const struct {
		size_t read[4];
		unsigned pieces[3], index[3];
		uint64_t split, joined;
	} row[] = {
		{ { 150 }, { 1, 1, 1 }, { 0, 1, 2 }, 0, 3 },
		{ { 50, 50, 50 }, { 1, 1, 1 }, { 0, 0, 0 }, 0, 0 },
		{ { 100, 50 }, { 1, 1, 1 }, { 0, 1, 0 }, 0, 2 },
		{ { 20, 20, 10, 100 }, { 3, 1, 1 }, { 0, 0, 1 }, 1, 2 },
		{ { 70, 30, 50 }, { 1, 2, 1 }, { 0, 1, 0 }, 1, 2 },
		{ { 20, 130 }, { 2, 1, 1 }, { 0, 1, 2 }, 1, 3 },
		{ { 20, 40, 90 }, { 2, 2, 1 }, { 0, 1, 1 }, 2, 3 },
		{ { 50, 52, 48 }, { 1, 1, 2 }, { 0, 0, 1 }, 1, 2 },
		{ { 1, 1, 147, 1 }, { 3, 1, 2 }, { 0, 1, 2 }, 2, 3 },
	};
	uint8_t p[150], *at = p;
	struct frame_msg m;
	unsigned i, n = 0;

	for (i = 0; i < 3; i++)
		make(p + i * 50, 50);
	for (i = 0; i < 4 && row[_i].read[i] > 0; i++) {
		give_all(at, row[_i].read[i]);
		at += row[_i].read[i];
		while (frame_next(&f, &m) == 1) {
			ck_assert_uint_eq(m.pieces, row[_i].pieces[n]);
			ck_assert_uint_eq(m.index, row[_i].index[n]);
			n++;
		}
	}
	ck_assert_uint_eq(n, 3);
	ck_assert_uint_eq(f.stats.reads, i);
	ck_assert_uint_eq(f.stats.bytes, 150);
	ck_assert_uint_eq(f.stats.split, row[_i].split);
	ck_assert_uint_eq(f.stats.joined, row[_i].joined);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("frame");
	TCase *tc = tcase_create("frame");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, f6_split_at_every_byte, 1, 161);
	tcase_add_loop_test(tc, f5_cut_at_every_length, 1, 120);
	tcase_add_test(tc, f7_glued_by_hundreds);
	tcase_add_loop_test(tc, random_cuts, 0, 30);
	tcase_add_loop_test(tc, f6_trickle_costs_no_more, 0, 4);
	tcase_add_loop_test(tc, f1_f2_length_limits, 0,
	    (int)(sizeof(limit) / sizeof(limit[0])));
	tcase_add_test(tc, f1_length_word_is_never_shorter_than_itself);
	tcase_add_loop_test(tc, remainder_is_asked_for_exactly, 0, 9);
	tcase_add_test(tc, bulk_is_not_moved);
	tcase_add_loop_test(tc, statistics, 0, 9);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
