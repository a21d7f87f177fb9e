/* SPDX-License-Identifier: ISC */
/* The last messages. */
#include <check.h>
#include <string.h>

#include "tests/suite.h"
#include "tests/trace_feed.h"
#include "trace/ring.h"
#include "trace/summary.h"
#include "wire/build.h"
#include "wire/ops.h"

struct ring_feeder {
	struct trace_sink sink;
	struct ring *to;
};

static void
feed_ring(struct trace_sink *s, const struct trace_record *r)
{
	ring_put(((struct ring_feeder *)(void *)s)->to, r); /* first member */
}

static void
hand(void *arg, const struct trace_record *r)
{
	struct trace_sink *to = arg;

	to->record(to, r);
}

START_TEST(the_ring_keeps_the_last)
{
	struct filter f;
	struct summary s;
	struct model m;
	struct ring g;
	struct ring_feeder feeder = { .sink.record = feed_ring, .to = &g };
	uint64_t i;

	ck_assert_int_eq(ring_init(&g), E_OK);
	for (i = 0; i < 10; i++)
		feed_samples(&feeder.sink);
	ck_assert_uint_gt(g.count, RING_SLOTS);
	filter_init(&f);
	summary_init(&s, &f, SUMMARY_BY_OP);
	model_init(&m, 100);
	model_add(&m, &s.view);
	ck_assert_int_eq(ring_replay(&g, 0, hand, &m.sink), E_OK);
	ck_assert_uint_gt(HASH_COUNT(s.rows), 20);
	model_end(&m);
	model_fini(&m);
	summary_fini(&s);
	ring_fini(&g);
}
END_TEST

/* What came out of the ring last. */
struct ring_reader {
	struct trace_sink sink;
	unsigned count;
	struct trace_record r;
	uint8_t m[512];
};

static void
read_ring(struct trace_sink *s, const struct trace_record *r)
{
	struct ring_reader *to = (struct ring_reader *)(void *)s;

	to->count++;
	to->r = *r;
	ck_assert_uint_le(r->m.len, sizeof(to->m));
	memcpy(to->m, r->m.p, r->m.len);
}

/* Through a ring and out again. */
static struct ring_reader
through_ring(enum trace_kind kind, struct span m)
{
	struct ring_reader to = { .sink.record = read_ring, .count = 0 };
	struct trace_record r = { .kind = (uint8_t)kind,
		.session = 3,
		.mono_ns = trace_clock(),
		.kept = (uint32_t)m.len,
		.m = m,
		.proto = &wire_proto_unknown };
	struct ring g;

	ck_assert_int_eq(ring_init(&g), E_OK);
	ring_put(&g, &r);
	ck_assert_int_eq(ring_replay(&g, 0, hand, &to.sink), E_OK);
	ring_fini(&g);
	ck_assert_uint_eq(to.count, 1);
	ck_assert_uint_eq(to.r.session, 3);
	ck_assert_uint_eq(to.r.m.len, m.len);
	ck_assert_uint_le(to.r.kept, RING_KEEP);
	return to;
}

/* A name that was cut does not look like another name. */
START_TEST(f72_the_ring_marks_cut_names)
{
	static const size_t len[] = { 1, 60, RING_KEEP - 41, RING_KEEP - 40,
		RING_KEEP - 39, 255 };
	size_t n = len[_i], whole = RING_KEEP - WIRE_REQ_HEADER;
	struct ring_reader to;
	struct wire_buf b;
	uint8_t name[256];
	struct span m;

	memset(name, 'n', n);
	name[n] = '\0';
	wire_buf_init(&b);
	wire_begin_request(&b, FUSE_OP_LOOKUP, 2, 1);
	wire_put_bytes(&b, name, n + 1);
	ck_assert_int_eq(wire_end(&b, &m), E_OK);
	to = through_ring(TRACE_REQUEST, m);
	if (n > whole || (n == whole && to.r.kept < m.len))
		memcpy(name + whole - 3, "...", 4);
	ck_assert_str_eq((char *)to.m + WIRE_REQ_HEADER, (char *)name);
	wire_buf_fini(&b);
}
END_TEST

START_TEST(f49_the_ring_keeps_no_data)
{
	uint32_t body[12] = { 7, 0, 0, 0, 2, 0 };
	struct ring_reader to;
	struct wire_buf b;
	struct span m;

	body[10] = 0x61616161;
	wire_buf_init(&b);
	wire_begin_request(&b, FUSE_OP_WRITE, 2, 1);
	wire_put_bytes(&b, body, 42);
	ck_assert_int_eq(wire_end(&b, &m), E_OK);
	to = through_ring(TRACE_REQUEST, m);
	ck_assert_uint_eq(to.r.kept, WIRE_WRITE_HEAD);
	ck_assert_uint_eq(to.m[WIRE_WRITE_HEAD], 0);
	wire_buf_fini(&b);
}
END_TEST

static void
count_ends(void *arg)
{
	++*(int *)arg;
}

START_TEST(the_ring_hears_of_bad_ends)
{
	struct trace_record r = { .kind = TRACE_END,
		.kept = 3,
		.m = { (const uint8_t *)"end", 3 } };
	struct trace t;
	struct ring g;
	int ends = 0;

	ck_assert_int_eq(ring_init(&g), E_OK);
	g.ended_badly = count_ends;
	g.arg = &ends;
	trace_init(&t);
	t.ring = &g;
	trace_put(&t, &r);
	ck_assert_int_eq(ends, 0);
	r.flags = TRACE_BAD;
	trace_put(&t, &r);
	ck_assert_int_eq(ends, 1);
	r.kind = TRACE_CHUNK;
	trace_put(&t, &r);
	ck_assert_uint_eq(g.count, 2);
	ring_fini(&g);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("trace_ring");
	TCase *tc = tcase_create("ring");

	tcase_add_test(tc, the_ring_keeps_the_last);
	tcase_add_loop_test(tc, f72_the_ring_marks_cut_names, 0, 6);
	tcase_add_test(tc, f49_the_ring_keeps_no_data);
	tcase_add_test(tc, the_ring_hears_of_bad_ends);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
