/* SPDX-License-Identifier: ISC */
/* The table of -c, and the figures for Prometheus, are those of the calls. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/suite.h"
#include "tests/trace_feed.h"
#include "trace/prometheus.h"
#include "wire/get.h"

#define US 1000

/* ---- calls with durations of our choice ---- */

struct calls {
	struct model model;
	struct summary summary;
	uint64_t unique, now_ns;
};

static void
calls_init(struct calls *c, enum summary_by by)
{
	struct filter f;

	memset(c, 0, sizeof(*c));
	filter_init(&f);
	model_init(&c->model, 100);
	summary_init(&c->summary, &f, by);
	model_add(&c->model, &c->summary.view);
}

static void
calls_fini(struct calls *c)
{
	model_end(&c->model);
	model_fini(&c->model);
	summary_fini(&c->summary);
}

static void
calls_record(struct calls *c, enum trace_kind kind, struct span m)
{
	struct trace_record r = { .kind = (uint8_t)kind,
		.session = 1,
		.mono_ns = c->now_ns,
		.real_ns = c->now_ns,
		.m = m,
		.kept = (uint32_t)m.len };

	c->model.sink.record(&c->model.sink, &r);
}

/* One call of process `pid` about the root, whose reply takes so long. */
static void
calls_one(struct calls *c, uint32_t opcode, uint32_t pid, uint64_t ns)
{
	uint8_t request[WIRE_REQ_HEADER] = { 0 };
	uint8_t reply[WIRE_REP_HEADER] = { 0 };

	c->unique += 2;
	put_u32(request, sizeof(request), 0, sizeof(request));
	put_u32(request, sizeof(request), 4, opcode);
	put_u64(request, sizeof(request), 8, c->unique);
	put_u64(request, sizeof(request), 16, WIRE_ROOT_ID);
	put_u32(request, sizeof(request), 32, pid);
	calls_record(c, TRACE_REQUEST,
	    (struct span){ request, sizeof(request) });
	c->now_ns += ns;
	put_u32(reply, sizeof(reply), 0, sizeof(reply));
	put_u64(reply, sizeof(reply), 8, c->unique);
	calls_record(c, TRACE_REPLY, (struct span){ reply, sizeof(reply) });
	c->now_ns += 1;
}

/* ---- the histogram ---- */

static uint64_t
bucket_of(const char *text, const char *le)
{
	char want[128];
	const char *at;

	snprintf(want, sizeof(want),
	    "_seconds_bucket{op=\"STATFS\",le=\"%s\"} ", le);
	ck_assert_msg((at = strstr(text, want)) != NULL, "%s", want);
	return strtoull(at + strlen(want), NULL, 10);
}

/*
 * What took as long as a bound, a bit
 * less and a bit more: the bounds lie within the steps that percentiles are
 * told by.
 */
START_TEST(f72_histograms_count_exactly)
{
	static const struct {
		const char *le;
		uint64_t ns;
	} bounds[] = {
		{ "0.00001", 10 * US },
		{ "0.00025", 250 * US },
		{ "0.001", 1000 * US },
		{ "0.5", 500000 * US },
		{ "10", 10000000 * (uint64_t)US },
	};
	struct prometheus p = { .labels = "", .version = "1" };
	struct feed_text t = { NULL, 0 };
	struct calls c;
	uint64_t i;

	calls_init(&c, SUMMARY_BY_OP);
	for (i = 0; i < 5; i++) {
		calls_one(&c, FUSE_OP_STATFS, 1, bounds[i].ns - 1);
		calls_one(&c, FUSE_OP_STATFS, 1, bounds[i].ns);
		calls_one(&c, FUSE_OP_STATFS, 1, bounds[i].ns + 1);
	}
	p.model = &c.model;
	p.summary = &c.summary;
	prometheus_print(&p, &(struct view_out){ feed_put, &t });
	for (i = 0; i < 5; i++)
		ck_assert_uint_eq(bucket_of(t.p, bounds[i].le), 3 * i + 2);
	ck_assert_uint_eq(bucket_of(t.p, "+Inf"), 15);
	calls_fini(&c);
	free(t.p);
}
END_TEST

/* ---- the table ---- */

static char *
table_of(const struct calls *c)
{
	struct feed_text t = { NULL, 0 };

	summary_print(&c->summary, &(struct view_out){ feed_put, &t });
	return t.p;
}

