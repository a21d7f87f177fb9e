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
#include "wire/get.h"

#define FOUND(nodeid) ENTRY(nodeid) ATTR_LINUX("0100644")

static struct feed_text text;
static struct view_conf conf;
static struct model_view *view;
static struct model model;
static struct wire_buf buf;

static void
put(enum trace_kind kind, struct span m)
{
	struct trace_record r = { .kind = (uint8_t)kind,
		.session = 1,
		.m = m,
		.kept = (uint32_t)m.len,
		.proto = &proto_linux };

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
	asked(FUSE_OP_LOOKUP, 1, "=a 2:0x6220 0*1"); /* "a b" */
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

static const struct {
	const char *given, *means; /* NULL: nothing */
} paths[] = {
	{ "a", "/a" },
	{ "/a", "/a" },
	{ "./a//b/", "/a/b" },
	{ "/", "/" },
	{ ".", "/" },
	{ "//mnt/./a", "/mnt/a" },
	{ "#12", "#12" },
	{ "#12/a", "#12/a" },
	{ "#a#", "/#a#" },
	{ "a..", "/a.." },
	{ "", NULL },
	{ "..", NULL },
	{ "a/../b", NULL },
	{ "a/..", NULL },
};

START_TEST(f72_a_path_that_can_be_none_is_refused)
{
	char tidy[PATHS_TEXT_MAX];
	int r = filter_path_tidy(paths[_i].given, tidy);

	ck_assert_int_eq(r, paths[_i].means == NULL ? E_VALUE : E_OK);
	if (r == E_OK)
		ck_assert_str_eq(tidy, paths[_i].means);
}
END_TEST

START_TEST(f72_a_path_that_is_too_long_is_refused)
{
	char given[PATHS_TEXT_MAX + 2], tidy[PATHS_TEXT_MAX];

	memset(given, 'x', sizeof(given));
	given[PATHS_TEXT_MAX - 2] = '\0';
	ck_assert_int_eq(filter_path_tidy(given, tidy), E_OK);
	ck_assert_uint_eq(strlen(tidy), PATHS_TEXT_MAX - 1);
	given[PATHS_TEXT_MAX - 2] = 'x';
	given[PATHS_TEXT_MAX - 1] = '\0';
	ck_assert_int_eq(filter_path_tidy(given, tidy), E_BIG);
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

/* ---- an INTERRUPT and its target ---- */

/* A request with a number of its own. */
static void
asked_as(uint64_t unique, uint32_t opcode, uint64_t nodeid, uint32_t pid,
    const char *body)
{
	struct span m = sample_build_request(&buf, opcode, nodeid, body);
	uint8_t copy[256];

	ck_assert_uint_le(m.len, sizeof(copy));
	memcpy(copy, m.p, m.len);
	put_u64(copy, m.len, 8, unique);
	put_u32(copy, m.len, 32, pid);
	put(TRACE_REQUEST, (struct span){ copy, m.len });
}

static void
interrupted(void)
{
	begin();
	asked(FUSE_OP_LOOKUP, 1, "'a");
	answered(FOUND("10"), 0);
	asked_as(20, FUSE_OP_READLINK, 10, 77, "");
	asked_as(21, FUSE_OP_INTERRUPT, 0, 0, "8:20");
	asked_as(23, FUSE_OP_INTERRUPT, 0, 0, "8:99");
	end();
}

START_TEST(f72_an_interrupt_names_its_target)
{
	interrupted();
	ck_assert_ptr_nonnull(strstr(text.p,
	    "kernel INTERRUPT(\"/a\", op=READLINK, unique=20)\n"));
	ck_assert_ptr_nonnull(strstr(text.p, "kernel INTERRUPT(unique=99)\n"));
}
END_TEST

START_TEST(f72_an_interrupt_is_found_with_its_target)
{
	if (_i == 0)
		conf.filter.path = "/a";
	conf.filter.has_pid = _i == 1;
	conf.filter.pid = 77;
	interrupted();
	ck_assert_ptr_nonnull(strstr(text.p, "INTERRUPT(\"/a\""));
	ck_assert_ptr_null(strstr(text.p, "unique=99"));
}
END_TEST

/* ---- Perfetto ---- */

static void
put_flagged(enum trace_kind kind, uint16_t flags, struct span m)
{
	struct trace_record r = { .kind = (uint8_t)kind,
		.session = 1,
		.flags = flags,
		.m = m,
		.kept = (uint32_t)m.len,
		.proto = &proto_linux };

	model.sink.record(&model.sink, &r);
}

START_TEST(f72_perfetto_tells_who_answered_and_where)
{
	ck_assert_ptr_nonnull(view = view_perfetto_new(&conf));
	model_init(&model, 100);
	model_add(&model, view);
	put(TRACE_BEGIN, (struct span){ (const uint8_t *)"/mnt", 4 });
	asked(FUSE_OP_READLINK, 1, "");
	put_flagged(TRACE_REPLY, TRACE_OWN,
	    sample_build_reply(&buf, "", -EIO));
	asked(FUSE_OP_READLINK, 1, "");
	answered("'abc", 0);
	put_flagged(TRACE_REQUEST, TRACE_OWN,
	    sample_build_request(&buf, FUSE_OP_DESTROY, 0, ""));
	end();
	ck_assert_ptr_nonnull(strstr(text.p, "\"mount\":\"/mnt\""));
	ck_assert_ptr_nonnull(strstr(text.p,
	    "\"errno\":\"EIO\",\"reply_len\":16,\"by\":\"relay\""));
	ck_assert_ptr_nonnull(strstr(text.p,
	    "\"errno\":\"0\","
	    "\"reply_len\":20,\"by\":\"daemon\""));
	/* The last one, without an end. */
	ck_assert_ptr_nonnull(strstr(text.p, "\"name\":\"DESTROY\""));
	ck_assert_ptr_nonnull(strstr(text.p, "\"len\":40,\"from\":\"relay\""));
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
	tcase_add_loop_test(tc, f72_a_path_that_can_be_none_is_refused, 0,
	    sizeof(paths) / sizeof(paths[0]));
	tcase_add_test(tc, f72_a_path_that_is_too_long_is_refused);
	tcase_add_loop_test(tc, slow_calls_that_end_without_a_reply, 0, 2);
	tcase_add_test(tc, f35_errors_of_any_number_are_counted);
	tcase_add_test(tc, f72_an_interrupt_names_its_target);
	tcase_add_loop_test(tc, f72_an_interrupt_is_found_with_its_target, 0,
	    2);
	tcase_add_test(tc, f72_perfetto_tells_who_answered_and_where);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
