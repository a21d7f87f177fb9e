/* SPDX-License-Identifier: ISC */
/* Filter, durations, figures, packets. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/suite.h"
#include "tests/trace_feed.h"
#include "trace/capture.h"
#include "trace/pdu.h"
#include "trace/prometheus.h"
#include "wire/ops.h"

/* ---- the filter ---- */

static struct filter
filter_of(const char *expr)
{
	const char *bad;
	struct filter f;

	filter_init(&f);
	ck_assert_int_eq(filter_parse(&f, expr, &bad), E_OK);
	return f;
}

static const struct {
	const char *expr;
	uint32_t shown, hidden; /* operations */
} filters[] = {
	{ "lookup", FUSE_OP_LOOKUP, FUSE_OP_OPEN },
	{ "trace=lookup", FUSE_OP_LOOKUP, FUSE_OP_OPEN },
	{ "trace=Lookup,OPEN", FUSE_OP_OPEN, FUSE_OP_READ },
	{ "!getattr", FUSE_OP_OPEN, FUSE_OP_GETATTR },
	{ "!getattr,open", FUSE_OP_READ, FUSE_OP_OPEN },
	{ "%file,!lookup", FUSE_OP_CREATE, FUSE_OP_LOOKUP },
	{ "%file,!lookup", FUSE_OP_RENAME2, FUSE_OP_READ },
	{ "%data", FUSE_OP_WRITE, FUSE_OP_LOOKUP },
	{ "%dir", FUSE_OP_READDIRPLUS, FUSE_OP_OPEN },
	{ "%xattr", FUSE_OP_LISTXATTR, FUSE_OP_OPEN },
	{ "%lock", FUSE_OP_SETLKW, FUSE_OP_OPEN },
	{ "%attr", FUSE_OP_STATX, FUSE_OP_OPEN },
	{ "%forget,%session", FUSE_OP_BATCH_FORGET, FUSE_OP_OPEN },
	{ "%forget,%session", FUSE_OP_CUSE_INIT, FUSE_OP_READ },
	{ "all,!read", 100, FUSE_OP_READ },
	{ "all,!read", 5000, FUSE_OP_READ },
	{ "none,open", FUSE_OP_OPEN, 5000 },
};

START_TEST(filter_takes_operations)
{
	struct filter f = filter_of(filters[_i].expr);

	ck_assert(filter_op(&f, filters[_i].shown));
	ck_assert(!filter_op(&f, filters[_i].hidden));
}
END_TEST

START_TEST(filter_takes_status)
{
	struct filter f = filter_of("status=failed");

	ck_assert(f.want_failed && !f.want_successful && !f.want_unfinished);
	f = filter_of("status=!failed");
	ck_assert(!f.want_failed && f.want_successful && f.want_unfinished);
	f = filter_of("status=successful,unfinished");
	ck_assert(!f.want_failed && f.want_successful && f.want_unfinished);
}
END_TEST

START_TEST(filter_names_what_is_wrong)
{
	static const char *const exprs[][2] = {
		{ "trace=open,nonsense,read", "nonsense,read" },
		{ "%nothing", "%nothing" },
		{ "!lookupx", "lookupx" },
		{ "status=red", "red" },
		{ "trace=,", "," },
	};
	const char *bad;
	struct filter f;

	filter_init(&f);
	ck_assert_int_eq(filter_parse(&f, exprs[_i][0], &bad), E_VALUE);
	ck_assert_str_eq(bad, exprs[_i][1]);
}
END_TEST

/* Lines of the samples that pass. */
static size_t
lines_with(const struct filter *f, const char *word, size_t *with)
{
	struct feed_text t = { NULL, 0 };
	struct view_conf conf = { .out = { feed_put, &t }, .filter = *f };
	struct model_view *v = view_text_new(&conf);
	size_t n = 0;
	char *line;
	struct model m;

	model_init(&m, 100);
	model_add(&m, v);
	feed_samples(&m.sink);
	model_end(&m);
	model_fini(&m);
	free(v);
	*with = 0;
	for (line = strtok(t.p, "\n"); line != NULL;
	     line = strtok(NULL, "\n")) {
		if (strstr(line, "+++") != NULL)
			continue;
		n++;
		*with += strstr(line, word) != NULL;
	}
	free(t.p);
	return n;
}

