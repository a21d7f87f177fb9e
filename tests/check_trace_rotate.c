/* SPDX-License-Identifier: ISC */
/*
 * F61: each file of a rotated capture is read alone, by a model that must
 * then know the path, the caller and the request of all that is in it.
 */
#include <check.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/suite.h"
#include "tests/wire_samples.h"
#include "trace/capture.h"
#include "trace/model.h"
#include "trace/notification.h"
#include "trace/reader.h"
#include "wire/build.h"
#include "wire/get.h"

#define LIMIT 8192
#define NODE(n) (1000 + (n))  /* of "/dir n/file" */
#define DIR(n) (500000 + (n)) /* of "/dir n" */
#define PID(n) (1 + (n) % 50) /* with the name "caller 1" ... */

#define LISTED 3000 /* more than a packet has room for */

static uint64_t limit = LIMIT;
static char dir[] = "/tmp/check_trace_rotate.XXXXXX", path[64];
static struct capture *capture;
static struct wire_buf buf;
static struct wire_expect expect; /* of the last request */
static const struct wire_proto *proto;
static enum wire_dialect want_dialect;
static uint64_t now;
/* What was read of all files. */
static unsigned files, begun, ended, unfinished, unmatched, results;

static void
put(enum trace_kind kind, uint32_t session, unsigned flags, struct span m)
{
	struct trace_record r = { .kind = (uint8_t)kind,
		.session = session,
		.flags = (uint16_t)flags,
		.m = m,
		.kept = (uint32_t)m.len,
		.mono_ns = now + 1,
		.real_ns = now + 1,
		.proto = proto,
		.expect = kind == TRACE_REPLY ? &expect : NULL };

	now++;
	capture_sink(capture)->record(capture_sink(capture), &r);
}

/* What has been built. */
static void
put_built(enum trace_kind kind, uint32_t session, unsigned flags)
{
	struct span m;

	ck_assert_int_eq(wire_end(&buf, &m), E_OK);
	put(kind, session, flags, m);
}

static void
put_caller(uint32_t pid, const char *name)
{
	uint8_t m[4 + 16];

	put_u32(m, sizeof(m), 0, pid);
	memcpy(m + 4, name, strlen(name));
	put(TRACE_CALLER, 1, 0, (struct span){ m, 4 + strlen(name) });
}

static void
ask(uint32_t session, uint32_t op, uint64_t unique, uint64_t node,
    const char *name, uint32_t pid)
{
	struct span m;

	wire_begin_request(&buf, op, unique, node);
	if (name != NULL)
		wire_put_name(&buf, name);
	wire_set_caller(&buf, 0, 0, pid);
	ck_assert_int_eq(wire_end(&buf, &m), E_OK);
	wire_expect_set(&expect, &wire_proto_unknown, m);
	put(TRACE_REQUEST, session, 0, m);
}

static void
answer_as(uint32_t session, uint64_t unique, unsigned flags)
{
	wire_begin_reply(&buf, unique, 0);
	put_built(TRACE_REPLY, session, flags);
}

static void
answer(uint32_t session, uint64_t unique)
{
	answer_as(session, unique, 0);
}

static void
stat_fs(uint32_t session, uint64_t unique, uint64_t node, uint32_t pid)
{
	ask(session, FUSE_OP_STATFS, unique, node, NULL, pid);
	answer(session, unique);
}

static void
look_up(uint64_t unique, uint64_t parent, const char *name, uint64_t node,
    uint32_t pid)
{
	ask(1, FUSE_OP_LOOKUP, unique, parent, name, pid);
	wire_begin_reply(&buf, unique, 0);
	wire_put_u64(&buf, node);
	wire_put_zero(&buf, 120);
	put_built(TRACE_REPLY, 1, 0);
}

static void
begin(uint32_t session)
{
	char text[16];

	snprintf(text, sizeof(text), "mount %" PRIu32, session);
	put(TRACE_BEGIN, session, 0,
	    (struct span){ (uint8_t *)text, strlen(text) });
}

