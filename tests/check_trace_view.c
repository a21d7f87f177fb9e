/* SPDX-License-Identifier: ISC */
/* What the view for people, and the table, make of a few messages. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/suite.h"
#include "tests/trace_feed.h"
#include "trace/summary.h"
#include "trace/view.h"

#define FOUND(nodeid) ENTRY(nodeid) ATTR_LINUX("0100644")

static struct feed_text text;
static struct view_conf conf;
static struct model_view *view;
static struct model model;
static struct wire_buf buf;

static void
put(enum trace_kind kind, struct span m)
{
	struct trace_record r = { .kind = (uint8_t)kind, .session = 1,
		.m = m, .kept = (uint32_t)m.len, .proto = &proto_linux };

	model.sink.record(&model.sink, &r);
}

/* All have one number. */
static void
asked(uint32_t opcode, uint64_t nodeid, const char *body)
{
	put(TRACE_REQUEST, sample_build_request(&buf, opcode, nodeid, body));
}

static void
answered(const char *body, int32_t error)
{
	put(TRACE_REPLY, sample_build_reply(&buf, body, error));
}

static void
begin(void)
{
	ck_assert_ptr_nonnull(view = view_text_new(&conf));
	model_init(&model, 100);
	model_add(&model, view);
}

static void
end(void)
{
	model_end(&model);
	model_fini(&model);
	free(view);
}

START_TEST(paths_that_begin_alike)
{
	conf.filter.path = "/a";
	begin();
	asked(FUSE_OP_LOOKUP, 1, "=a 2:0x6220 0*1");	/* "a b" */
	answered(FOUND("10"), 0);
	asked(FUSE_OP_LOOKUP, 10, "'c");
	answered(FOUND("11"), 0);
	ck_assert_str_eq(text.p, "");
	asked(FUSE_OP_LOOKUP, 1, "'a");
	answered(FOUND("12"), 0);
	ck_assert_ptr_nonnull(strstr(text.p, "LOOKUP(\"/a\""));
	asked(FUSE_OP_UNLINK, 1, "'a");
	answered("", 0);
	asked(FUSE_OP_READLINK, 12, "");
	end();
	ck_assert_ptr_nonnull(strstr(text.p, "READLINK(\"/a (deleted)\""));
}
END_TEST

/* Its line lies open when its number comes again, or all ends: also if
 * the filter leaves out such calls. */
START_TEST(slow_calls_that_end_without_a_reply)
{
	conf.filter.want_unfinished = (uint8_t)_i;
	begin();
	asked(FUSE_OP_LOOKUP, 1, "'a");
	model_advance(&model, 2 * MODEL_SLOW_NS);
	asked(FUSE_OP_LOOKUP, 1, "'b");
	answered("", -ENOENT);
	asked(FUSE_OP_LOOKUP, 1, "'c");
	model_advance(&model, 2 * MODEL_SLOW_NS);
	end();
	ck_assert_str_eq(text.p,
	    "kernel LOOKUP(\"/a\" <unfinished ...>\n"
	    "kernel LOOKUP(\"/b\") = -ENOENT\n"
	    "kernel LOOKUP(\"/c\" <unfinished ...>\n");
}
END_TEST

START_TEST(f35_errors_of_any_number_are_counted)
{
	struct summary s;

	summary_init(&s, &conf.filter, SUMMARY_BY_OP);
	model_init(&model, 100);
	model_add(&model, &s.view);
	asked(FUSE_OP_LOOKUP, 1, "'a");
	answered("", INT32_MIN);
	asked(FUSE_OP_LOOKUP, 1, "'a");
	answered("", -ENOENT);
	ck_assert_uint_eq(s.rows->errors, 2);
	ck_assert_uint_eq(s.rows->by_errno[ENOENT], 1);
	ck_assert_uint_eq(s.rows->by_errno[SUMMARY_ERRNOS - 1], 1);
	model_end(&model);
	model_fini(&model);
	summary_fini(&s);
}
END_TEST

static void
setup(void)
{
	memset(&conf, 0, sizeof(conf));
	conf.out = (struct view_out){ feed_put, &text };
	filter_init(&conf.filter);
	wire_buf_init(&buf);
	feed_put(&text, "", 0);
}

static void
teardown(void)
{
	wire_buf_fini(&buf);
	free(text.p);
	text = (struct feed_text){ NULL, 0 };
}

int
main(void)
{
	Suite *s = suite_create("trace_view");
	TCase *tc = tcase_create("view");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, paths_that_begin_alike);
	tcase_add_loop_test(tc, slow_calls_that_end_without_a_reply, 0, 2);
	tcase_add_test(tc, f35_errors_of_any_number_are_counted);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