START_TEST(filter_is_what_views_show)
{
	struct filter f;
	size_t n, with;

	filter_init(&f);
	n = lines_with(&f, "(", &with);
	ck_assert_uint_gt(n, 60);
	f = filter_of("status=failed");
	n = lines_with(&f, "= -E", &with);
	ck_assert_uint_gt(n, 5);
	ck_assert_uint_eq(n, with);
	f = filter_of("status=unfinished");
	n = lines_with(&f, "<unfinished ...>", &with);
	ck_assert_uint_gt(n, 3);
	ck_assert_uint_eq(n, with);
	filter_init(&f);
	f.path = "/from";
	n = lines_with(&f, "/from", &with);
	ck_assert_uint_ge(n, 3);
	ck_assert_uint_eq(n, with);
	f.path = "/mnt/\"x/from"; /* seen from outside */
	ck_assert_uint_eq(lines_with(&f, "/from", &with), n);
	f.path = "/mnt/\"xy";
	ck_assert_uint_eq(lines_with(&f, "", &with), 0);
	f.path = NULL;
	f.has_pid = 1;
	f.pid = 99;
	ck_assert_uint_eq(lines_with(&f, "", &with), 0);
	filter_init(&f);
	f.slower_ns = 1501;
	ck_assert_uint_eq(lines_with(&f, "NOTIFY", &with), with);
	f.slower_ns = 1500;
	ck_assert_uint_gt(lines_with(&f, "= ", &with), 50);
}
END_TEST

/* ---- durations ---- */

START_TEST(percentiles_are_near)
{
	static struct latency l;
	double parts[] = { .5, .9, .99 };
	uint64_t i, want, got;
	size_t k;

	memset(&l, 0, sizeof(l));
	ck_assert_uint_eq(latency_part(&l, .5), 0);
	for (i = 1; i <= 100000; i++)
		latency_add(&l, i * (uint64_t)(1 + _i * 977));
	for (k = 0; k < 3; k++) {
		want = (uint64_t)(parts[k] * 100000) *
		    (uint64_t)(1 + _i * 977);
		got = latency_part(&l, parts[k]);
		ck_assert_uint_ge(got, want - want / 1000);
		ck_assert_uint_le(got, want + want / 15);
	}
	ck_assert_uint_eq(l.count, 100000);
	ck_assert_uint_eq(latency_part(&l, 1), l.max_ns);
}
END_TEST

START_TEST(extremes_are_counted)
{
	static struct latency l, sum;

	memset(&l, 0, sizeof(l));
	memset(&sum, 0, sizeof(sum));
	latency_add(&l, 0);
	latency_add(&l, UINT64_MAX);
	latency_merge(&sum, &l);
	latency_merge(&sum, &l);
	ck_assert_uint_eq(sum.count, 4);
	ck_assert_uint_eq(sum.min_ns, 0);
	ck_assert_uint_eq(sum.max_ns, UINT64_MAX);
	ck_assert_uint_eq(latency_part(&sum, .1), 0);
}
END_TEST

/* ---- figures ---- */

static struct summary *
summary_of_samples(struct model *m)
{
	struct summary *s = malloc(sizeof(*s));
	struct filter f;

	filter_init(&f);
	summary_init(s, &f, SUMMARY_BY_OP);
	model_init(m, 100);
	model_add(m, &s->view);
	feed_samples(&m->sink);
	return s;
}

START_TEST(summary_counts)
{
	struct feed_text t = { NULL, 0 };
	struct summary *s;
	struct model m;

	s = summary_of_samples(&m);
	model_end(&m);
	model_fini(&m);
	summary_print(s, &(struct view_out){ feed_put, &t });
	ck_assert_ptr_nonnull(strstr(t.p, " LOOKUP\n"));
	ck_assert_ptr_nonnull(strstr(t.p, " all\n"));
	ck_assert_ptr_nonnull(strstr(t.p, "9 notifications"));
	summary_fini(s);
	free(s);
	free(t.p);
}
END_TEST

