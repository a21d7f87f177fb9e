/* SPDX-License-Identifier: ISC */
/* F71: notifications, and the kernel's word on them, in lines and in JSON;
 * as they come and from a capture. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/suite.h"
#include "tests/trace_feed.h"
#include "trace/pdu.h"
#include "trace/view.h"

#define FOUND(nodeid) ENTRY(nodeid) ATTR_LINUX("0100644")
#define INODE(ino) "8:" ino " 8:0 8:0"
#define UNKNOWN 99

static struct feed_text text;
static struct view_conf conf;
static struct model_view *view;
static struct model model;
static struct wire_buf buf;
static uint64_t now_ns;

/* The record goes through a capture's packet, or straight on. */
static void
put(struct trace_record *r, struct span m)
{
	uint8_t packet[PDU_HEAD + 512];
	struct wire_proto proto;
	struct trace_record back;
	uint32_t len;

	r->session = 1;
	r->mono_ns = r->real_ns = now_ns += 1000;
	r->m = m;
	r->kept = (uint32_t)m.len;
	r->proto = &proto_linux;
	pdu_put(packet, r);
	ck_assert_uint_le(m.len, 512);
	memcpy(packet + PDU_HEAD, m.p, m.len);
	ck_assert_int_eq(pdu_get((struct span){ packet, PDU_HEAD + m.len },
			     &back, &len, &proto),
	    E_OK);
	model.sink.record(&model.sink, &back);
}

static struct span
notification(uint32_t code, const char *body)
{
	struct sample s = { SAMPLE_NOTIFY, &proto_linux, code, 0, body, "" };

	return sample_build(&buf, &s);
}

static void
notified(uint32_t code, const char *body, unsigned flags)
{
	struct trace_record r = { .kind = TRACE_NOTIFY,
		.flags = (uint16_t)flags };

	put(&r, notification(code, body));
}

static void
result(uint32_t code, const char *body, int error)
{
	struct span m = notification(code, body);
	struct trace_record r = { .kind = TRACE_RESULT,
		.first = (uint32_t)m.len,
		.index = (uint32_t)error };

	put(&r, m);
}