/* "/dir n/file", for n below count. */
static void
look_up_all(unsigned count)
{
	char name[32];
	unsigned n;

	for (n = 1; n <= 50; n++) {
		snprintf(name, sizeof(name), "caller %u", n);
		put_caller(n, name);
	}
	for (n = 0; n < count; n++) {
		snprintf(name, sizeof(name), "dir %u", n);
		look_up(2 * n + 2, 1, name, DIR(n), PID(n));
		look_up(2 * n + 2, DIR(n), "file", NODE(n), PID(n));
	}
}

static void
open_capture(void)
{
	struct capture_conf conf = { .path = path, .rotate_size = limit };

	ck_assert_int_eq(capture_open(&capture, &conf), E_OK);
	begin(1);
}

/* ---- reading ---- */

static void
view_begin(struct model_view *v, struct call *c, const struct trace_record *r)
{
	char got[PATHS_TEXT_MAX], want[64], comm[16];

	(void)v;
	begun++;
	ck_assert_uint_eq(r->m.len, get_u32(r->m, 0));
	snprintf(comm, sizeof(comm), "caller %" PRIu32, c->pid);
	ck_assert_str_eq(c->comm, comm);
	ck_assert_ptr_nonnull(c->conn->target);
	if (c->opcode == FUSE_OP_STATFS)
		ck_assert_uint_eq(c->conn->proto.dialect, want_dialect);
	if (c->nodeid < NODE(0) || c->opcode != FUSE_OP_STATFS)
		return;
	if (c->nodeid < DIR(0))
		snprintf(want, sizeof(want), "/dir %" PRIu64 "/file",
		    c->nodeid - NODE(0));
	else
		snprintf(want, sizeof(want), "/dir %" PRIu64,
		    c->nodeid - DIR(0));
	ck_assert_uint_gt(call_path(c, 0, got), 0);
	ck_assert_str_eq(got, want);
}

static void
view_end(struct model_view *v, struct call *c, const struct trace_record *r)
{
	(void)v;
	(void)c;
	ended += r != NULL;
	unfinished += r == NULL && !c->alone;
}

static void
view_other(struct model_view *v, struct conn *conn,
    const struct trace_record *r, struct call *c)
{
	(void)v;
	unmatched += r->kind == TRACE_REPLY &&
	    model_expect(conn, c, r) == NULL;
}

static void
view_notification(struct model_view *v, struct notification *n,
    const struct trace_record *r)
{
	(void)v;
	if (r == NULL)
		return;
	results++;
	ck_assert_uint_eq(n->len, WIRE_REP_HEADER + 24);
	ck_assert_ptr_nonnull(n->path);
	ck_assert_str_eq(n->path, "/dir 0/file");
}

static void
read_file(FILE *f)
{
	struct model_view v = { .begin = view_begin,
		.end = view_end,
		.other = view_other,
		.notify_end = view_notification };
	char why[READER_WHY_MAX];
	struct trace_record r;
	struct reader *rd;
	struct model m;
	int ret;

	ck_assert_int_eq(reader_open(&rd, f, READER_CAPTURE, why), E_OK);
	model_init(&m, 1u << 20);
	model_add(&m, &v);
	while ((ret = reader_next(rd, &r, why)) == 1)
		m.sink.record(&m.sink, &r);
	ck_assert_int_eq(ret, 0);
	model_end(&m);
	model_fini(&m);
	reader_free(rd);
}

/* Each alone; none is longer than was asked for. */
static void
read_files(void)
{
	struct capture_result res;
	char name[96];
	FILE *f;

	capture_close(capture, 60000, &res);
	ck_assert_int_eq(res.error, 0);
	ck_assert_uint_eq(res.lost, 0);
	for (files = 0;; files++) {
		snprintf(name, sizeof(name), files > 0 ? "%s.%u" : "%s", path,
		    files);
		if ((f = fopen(name, "rb")) == NULL)
			break;
		fseek(f, 0, SEEK_END);
		ck_assert_int_le(ftell(f), (long)limit);
		rewind(f);
		read_file(f);
	}
	ck_assert_uint_eq(unmatched, 0);
}