START_TEST(prometheus_prints)
{
	struct prometheus p = { .labels = "a=\"b\"",
		.version = "1",
		.now_ns = UINT64_C(3000000000) };
	struct feed_text t = { NULL, 0 };
	struct summary *s;
	struct model m;
	char *line;

	p.summary = s = summary_of_samples(&m);
	p.model = &m;
	prometheus_print(&p, &(struct view_out){ feed_put, &t });
	ck_assert_ptr_nonnull(strstr(t.p,
	    "\nfuserelay_requests_total{"
	    "a=\"b\",op=\"LOOKUP\"} 6\n"));
	ck_assert_ptr_nonnull(strstr(t.p,
	    "\nfuserelay_request_errors_total{"
	    "a=\"b\",op=\"LOOKUP\",errno=\"ENOENT\"} 1\n"));
	ck_assert_ptr_nonnull(strstr(t.p,
	    "\nfuserelay_request_duration_"
	    "seconds_bucket{a=\"b\",op=\"LOOKUP\",le=\"+Inf\"} 6\n"));
	ck_assert_ptr_nonnull(strstr(t.p,
	    "\nfuserelay_oldest_request_age_seconds{a=\"b\"} 2.9"));
	/* No path, no name of a file. */
	ck_assert_ptr_null(strstr(t.p, "hello"));
	for (line = strtok(t.p, "\n"); line != NULL; line = strtok(NULL, "\n"))
		ck_assert(line[0] == '#' || strchr(line, '{') != NULL);
	model_end(&m);
	model_fini(&m);
	summary_fini(s);
	free(s);
	free(t.p);
}
END_TEST

START_TEST(labels_are_checked)
{
	char labels[64] = "";

	ck_assert_int_eq(prometheus_label(labels, 64, "a=1"), E_OK);
	ck_assert_int_eq(prometheus_label(labels, 64, "_b2=x\"\\\ny"), E_OK);
	ck_assert_str_eq(labels, "a=\"1\",_b2=\"x\\\"\\\\\\ny\"");
	ck_assert_int_eq(prometheus_label(labels, 64, "=x"), E_VALUE);
	ck_assert_int_eq(prometheus_label(labels, 64, "x"), E_VALUE);
	ck_assert_int_eq(prometheus_label(labels, 64, "2a=x"), E_VALUE);
	ck_assert_int_eq(prometheus_label(labels, 64, "a-b=x"), E_VALUE);
	ck_assert_int_eq(prometheus_label(labels, 64,
			     "c=0123456789012345678901234567890123456789"),
	    E_FULL);
}
END_TEST

/* ---- packets ---- */

static struct trace_record
full_record(void)
{
	static const uint8_t bytes[8] = { 1, 2, 3 };
	static const struct wire_proto proto = { .dialect = WIRE_DARWIN,
		.minor = 19,
		.flags = UINT64_C(0x123456789abcdef0) };

	return (struct trace_record){ .kind = TRACE_REPLY,
		.dir = TRACE_TO_FRONT,
		.flags = 0x1234,
		.session = 0x89abcdef,
		.mono_ns = UINT64_C(0x1122334455667788),
		.offset = UINT64_C(0xfedcba9876543210),
		.pieces = 0x01020304,
		.first = 0x05060708,
		.index = 0x0a0b0c0d,
		.kept = 8,
		.m = { bytes, 8 },
		.proto = &proto };
}

START_TEST(packets_round_trip)
{
	struct trace_record r = full_record(), back;
	uint8_t packet[PDU_HEAD + 8];
	struct wire_proto proto, mac;
	uint32_t len;

	pdu_put(packet, &r);
	memcpy(packet + PDU_HEAD, r.m.p, 8);
	ck_assert_int_eq(pdu_get((struct span){ packet, sizeof(packet) },
			     &back, &len, &proto),
	    E_OK);
	ck_assert_uint_eq(len, 8);
	ck_assert_uint_eq(back.kind, r.kind);
	ck_assert_uint_eq(back.dir, r.dir);
	ck_assert_uint_eq(back.flags, r.flags);
	ck_assert_uint_eq(back.session, r.session);
	ck_assert_uint_eq(back.mono_ns, r.mono_ns);
	ck_assert_uint_eq(back.offset, r.offset);
	ck_assert_uint_eq(back.pieces, r.pieces);
	ck_assert_uint_eq(back.first, r.first);
	ck_assert_uint_eq(back.index, r.index);
	ck_assert_uint_eq(back.kept, 8);
	ck_assert_ptr_eq(back.proto, &proto);
	ck_assert_uint_eq(proto.flags, r.proto->flags);
	ck_assert_uint_eq(proto.on_darwin, 0);
	ck_assert_mem_eq(back.m.p, r.m.p, 8);
	/* One on macOS recorded it. */
	mac = *r.proto;
	mac.on_darwin = 1;
	r.proto = &mac;
	pdu_put(packet, &r);
	ck_assert_int_eq(pdu_get((struct span){ packet, sizeof(packet) },
			     &back, &len, &proto),
	    E_OK);
	ck_assert_uint_eq(proto.on_darwin, 1);
	ck_assert_uint_eq(proto.dialect, mac.dialect);
}
END_TEST