/* The line of the table that ends so. */
static const char *
row_of(const char *table, const char *name)
{
	char want[128];
	const char *at;

	snprintf(want, sizeof(want), "  %s\n", name);
	ck_assert_msg((at = strstr(table, want)) != NULL, "no %s in\n%s", name,
	    table);
	while (at > table && at[-1] != '\n')
		at--;
	return at;
}

/* Nobody waits for INIT as for a READ: a slow start is no share of it. */
START_TEST(f72_starting_is_no_share_of_the_time)
{
	struct calls c;
	char *table;

	calls_init(&c, SUMMARY_BY_OP);
	calls_one(&c, FUSE_OP_INIT, 0, 9000000 * (uint64_t)US);
	calls_one(&c, FUSE_OP_STATFS, 1, 750000 * US);
	calls_one(&c, FUSE_OP_ACCESS, 1, 250000 * US);
	calls_one(&c, FUSE_OP_DESTROY, 0, 1000 * US);
	table = table_of(&c);
	ck_assert_int_eq(strncmp(row_of(table, "STATFS"),
			     " 75.00    0.750000          1 ", 30),
	    0);
	ck_assert_int_eq(
	    strncmp(row_of(table, "ACCESS"), " 25.00    0.250000 ", 19), 0);
	ck_assert_int_eq(strncmp(row_of(table, "all"),
			     "100.00    1.000000          2 ", 30),
	    0);
	ck_assert_int_eq(strncmp(row_of(table, "INIT"),
			     "     -    9.000000          1 ", 30),
	    0);
	ck_assert_int_eq(strncmp(row_of(table, "DESTROY"),
			     "     -    0.001000          1 ", 30),
	    0);
	free(table);
	calls_fini(&c);
}
END_TEST

static void
calls_name(struct calls *c, uint32_t pid, const char *name)
{
	uint8_t text[4 + 16];

	memcpy(text, &pid, 4);
	memcpy(text + 4, name, strlen(name));
	calls_record(c, TRACE_CALLER, (struct span){ text, 4 + strlen(name) });
}

/* Processes of one name are one; an escape sequence stays no more than a
 * name. */
START_TEST(callers_have_rows)
{
	struct calls c;
	char *table;

	calls_init(&c, SUMMARY_BY_CALLER);
	calls_name(&c, 10, "cc1");
	calls_name(&c, 11, "cc1");
	calls_name(&c, 12, "a\033[1m");
	calls_one(&c, FUSE_OP_STATFS, 10, 1000 * US);
	calls_one(&c, FUSE_OP_ACCESS, 11, 1000 * US);
	calls_one(&c, FUSE_OP_ACCESS, 12, 500 * US);
	calls_one(&c, FUSE_OP_ACCESS, 0, 1500 * US);
	table = table_of(&c);
	ck_assert_int_eq(strncmp(row_of(table, "cc1"),
			     " 50.00    0.002000          2 ", 30),
	    0);
	row_of(table, "kernel");
	row_of(table, "a\\x1b[1m");
	free(table);
	calls_fini(&c);
}
END_TEST

/* However many there are: those that took most have rows of their own. */
START_TEST(too_many_callers_are_counted_together)
{
	struct calls c;
	uint32_t pid;
	char *table;

	calls_init(&c, SUMMARY_BY_CALLER);
	for (pid = 1; pid <= 4 * SUMMARY_ROWS; pid++)
		calls_one(&c, FUSE_OP_STATFS, pid,
		    (pid % 1000 == 7 ? 900 : 1) * US);
	ck_assert_uint_le(HASH_COUNT(c.summary.rows), SUMMARY_ROWS);
	table = table_of(&c);
	for (pid = 7; pid <= 4 * SUMMARY_ROWS; pid += 1000) {
		char name[16];

		snprintf(name, sizeof(name), "[%u]", pid);
		row_of(table, name);
	}
	row_of(table, "(others)");
	ck_assert_uint_eq(
	    (uint64_t)strtoul(row_of(table, "all") + 18, NULL, 10),
	    4 * SUMMARY_ROWS);
	free(table);
	calls_fini(&c);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("trace_figures");
	TCase *tc = tcase_create("figures");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, f72_histograms_count_exactly);
	tcase_add_test(tc, f72_starting_is_no_share_of_the_time);
	tcase_add_test(tc, callers_have_rows);
	tcase_add_test(tc, too_many_callers_are_counted_together);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
