/* SPDX-License-Identifier: ISC */
/* The queue of messages that wait to be sent. */
#include <check.h>
#include <string.h>

#include "relay/outq.h"
#include "tests/suite.h"

static struct outq q;

static void
setup(void)
{
	outq_init(&q);
}

static void
teardown(void)
{
	outq_fini(&q);
	ck_assert_uint_eq(q.bytes, 0);
	ck_assert_uint_eq(q.count, 0);
}

static void
add(const char *text, size_t done)
{
	struct span m = { (const uint8_t *)text, strlen(text) };

	ck_assert_int_eq(outq_add(&q, m, done), E_OK);
}

static void
add_first(const char *text)
{
	struct span m = { (const uint8_t *)text, strlen(text) };

	ck_assert_int_eq(outq_add_first(&q, m), E_OK);
}

/* All that waits, one message after the other, with '|' between. */
static void
expect(const char *text)
{
	struct iovec iov[64];
	size_t n = outq_peek(&q, iov, 64), i, bytes = 0;
	char all[1024], *to = all;

	ck_assert_uint_eq(n, q.count);
	for (i = 0; i < n; i++) {
		if (i > 0)
			*to++ = '|';
		memcpy(to, iov[i].iov_base, iov[i].iov_len);
		to += iov[i].iov_len;
		bytes += iov[i].iov_len;
	}
	*to = '\0';
	ck_assert_str_eq(all, text);
	ck_assert_uint_eq(q.bytes, bytes);
}

START_TEST(in_order)
{
	struct iovec iov[4];

	expect("");
	ck_assert_uint_eq(outq_peek(&q, iov, 4), 0);
	add("one", 0);
	add("two", 0);
	add("three", 0);
	expect("one|two|three");
	ck_assert_uint_eq(outq_peek(&q, iov, 2), 2);
	ck_assert_uint_eq(outq_peek(&q, iov, 0), 0);
	outq_drop_first(&q);
	expect("two|three");
	outq_drop_first(&q);
	outq_drop_first(&q);
	outq_drop_first(&q);
	expect("");
}
END_TEST

START_TEST(copies)
{
	char text[] = "before";

	add(text, 0);
	memset(text, 'x', sizeof(text) - 1);
	expect("before");
}
END_TEST

START_TEST(f9_sent_at_every_byte)
{
	static const char *const left[] = { "abc|de|f", "bc|de|f", "c|de|f",
		"de|f", "e|f", "f", "" };
	size_t n = (size_t)_i, i;

	add("abc", 0);
	add("de", 0);
	add("f", 0);
	outq_sent(&q, n);
	expect(left[n]);
	for (i = n; i < 6; i++)
		outq_sent(&q, 1);
	expect("");
	outq_sent(&q, 0);
}
END_TEST

START_TEST(f9_begun_elsewhere)
{
	add("abcdef", 4);
	add("g", 0);
	expect("ef|g");
	outq_sent(&q, 1);
	expect("f|g");
	outq_sent(&q, 2);
	expect("");
}
END_TEST

START_TEST(f9_first_is_not_put_into_a_begun_message)
{
	add_first("z");
	add("abc", 0);
	add_first("y");
	expect("y|z|abc");
	outq_sent(&q, 3);
	expect("bc");
	add_first("x");
	expect("bc|x");
	add_first("w");
	expect("bc|w|x");
}
END_TEST

static int
begins_with(struct span m, void *arg)
{
	return m.len > 0 && m.p[0] == *(const char *)arg;
}

START_TEST(removed)
{
	char a = 'a', b = 'b', c = 'c';

	ck_assert_uint_eq(outq_remove(&q, begins_with, &a), 0);
	add("a1", 0);
	add("b1", 0);
	add("a2", 0);
	ck_assert_uint_eq(outq_remove(&q, begins_with, &c), 0);
	ck_assert_uint_eq(outq_remove(&q, begins_with, &b), 1);
	expect("a1|a2");
	add("c1", 0);
	add("b2", 0);
	add("c2", 0);
	add("c3", 0);
	ck_assert_uint_eq(outq_remove(&q, begins_with, &c), 3);
	expect("a1|a2|b2");
	ck_assert_uint_eq(outq_remove(&q, begins_with, &b), 1);
	/* What is half sent can't be taken back. */
	outq_sent(&q, 1);
	ck_assert_uint_eq(outq_remove(&q, begins_with, &a), 1);
	expect("1");
	ck_assert_uint_eq(outq_remove(&q, begins_with, &a), 0);
	expect("1");
}
END_TEST

/* Against a flat copy of all bytes. */
START_TEST(random_traffic)
{
	uint64_t x = (uint64_t)_i + 1;
	static uint8_t in[200000], out[200000], m[300];
	size_t put = 0, got = 0, n, i;
	struct iovec iov[8];
	int step;

	for (step = 0; step < 1000; step++) {
		x = x * UINT64_C(6364136223846793005) + 1442695040888963407;
		n = 1 + (x >> 33) % (sizeof(m) - 1);
		if ((x >> 60) % 2 == 0 && put + n <= sizeof(in)) {
			for (i = 0; i < n; i++)
				m[i] = (uint8_t)(x >> (i % 50));
			memcpy(in + put, m, n);
			put += n;
			ck_assert_int_eq(
			    outq_add(&q, (struct span){ m, n }, 0), E_OK);
		} else if ((i = outq_peek(&q, iov, 8)) > 0) {
			n = (x >> 20) % (iov[0].iov_len + 1);
			memcpy(out + got, iov[0].iov_base, n);
			got += n;
			outq_sent(&q, n);
		}
		ck_assert_uint_eq(q.bytes, put - got);
	}
	while (outq_peek(&q, iov, 1) > 0) {
		memcpy(out + got, iov[0].iov_base, iov[0].iov_len);
		got += iov[0].iov_len;
		outq_drop_first(&q);
	}
	ck_assert_uint_eq(got, put);
	ck_assert_mem_eq(in, out, put);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("outq");
	TCase *tc = tcase_create("outq");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, in_order);
	tcase_add_test(tc, copies);
	tcase_add_loop_test(tc, f9_sent_at_every_byte, 0, 7);
	tcase_add_test(tc, f9_begun_elsewhere);
	tcase_add_test(tc, f9_first_is_not_put_into_a_begun_message);
	tcase_add_test(tc, removed);
	tcase_add_loop_test(tc, random_traffic, 0, 10);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
