/* SPDX-License-Identifier: ISC */
/* The emulator's outgoing stream: cuts, joins, order, repeatability. */
#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "channel/sender.h"
#include "tests/suite.h"
#include "wire/get.h"
#include "wire/ops.h"

#define STREAM_MAX (8u * 1024 * 1024)

static struct event_base *base;
static int end[2]; /* the sender's and the reader's */
static uint8_t *got, *sent;
static size_t got_len, sent_len;
static struct sender sender;
static int gone;

static void
room_cb(void *arg)
{
	(void)arg;
}

static void
gone_cb(void *arg)
{
	(void)arg;
	gone = 1;
}

static const struct sender_calls calls = { room_cb, gone_cb };

static void
start(const struct shape *s, unsigned delay)
{
	ck_assert_int_eq(
	    sender_init(&sender, base, end[0], s, delay, &calls, NULL), E_OK);
}

static void
setup(void)
{
	struct event_config *config = event_config_new();

	event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
	base = event_base_new_with_config(config);
	event_config_free(config);
	ck_assert_ptr_nonnull(base);
	ck_assert_int_eq(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, end), 0);
	got = malloc(STREAM_MAX);
	sent = malloc(STREAM_MAX);
	ck_assert(got != NULL && sent != NULL);
	got_len = sent_len = 0;
	gone = 0;
}

static void
teardown(void)
{
	sender_fini(&sender);
	close(end[0]);
	close(end[1]);
	event_base_free(base);
	free(got);
	free(sent);
}

/* Put a message of this opcode whose bytes are all different from others. */
static void
put(uint32_t opcode, size_t len)
{
	static uint8_t mark;
	struct span m = { sent + sent_len, len };
	size_t i;

	ck_assert(len >= WIRE_REQ_HEADER && len <= STREAM_MAX - sent_len);
	for (i = 0; i < len; i++)
		sent[sent_len + i] = (uint8_t)(mark + i * 7 + (i >> 8));
	mark = (uint8_t)(mark + 13);
	put_u32(sent + sent_len, len, 0, (uint32_t)len);
	put_u32(sent + sent_len, len, 4, opcode);
	sent_len += len;
	ck_assert_int_eq(sender_put(&sender, m), E_OK);
}

/* One read of the stream; how much came. */
static size_t
take(void)
{
	ssize_t n = recv(end[1], got + got_len, STREAM_MAX - got_len, 0);

	if (n > 0)
		got_len += (size_t)n;
	return n > 0 ? (size_t)n : 0;
}

/* Run the sender, reading at once what it wrote; lengths of the reads. */
static size_t
carry(size_t *reads, size_t max)
{
	size_t n, count = 0;
	time_t limit = time(NULL) + 20;

	while (time(NULL) < limit) {
		event_base_loop(base, EVLOOP_NONBLOCK);
		if ((n = take()) > 0 && count < max)
			reads[count++] = n;
		if (sender_is_idle(&sender) && n == 0)
			break;
	}
	ck_assert(sender_is_idle(&sender));
	ck_assert_uint_eq(got_len, sent_len);
	ck_assert_int_eq(memcmp(got, sent, sent_len), 0);
	return count;
}

static struct shape
range(size_t min, size_t max, unsigned coalesce, uint64_t seed)
{
	struct shape s;

	shape_default(&s);
	s.kind = SHAPE_RANGE;
	s.min = min;
	s.max = max;
	s.coalesce = coalesce;
	s.seed = seed;
	return s;
}

/* All pieces of a message are within the range, but for its last one. */
START_TEST(pieces_in_range)
{
	struct shape s = range(3, 11, 1, 99);
	size_t len[2] = { 1000, 40 }, done, n;
	struct shape_msg m;
	int seen[12] = { 0 }, wait, i;
	uint64_t k;

	for (k = 0; k < 100; k++) {
		shape_begin(&s, &m, k, FUSE_OP_WRITE, len[k % 2]);
		for (done = 0; done < len[k % 2]; done += n) {
			n = shape_piece(&s, &m, done, &wait);
			ck_assert(n >= 3 && n <= 11);
			seen[n] = 1;
		}
	}
	for (i = 3; i <= 11; i++)
		ck_assert_msg(seen[i], "no piece of %d bytes", i);
}
END_TEST

/* The same seed cuts alike, another one does not. */
START_TEST(seed_repeats)
{
	struct shape a = range(1, 64, 1, 7), b = range(1, 64, 1, 8);
	struct shape_msg x, y, z;
	size_t nx, ny, done = 0;
	int wait, differs = 0;

	shape_begin(&a, &x, 5, FUSE_OP_WRITE, 4096);
	shape_begin(&a, &y, 5, FUSE_OP_WRITE, 4096);
	shape_begin(&b, &z, 5, FUSE_OP_WRITE, 4096);
	while (done < 4096) {
		nx = shape_piece(&a, &x, done, &wait);
		ny = shape_piece(&a, &y, done, &wait);
		ck_assert_uint_eq(nx, ny);
		if (nx != shape_piece(&b, &z, done, &wait))
			differs = 1;
		done += nx;
	}
	ck_assert_int_eq(differs, 1);
}
END_TEST

/* By default: 80 bytes of a WRITE, then its data in two or three parts. */
START_TEST(default_as_fuset)
{
	struct shape s;
	size_t reads[8], n;
	uint64_t seed;

	for (seed = 0; seed < 20; seed++) {
		shape_default(&s);
		s.seed = seed;
		start(&s, 0);
		put(FUSE_OP_WRITE, 80 + 1024 * 1024);
		carry(reads, 8);
		/* What is read in time is a read of its own. */
		ck_assert_uint_eq(reads[0], 80);
		ck_assert_uint_ge(sender.stats.pieces, 3);
		ck_assert_uint_le(sender.stats.pieces, 4);
		sender_fini(&sender);
		got_len = sent_len = 0;
	}
	start(&s, 0);
	put(FUSE_OP_WRITE, 80 + 4096);
	n = carry(reads, 8);
	ck_assert_uint_eq(n, 2);
	ck_assert_uint_eq(reads[0], 80);
}
END_TEST