static void
begin(int json)
{
	view = json ? view_json_new(&conf) : view_text_new(&conf);
	ck_assert_ptr_nonnull(view);
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

/* Node 10 is /a. */
static void
look_up(void)
{
	struct trace_record r = { .kind = TRACE_REQUEST };

	put(&r, sample_build_request(&buf, FUSE_OP_LOOKUP, 1, "'a"));
	r = (struct trace_record){ .kind = TRACE_REPLY };
	put(&r, sample_build_reply(&buf, FOUND("10"), 0));
	text.len = 0;
	text.p[0] = '\0';
}

START_TEST(f71_results_are_told)
{
	begin(0);
	look_up();
	notified(FUSE_NOTIFY_INVAL_INODE, INODE("10"), TRACE_AWAITED);
	notified(FUSE_NOTIFY_INVAL_ENTRY, "8:1 4:1 4:0 'b", TRACE_AWAITED);
	ck_assert_str_eq(text.p, "");
	result(FUSE_NOTIFY_INVAL_INODE, INODE("10"), 0);
	result(FUSE_NOTIFY_INVAL_ENTRY, "8:1 4:1 4:0 'b", ENOENT);
	/* One of which nothing more will be heard. */
	notified(FUSE_NOTIFY_RETRIEVE, "8:5 8:10 8:0 4:9 4:0", 0);
	end();
	ck_assert_str_eq(text.p,
	    "daemon NOTIFY_INVAL_INODE(\"/a\", ino=10, off=0, len=0) = 0\n"
	    "daemon NOTIFY_INVAL_ENTRY(\"/b\", parent=1, namelen=1, "
	    "name=\"b\") = -ENOENT\n"
	    "daemon NOTIFY_RETRIEVE(\"/a\", notify_unique=5, nodeid=10, "
	    "offset=0, size=9)\n");
}
END_TEST

START_TEST(f71_results_in_json)
{
	begin(1);
	look_up();
	notified(FUSE_NOTIFY_INVAL_INODE, INODE("10"), TRACE_AWAITED);
	result(FUSE_NOTIFY_INVAL_INODE, INODE("10"), ENOENT);
	ck_assert(feed_is_json(text.p, text.len - 1));
	ck_assert_ptr_nonnull(strstr(text.p,
	    "\"path\":\"/a\",\"ret\":-2,"
	    "\"errno\":\"ENOENT\",\"lat_ns\":1000}"));
	text.len = 0;
	notified(UNKNOWN, "", TRACE_DROPPED);
	ck_assert(feed_is_json(text.p, text.len - 1));
	ck_assert_ptr_nonnull(strstr(text.p, "\"type\":\"notify\""));
	ck_assert_ptr_nonnull(strstr(text.p, "\"code\":99,"));
	ck_assert_ptr_nonnull(strstr(text.p,
	    "\"action\":\"dropped\","
	    "\"why\":\"no notification has that code\"}"));
	text.len = 0;
	notified(FUSE_NOTIFY_RESEND, "", TRACE_AWAITED);
	end();
	ck_assert(feed_is_json(text.p, text.len - 1));
	ck_assert_ptr_nonnull(strstr(text.p,
	    "\"ret\":null,"
	    "\"unfinished\":true}"));
}
END_TEST

/* As it is recorded now, and was before. */
START_TEST(f71_unknown_codes_are_notifications)
{
	struct trace_record r = { .kind = TRACE_REPLY,
		.flags = TRACE_DROPPED };

	begin(0);
	if (_i == 0)
		notified(UNKNOWN, "8:7", TRACE_DROPPED);
	else
		put(&r, notification(UNKNOWN, "8:7"));
	end();
	ck_assert_str_eq(text.p,
	    "daemon NOTIFY(code=99, bytes=8) is not "
	    "passed on: no notification has that code\n");
}
END_TEST

START_TEST(f71_slow_and_unfinished)
{
	begin(0);
	notified(FUSE_NOTIFY_INVAL_INODE, INODE("7"), TRACE_AWAITED);
	notified(FUSE_NOTIFY_INVAL_INODE, INODE("8"), TRACE_AWAITED);
	now_ns += 2 * MODEL_SLOW_NS;
	model_advance(&model, now_ns);
	notified(FUSE_NOTIFY_INVAL_INODE, INODE("9"), TRACE_AWAITED);
	result(FUSE_NOTIFY_INVAL_INODE, INODE("7"), 0);
	end();
	ck_assert_str_eq(text.p,
	    "daemon NOTIFY_INVAL_INODE(\"#7\", ino=7, off=0, len=0 "
	    "<unfinished ...>\n"
	    "daemon NOTIFY_INVAL_INODE(\"#8\", ino=8, off=0, len=0 "
	    "<unfinished ...>\n"
	    "daemon <... NOTIFY_INVAL_INODE resumed>) = 0\n"
	    "daemon NOTIFY_INVAL_INODE(\"#9\", ino=9, off=0, len=0 "
	    "<unfinished ...>\n");
}
END_TEST

/* What is missing in the records is not made up, nor taken for another's. */
START_TEST(f71_lost_records)
{
	struct trace_record cut = { .kind = TRACE_RESULT, .first = 1000 };

	begin(0);
	result(FUSE_NOTIFY_INVAL_INODE, INODE("7"), ENOENT);
	notified(FUSE_NOTIFY_INVAL_INODE, INODE("8"), TRACE_AWAITED);
	result(FUSE_NOTIFY_INVAL_INODE, INODE("9"), 0);
	/* A STORE without its data. */
	put(&cut, notification(FUSE_NOTIFY_STORE, "8:7 8:0 4:960 4:0"));
	end();
	ck_assert_str_eq(text.p,
	    "daemon NOTIFY_INVAL_INODE(\"#7\", ino=7, off=0, len=0) = "
	    "-ENOENT\n"
	    "daemon NOTIFY_INVAL_INODE(\"#9\", ino=9, off=0, len=0) = 0\n"
	    "daemon NOTIFY_INVAL_INODE(\"#8\", ino=8, off=0, len=0 "
	    "<unfinished ...>\n");
}
END_TEST

static const struct {
	const char *path;
	int has_pid, successful;
	int shown; /* lines */
} filters[] = {
	{ "/a", 0, 1, 2 },
	{ "/", 0, 1, 3 },
	{ "/b", 0, 1, 0 },
	{ "/a", 0, 0, 1 },
	{ NULL, 1, 1, 0 },
	{ NULL, 0, 0, 2 },
};

START_TEST(f71_filters)
{
	int lines = 0;
	char *p;

	conf.filter.path = filters[_i].path;
	conf.filter.has_pid = filters[_i].has_pid;
	conf.filter.want_successful = (uint8_t)filters[_i].successful;
	begin(0);
	look_up();
	notified(FUSE_NOTIFY_INVAL_INODE, INODE("10"), TRACE_AWAITED);
	notified(FUSE_NOTIFY_DELETE, "8:1 8:10 4:1 4:0 'a", TRACE_AWAITED);
	notified(FUSE_NOTIFY_INVAL_ENTRY, "8:1 4:1 4:0 'c", TRACE_AWAITED);
	notified(FUSE_NOTIFY_POLL, "8:7", TRACE_AWAITED);
	result(FUSE_NOTIFY_INVAL_INODE, INODE("10"), 0);
	result(FUSE_NOTIFY_DELETE, "8:1 8:10 4:1 4:0 'a", ENOTEMPTY);
	result(FUSE_NOTIFY_INVAL_ENTRY, "8:1 4:1 4:0 'c", ENOENT);
	result(FUSE_NOTIFY_POLL, "8:7", 0);
	end();
	for (p = text.p; (p = strchr(p, '\n')) != NULL; p++)
		lines++;
	ck_assert_msg(lines == filters[_i].shown, "%s", text.p);
}
END_TEST

static void
setup(void)
{
	memset(&conf, 0, sizeof(conf));
	filter_init(&conf.filter);
	conf.out.put = feed_put;
	conf.out.arg = &text;
	wire_buf_init(&buf);
	now_ns = 0;
	text.len = 0;
	feed_put(&text, "", 0);
}

static void
teardown(void)
{
	wire_buf_fini(&buf);
	free(text.p);
	text.p = NULL;
}

int
main(void)
{
	Suite *s = suite_create("trace_notification");
	TCase *tc = tcase_create("notification");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, f71_results_are_told);
	tcase_add_test(tc, f71_results_in_json);
	tcase_add_loop_test(tc, f71_unknown_codes_are_notifications, 0, 2);
	tcase_add_test(tc, f71_slow_and_unfinished);
	tcase_add_test(tc, f71_lost_records);
	tcase_add_loop_test(tc, f71_filters, 0,
	    sizeof(filters) / sizeof(filters[0]));
	suite_add_tcase(s, tc);
	return suite_run(s);
}