START_TEST(packets_are_checked)
{
	struct trace_record r = full_record(), back;
	uint8_t packet[PDU_HEAD + 8], *tight;
	struct wire_proto proto;
	uint32_t len;
	size_t cut;

	pdu_put(packet, &r);
	memset(packet + PDU_HEAD, 0, 8);
	for (cut = 0; cut < PDU_HEAD; cut++) {
		tight = malloc(cut + 1);
		memcpy(tight, packet, cut);
		ck_assert_int_ne(
		    pdu_get((struct span){ tight, cut }, &back, &len, &proto),
		    E_OK);
		free(tight);
	}
	packet[PDU_TAGS + 15] = 7; /* shorter than what is there */
	ck_assert_int_eq(pdu_get((struct span){ packet, sizeof(packet) },
			     &back, &len, &proto),
	    E_LEN);
	packet[PDU_TAGS + 12] = 0xff; /* longer than any message */
	ck_assert_int_eq(pdu_get((struct span){ packet, sizeof(packet) },
			     &back, &len, &proto),
	    E_LEN);
	pdu_put(packet, &r);
	packet[PDU_TAGS + 3] ^= 1; /* the other byte order */
	ck_assert_int_eq(pdu_get((struct span){ packet, sizeof(packet) },
			     &back, &len, &proto),
	    E_VALUE);
	packet[4] = 'x'; /* somebody else's */
	ck_assert_int_eq(pdu_get((struct span){ packet, sizeof(packet) },
			     &back, &len, &proto),
	    E_VALUE);
}
END_TEST

/* File data and values of attributes stay out, names stay in. */
START_TEST(f49_data_is_not_kept)
{
	static const struct {
		uint32_t opcode;
		size_t keeps;
	} rows[] = {
		{ FUSE_OP_WRITE, 80 },
		{ FUSE_OP_SETXATTR, 40 + 8 + 7 },
		{ FUSE_OP_LOOKUP, 40 + 10 },
		{ FUSE_OP_IOCTL, 72 },
		{ FUSE_OP_NOTIFY_REPLY, 80 },
		{ FUSE_OP_BATCH_FORGET, 40 + 8 + 32 },
	};
	const struct sample *s = sample_request(rows[_i].opcode, &proto_linux);
	struct trace_record r = { .kind = TRACE_REQUEST,
		.proto = &proto_linux };
	struct wire_buf b;

	ck_assert_ptr_nonnull(s);
	wire_buf_init(&b);
	r.m = sample_build(&b, s);
	r.kept = (uint32_t)r.m.len;
	ck_assert_uint_eq(capture_keeps(&r, 0), rows[_i].keeps);
	ck_assert_uint_eq(capture_keeps(&r, UINT32_MAX), r.m.len);
	wire_buf_fini(&b);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("trace_parts");
	TCase *tc = tcase_create("parts");

	tcase_add_loop_test(tc, filter_takes_operations, 0,
	    sizeof(filters) / sizeof(filters[0]));
	tcase_add_test(tc, filter_takes_status);
	tcase_add_loop_test(tc, filter_names_what_is_wrong, 0, 5);
	tcase_add_test(tc, filter_is_what_views_show);
	tcase_add_loop_test(tc, percentiles_are_near, 0, 4);
	tcase_add_test(tc, extremes_are_counted);
	tcase_add_test(tc, summary_counts);
	tcase_add_test(tc, prometheus_prints);
	tcase_add_test(tc, labels_are_checked);
	tcase_add_test(tc, packets_round_trip);
	tcase_add_test(tc, packets_are_checked);
	tcase_add_loop_test(tc, f49_data_is_not_kept, 0, 6);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