/* Nodes and callers of long ago. */
START_TEST(f61_names)
{
	unsigned n, round;

	open_capture();
	look_up_all(300);
	for (round = 0; round < 3; round++)
		for (n = 0; n < 300; n++)
			stat_fs(1, 2 * n, NODE(n), PID(n));
	read_files();
	ck_assert_uint_gt(files, 10);
	ck_assert_uint_eq(begun, 600 + 900 + unfinished);
	ck_assert_uint_eq(ended, 600 + 900);
}
END_TEST

/* Nodes of a listing that is longer than a packet. */
START_TEST(f61_long_listing)
{
	char name[16];
	unsigned n;

	limit = 1024 * 1024;
	open_capture();
	look_up_all(1);
	ask(1, FUSE_OP_READDIRPLUS, 4, 1, NULL, 5);
	wire_begin_reply(&buf, 4, 0);
	for (n = 0; n < LISTED; n++) {
		snprintf(name, sizeof(name), "dir %u", n);
		wire_put_u64(&buf, DIR(n));
		wire_put_zero(&buf, 120); /* the rest of the entry */
		wire_put_u64(&buf, DIR(n));
		wire_put_u64(&buf, n + 1);
		wire_put_u32(&buf, (uint32_t)strlen(name));
		wire_put_u32(&buf, 4);
		wire_put_bytes(&buf, name, strlen(name));
		wire_put_zero(&buf, 8 - strlen(name));
	}
	put_built(TRACE_REPLY, 1, 0);
	while (now < 40000)
		for (n = 0; n < LISTED; n += 7)
			stat_fs(1, 6, DIR(n), 5);
	read_files();
	ck_assert_uint_gt(files, 3);
}
END_TEST

/* More wait than a file's head has room for; one waits in all files. */
START_TEST(f61_requests_in_flight)
{
	unsigned n;

	open_capture();
	look_up_all(1);
	ask(1, FUSE_OP_STATFS, 99999, NODE(0), NULL, 7);
	for (n = 0; n < 2000; n++)
		ask(1, FUSE_OP_STATFS, 2 * n, NODE(0), NULL, PID(n));
	for (n = 0; n < 2000; n++)
		answer(1, 2 * n);
	read_files();
	ck_assert_uint_eq(ended, 2 + 2000);
	ck_assert_uint_gt(files, 30);
	/* At most a quarter of a file is spent on them, or what is needed. */
	ck_assert_uint_lt(files, 3 * (2000 * 132 + 2000 * 108) / LIMIT);
	ck_assert_uint_ge(unfinished, files);
}
END_TEST

/* A name that a process has now is not that of its older request. */
START_TEST(f61_names_of_then)
{
	unsigned n;

	open_capture();
	look_up_all(1);
	put_caller(77, "caller 77");
	ask(1, FUSE_OP_STATFS, 4, NODE(0), NULL, 77);
	put_caller(77, "other");
	for (n = 0; n < 200; n++)
		stat_fs(1, 6, NODE(0), 5);
	answer(1, 4);
	/* What an INTERRUPT is about is known, too. */
	ask(1, FUSE_OP_STATFS, 8, NODE(0), NULL, 5);
	for (n = 0; n < 200; n++) {
		wire_begin_request(&buf, FUSE_OP_INTERRUPT, 9, 0);
		wire_put_u64(&buf, 8);
		wire_set_caller(&buf, 0, 0, 5);
		put_built(TRACE_REQUEST, 1, 0);
	}
	read_files();
	ck_assert_uint_gt(files, 5);
}
END_TEST

/* What became of a reply is in the same file. */
START_TEST(f61_replies_that_follow_one)
{
	unsigned n;

	open_capture();
	look_up_all(1);
	for (n = 0; n < 500; n++) {
		stat_fs(1, 4, NODE(0), 5);
		answer_as(1, 4, TRACE_REWRITTEN);
	}
	read_files();
	ck_assert_uint_gt(files, 10);
}
END_TEST