/* Small requests that wait together leave together, as many as allowed. */
START_TEST(small_ones_join)
{
	struct shape s;
	size_t reads[32], n;
	int i;

	shape_default(&s);
	s.coalesce = 4;
	start(&s, 0);
	for (i = 0; i < 10; i++)
		put(FUSE_OP_LOOKUP, 50);
	n = carry(reads, 32);
	ck_assert_uint_eq(sender.stats.pieces, 3);
	ck_assert_uint_eq(sender.stats.joined, 10);
	ck_assert_uint_eq(sender.stats.messages, 10);
	ck_assert_uint_ge(n, 1);
	/* Alone, nothing is joined. */
	put(FUSE_OP_LOOKUP, 50);
	carry(reads, 32);
	ck_assert_uint_eq(sender.stats.joined, 10);
	ck_assert_uint_eq(sender.stats.largest, 50);
}
END_TEST

/* With a range, a piece may hold the end of one message, the whole next
 * one, and the start of a third. */
START_TEST(pieces_cross_messages)
{
	struct shape s = range(100, 100, 8, 1);
	size_t reads[64];
	int i;

	start(&s, 0);
	for (i = 0; i < 20; i++)
		put(FUSE_OP_LOOKUP, 60);
	carry(reads, 64);
	ck_assert_uint_eq(sender.stats.pieces, 12);
	ck_assert_uint_ge(sender.stats.joined, 20);
}
END_TEST

/* Without joining, every message starts a piece of its own. */
START_TEST(coalesce_one)
{
	struct shape s = range(100, 100, 1, 1);
	size_t reads[64];
	int i;

	start(&s, 0);
	for (i = 0; i < 20; i++)
		put(FUSE_OP_LOOKUP, 60);
	carry(reads, 64);
	ck_assert_uint_eq(sender.stats.pieces, 20);
	ck_assert_uint_eq(sender.stats.joined, 0);
}
END_TEST

/* Any mixture arrives whole and in order, in every shape. */
START_TEST(all_in_order)
{
	static const struct {
		size_t min, max;
		unsigned coalesce;
	} shapes[] = { { 1, 1, 1 }, { 1, 7, 64 }, { 40, 40, 1 }, { 79, 81, 8 },
		{ 4096, 65536, 64 }, { 100000, 400000, 3 } };
	struct shape s = range(shapes[_i].min, shapes[_i].max,
	    shapes[_i].coalesce, (uint64_t)_i);
	int i;

	start(&s, 0);
	for (i = 0; i < 30; i++) {
		put(FUSE_OP_GETATTR, 56);
		put(FUSE_OP_WRITE, 80 + (size_t)i * 331);
		if (i % 10 == 9)
			put(FUSE_OP_WRITE, 80 + 200000);
	}
	carry(NULL, 0);
}
END_TEST

/* A piece waits for its reader, but not for ever. */
START_TEST(reader_is_awaited)
{
	struct shape s;
	int turns;

	shape_default(&s);
	start(&s, 0);
	put(FUSE_OP_WRITE, 80 + 4096);
	event_base_loop(base, EVLOOP_NONBLOCK);
	event_base_loop(base, EVLOOP_NONBLOCK);
	ck_assert_uint_eq(sender.waiting, 4096);
	/* Nobody reads: the rest leaves all the same. */
	for (turns = 0; turns < 10000 && !sender_is_idle(&sender); turns++)
		event_base_loop(base, EVLOOP_ONCE);
	ck_assert(sender_is_idle(&sender));
	ck_assert_uint_eq(take(), 80 + 4096);
}
END_TEST

/* A full socket is waited for, and nothing is lost or doubled. */
START_TEST(full_socket)
{
	struct shape s = range(100000, 400000, 1, 3);
	int i, small = 4096;

	setsockopt(end[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	start(&s, 0);
	for (i = 0; i < 5; i++)
		put(FUSE_OP_WRITE, 80 + 1024 * 1024);
	ck_assert(sender_is_full(&sender));
	carry(NULL, 0);
	ck_assert_uint_gt(sender.stats.shorts, 0);
	ck_assert(!sender_is_full(&sender));
}
END_TEST

START_TEST(peer_closes)
{
	struct shape s;
	int other[2];

	shape_default(&s);
	start(&s, 0);
	put(FUSE_OP_LOOKUP, 50);
	close(end[1]);
	event_base_loop(base, EVLOOP_NONBLOCK);
	event_base_loop(base, EVLOOP_NONBLOCK);
	ck_assert_int_eq(gone, 1);
	ck_assert(sender_is_idle(&sender));
	/* Something for teardown to close. */
	ck_assert_int_eq(pipe(other), 0);
	end[1] = other[0];
	close(other[1]);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("shape");
	TCase *pure = tcase_create("cuts"), *t = tcase_create("sender");

	tcase_add_test(pure, pieces_in_range);
	tcase_add_test(pure, seed_repeats);
	suite_add_tcase(suite, pure);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, default_as_fuset);
	tcase_add_test(t, small_ones_join);
	tcase_add_test(t, pieces_cross_messages);
	tcase_add_test(t, coalesce_one);
	tcase_add_loop_test(t, all_in_order, 0, 6);
	tcase_add_test(t, reader_is_awaited);
	tcase_add_test(t, full_socket);
	tcase_add_test(t, peer_closes);
	suite_add_tcase(suite, t);
	return suite_run(suite);
}
