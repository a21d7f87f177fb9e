/* SPDX-License-Identifier: ISC */
/*
 * F75: runs that differ in numbers alone.  Every message that there is a sample
 * of is normalized as it is, and with other numbers in all places: what comes
 * of both is the same.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/suite.h"
#include "tests/trace_feed.h"
#include "trace/normalize.h"
#include "trace/view.h"
#include "wire/get.h"
#include "wire/renumber.h"

/* A sink that changes the numbers, maybe, then normalizes, and prints. */
struct run {
	struct trace_sink sink;
	struct normalizer *n;
	struct model model;
	struct model_view *view;
	struct feed_text text;
	uint64_t add; /* to all numbers */
	unsigned changed;
};

static uint64_t
add_number(void *arg, enum wire_number what, uint64_t was)
{
	struct run *r = arg;

	if (was == 0 || (what == WIRE_NUMBER_NODE && was == WIRE_ROOT_ID))
		return was;
	r->changed++;
	return was + r->add * (1 + (uint64_t)what);
}

static void
run_record(struct trace_sink *s, const struct trace_record *was)
{
	struct run *run = (struct run *)(void *)s;
	struct trace_record r = *was;
	uint8_t copy[16384];

	ck_assert_uint_le(r.m.len, sizeof(copy));
	memcpy(copy, r.m.p, r.m.len);
	r.m.p = copy;
	if (run->add != 0 &&
	    (r.kind == TRACE_REQUEST || r.kind == TRACE_REPLY ||
		r.kind == TRACE_NOTIFY))
		wire_renumber(r.proto, r.expect, copy, r.m.len, r.kept,
		    r.kind == TRACE_REQUEST, add_number, run);
	if (run->add != 0 && r.kind == TRACE_CALLER)
		put_u32(copy, r.m.len, 0,
		    (uint32_t)add_number(run, WIRE_NUMBER_PROCESS,
			get_u32(r.m, 0)));
	r.mono_ns += run->add * 12345;
	r.real_ns += run->add * 54321;
	ck_assert_int_eq(normalize(run->n, &r), E_OK);
	ck_assert_uint_eq(r.m.len, was->m.len);
	run->model.sink.record(&run->model.sink, &r);
}

static void
run_samples(struct run *run, uint64_t add)
{
	struct view_conf conf = { .out = { feed_put, &run->text } };

	memset(run, 0, sizeof(*run));
	run->sink.record = run_record;
	run->add = add;
	filter_init(&conf.filter);
	ck_assert_ptr_nonnull(run->n = normalizer_new());
	ck_assert_ptr_nonnull(run->view = view_json_new(&conf));
	model_init(&run->model, 1000);
	model_add(&run->model, run->view);
	feed_samples(&run->sink);
	model_end(&run->model);
	model_fini(&run->model);
	free(run->view);
	normalizer_free(run->n);
}

START_TEST(f75_other_numbers_are_normalized_alike)
{
	struct run a, b;

	run_samples(&a, 0);
	run_samples(&b, 1000);
	ck_assert_uint_gt(b.changed, 500);
	ck_assert_uint_eq(a.text.len, b.text.len);
	ck_assert_str_eq(a.text.p, b.text.p);
	free(a.text.p);
	free(b.text.p);
}
END_TEST

/* ---- the form ---- */

static uint64_t
seen(struct normalizer *n, struct span m, size_t off, size_t size)
{
	struct trace_record r = { .kind = TRACE_REQUEST,
		.session = 1,
		.m = m,
		.kept = (uint32_t)m.len,
		.proto = &proto_linux };

	ck_assert_int_eq(normalize(n, &r), E_OK);
	return size == 4 ? get_u32(r.m, off) : get_u64(r.m, off);
}

START_TEST(numbers_are_in_the_order_of_their_coming)
{
	struct normalizer *n = normalizer_new();
	struct wire_buf b;

	wire_buf_init(&b);
	ck_assert_uint_eq(
	    seen(n, sample_build_request(&b, FUSE_OP_LOOKUP, 1, "'a"), 16, 8),
	    1);
	ck_assert_uint_eq(
	    seen(n, sample_build_request(&b, FUSE_OP_LOOKUP, 900, "'a"), 16,
		8),
	    2);
	ck_assert_uint_eq(
	    seen(n, sample_build_request(&b, FUSE_OP_LOOKUP, 77, "'a"), 16, 8),
	    3);
	ck_assert_uint_eq(
	    seen(n, sample_build_request(&b, FUSE_OP_LOOKUP, 900, "'a"), 16,
		8),
	    2);
	/* Numbers of another kind have an order of their own. */
	ck_assert_uint_eq(seen(n,
			      sample_build_request(&b, FUSE_OP_READ, 900,
				  "8:900 8:4096 4:8 4:0 8:0 4:0 4:0"),
			      40, 8),
	    1);
	ck_assert_uint_eq(seen(n,
			      sample_build_request(&b, FUSE_OP_READ, 900,
				  "8:0 8:4096 4:8 4:0 8:0 4:0 4:0"),
			      48, 8),
	    4096);
	wire_buf_fini(&b);
	normalizer_free(n);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("normalize");
	TCase *tc = tcase_create("normalize");

	tcase_add_test(tc, f75_other_numbers_are_normalized_alike);
	tcase_add_test(tc, numbers_are_in_the_order_of_their_coming);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