/* Layouts that INIT does not tell, but the first LOOKUP of all. */
START_TEST(f61_layouts)
{
	const struct wire_proto guess = { .minor = 12 };
	const struct wire_proto known = { .dialect = WIRE_DARWIN,
		.minor = 12 };
	struct span m;
	unsigned n;

	open_capture();
	put_caller(5, "caller 5");
	wire_begin_request(&buf, FUSE_OP_INIT, 2, 0);
	sample_put(&buf, "4:7 4:12 0*8");
	wire_set_caller(&buf, 0, 0, 5);
	ck_assert_int_eq(wire_end(&buf, &m), E_OK);
	wire_expect_set(&expect, &wire_proto_unknown, m);
	put(TRACE_REQUEST, 1, 0, m);
	wire_begin_reply(&buf, 2, 0);
	sample_put(&buf, "4:7 4:12 0*16");
	put_built(TRACE_REPLY, 1, 0);
	proto = &guess;
	ask(1, FUSE_OP_LOOKUP, 4, 1, "dir 0", 5);
	proto = &known;
	wire_begin_reply(&buf, 4, 0);
	wire_put_u64(&buf, DIR(0));
	wire_put_zero(&buf, 136);
	put_built(TRACE_REPLY, 1, 0);
	want_dialect = WIRE_DARWIN;
	for (n = 0; n < 500; n++)
		stat_fs(1, 6, DIR(0), 5);
	read_files();
	ck_assert_uint_gt(files, 5);
}
END_TEST

/* Results of notifications that are in an earlier file. */
START_TEST(f61_notifications)
{
	struct trace_record r = { .kind = TRACE_RESULT,
		.session = 1,
		.index = ENOENT };
	struct span m;
	unsigned n;

	open_capture();
	look_up_all(1);
	wire_begin_reply(&buf, 0, FUSE_NOTIFY_INVAL_INODE);
	wire_put_u64(&buf, NODE(0));
	wire_put_zero(&buf, 16);
	ck_assert_int_eq(wire_end(&buf, &m), E_OK);
	for (n = 0; n < 200; n++)
		put(TRACE_NOTIFY, 1, TRACE_AWAITED, m);
	r.m = m;
	r.kept = r.first = (uint32_t)m.len;
	for (n = 0; n < 200; n++)
		capture_sink(capture)->record(capture_sink(capture), &r);
	read_files();
	ck_assert_uint_gt(files, 3);
	ck_assert_uint_eq(results, 200);
}
END_TEST

/* More of them than are remembered. */
START_TEST(f61_sessions)
{
	uint32_t s, round;

	open_capture();
	look_up_all(1);
	for (s = 2; s < 200; s++) {
		begin(s);
		stat_fs(s, 2, 1, 5);
		put(TRACE_END, s, 0, (struct span){ (uint8_t *)"over", 4 });
	}
	for (s = 200; s < 240; s++)
		begin(s);
	for (round = 0; round < 3; round++)
		for (s = 200; s < 240; s++)
			stat_fs(s, 2, 1, 5);
	stat_fs(1, 2, NODE(0), 5);
	read_files();
	ck_assert_uint_eq(ended, 2 + 198 + 120 + 1);
}
END_TEST

static void
setup(void)
{
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/capture", dir);
	wire_buf_init(&buf);
}

static void
teardown(void)
{
	char command[96];

	wire_buf_fini(&buf);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	ck_assert_int_eq(system(command), 0);
}

int
main(void)
{
	Suite *s = suite_create("trace_rotate");
	TCase *tc = tcase_create("rotate");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, f61_names);
	tcase_add_test(tc, f61_long_listing);
	tcase_add_test(tc, f61_requests_in_flight);
	tcase_add_test(tc, f61_names_of_then);
	tcase_add_test(tc, f61_replies_that_follow_one);
	tcase_add_test(tc, f61_layouts);
	tcase_add_test(tc, f61_notifications);
	tcase_add_test(tc, f61_sessions);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
