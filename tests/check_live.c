/* SPDX-License-Identifier: ISC */
/* Trace options in one text. */
#include <check.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "live/trace_words.h"
#include "tests/suite.h"

static struct trace_words words;
static struct trace_opts opts;

static int
take(const char *text)
{
	trace_opts_init(&opts);
	return trace_words(&opts, text, &words);
}

START_TEST(options_are_taken)
{
	char want[64];

	ck_assert_int_eq(take(" -tt\t-o 'a b' --snaplen=8K\n-w \"x%p\".pcap "
			      "-e write --chunks "),
	    E_OK);
	ck_assert_int_eq(opts.view.time, VIEW_TIME_DAY_US);
	ck_assert_str_eq(opts.output, "a b");
	ck_assert_uint_eq(opts.capture.snaplen, 8192);
	snprintf(want, sizeof(want), "x%ld.pcap", (long)getpid());
	ck_assert_str_eq(opts.capture.path, want);
	ck_assert_int_eq(opts.capture.chunks, 1);
	ck_assert_int_eq(opts.lines, 1);
	ck_assert_int_eq(take("-o '|sed \"s/a/b/\"'"), E_OK);
	ck_assert_str_eq(opts.output, "|sed \"s/a/b/\"");
	ck_assert_int_eq(take("-o ''"), E_OK);
	ck_assert_str_eq(opts.output, "");
	ck_assert_int_eq(take(""), E_OK);
	ck_assert_int_eq(opts.lines, 0);
}
END_TEST

static const struct {
	const char *text, *why;
} wrong[] = {
	{ "--nonsense", "--nonsense: not an option" },
	{ "-Z", "-Z: not an option" },
	{ "-w", "-w: not an option, or without its value" },
	{ "-t stray -T", "stray: not an option" },
	{ "-o 'open", "-o 'open: a quote is not closed" },
	{ "--snaplen=x", "--snaplen=x: not a number" },
	{ "--perfetto", "--perfetto: not an option" },
	{ "-e wrte", "-e wrte: what is \"wrte\"" },
	{ "-A -t", "-A: needs -o" },
	{ "-c --json", "-c: writes no lines" },
	{ "-c -T", "-t, -r, -T, -s, --full, -l: -c" },
	{ "-U -t", "--snaplen, " },
	{ "-P ''", "--path=: no path looks so" },
	{ "-tt -r", "-t, -r: only one" },
	{ "--json -T", "-t, -r, -T: JSON" },
	{ "--snaplen=1", "--snaplen, " },
	{ "--rotate-size=1M", "--snaplen, " },
	{ "--chunks -t", "--snaplen, " },
	{ "-w x --rotate-count=2", "--rotate-count: needs" },
	{ "--label=a=b", "--label: needs" },
};

#define NWRONG (sizeof(wrong) / sizeof(wrong[0]))

START_TEST(errors_are_named)
{
	ck_assert_int_eq(take(wrong[_i].text), E_VALUE);
	ck_assert_msg(
	    strncmp(opts.why, wrong[_i].why, strlen(wrong[_i].why)) == 0, "%s",
	    opts.why);
}
END_TEST

/* Any length is either taken whole or refused. */
START_TEST(long_texts)
{
	static char text[2 * TRACE_WORDS_TEXT];
	size_t n;
	int r;

	for (n = 3; n < sizeof(text) - 1;
	     n += n < TRACE_WORDS_TEXT - 20 ? 97 : 1) {
		memset(text, 'x', n);
		memcpy(text, "-w ", 3);
		memcpy(text + n - 2, "%p", n > 5 ? 2 : 0);
		text[n] = '\0';
		r = take(text);
		ck_assert(r == E_OK || r == E_VALUE);
		if (n < TRACE_WORDS_TEXT - 20 && n > 5)
			ck_assert_int_eq(r, E_OK);
		if (n > TRACE_WORDS_TEXT)
			ck_assert_int_eq(r, E_VALUE);
	}
	for (n = 0; n < 2 * TRACE_WORDS_MAX; n++)
		memcpy(text + 3 * n, "-T ", 4);
	ck_assert_int_eq(take(text), E_VALUE);
	text[(size_t)3 * TRACE_WORDS_MAX] = '\0';
	ck_assert_int_eq(take(text), E_OK);
}
END_TEST

/* ---- times ---- */

#define NS UINT64_C(1000000000)

static const struct {
	const char *text;
	enum trace_time_kind kind; /* TRACE_TIME_ANY: it is none */
	uint64_t ns;
} times[] = {
	{ "0", TRACE_TIME_REAL, 0 },
	{ "1790000000", TRACE_TIME_REAL, 1790000000 * NS },
	{ "1790000000.000000001", TRACE_TIME_REAL, 1790000000 * NS + 1 },
	{ "7.5", TRACE_TIME_REAL, 7 * NS + NS / 2 },
	{ "7.0000000009", TRACE_TIME_REAL, 7 * NS },
	{ "2026-09-21T14:13:20.25Z", TRACE_TIME_REAL,
	    1790000000 * NS + NS / 4 },
	{ "2026-09-21 14:13", TRACE_TIME_REAL, 1789999980 * NS },
	{ "1:02:03.004", TRACE_TIME_DAY, 3723 * NS + 4000000 },
	{ "23:59", TRACE_TIME_DAY, 86340 * NS },
	{ "", TRACE_TIME_ANY, 0 },
	{ "x", TRACE_TIME_ANY, 0 },
	{ "1.", TRACE_TIME_ANY, 0 },
	{ "24:00", TRACE_TIME_ANY, 0 },
	{ "1:2", TRACE_TIME_ANY, 0 },
	{ "1:02:3", TRACE_TIME_ANY, 0 },
	{ "2026-09-21 1:2:3.5Zulu", TRACE_TIME_ANY, 0 },
	{ "12:00:", TRACE_TIME_ANY, 0 },
	{ "12:00:01.", TRACE_TIME_ANY, 0 },
	{ "12:00:61", TRACE_TIME_ANY, 0 },
	{ "12:00Z", TRACE_TIME_ANY, 0 },
	{ "2026-13-01T00:00", TRACE_TIME_ANY, 0 },
	{ "2026-09-21", TRACE_TIME_ANY, 0 },
	{ "99999999999999999999", TRACE_TIME_ANY, 0 },
	{ "18446744073", TRACE_TIME_ANY, 0 },
};

START_TEST(times_are_read)
{
	struct trace_time t;
	int r;

	setenv("TZ", "UTC", 1);
	r = trace_time_parse(&t, times[_i].text);
	ck_assert_int_eq(r, times[_i].kind == TRACE_TIME_ANY ? E_VALUE : E_OK);
	if (r != E_OK)
		return;
	ck_assert_int_eq(t.kind, times[_i].kind);
	ck_assert_uint_eq(t.ns, times[_i].ns);
}
END_TEST

START_TEST(times_of_day_are_of_the_capture)
{
	const uint64_t midnight = 1789948800 * NS, hour = 3600 * NS;
	struct trace_time t = { TRACE_TIME_DAY, 10 * hour };

	setenv("TZ", "UTC", 1);
	ck_assert_uint_eq(trace_time_real(&t, midnight + 9 * hour, 0),
	    midnight + 10 * hour);
	/* Earlier than all of it is no day later, as a begin. */
	ck_assert_uint_eq(trace_time_real(&t, midnight + 11 * hour, 0),
	    midnight + 10 * hour);
	ck_assert_uint_eq(trace_time_real(&t, midnight + 11 * hour, 1),
	    midnight + 34 * hour);
	t.kind = TRACE_TIME_ANY;
	ck_assert_uint_eq(trace_time_real(&t, midnight, 1), 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("live");
	TCase *tc = tcase_create("words");

	tcase_add_test(tc, options_are_taken);
	tcase_add_loop_test(tc, errors_are_named, 0, NWRONG);
	tcase_add_test(tc, long_texts);
	tcase_add_loop_test(tc, times_are_read, 0,
	    sizeof(times) / sizeof(times[0]));
	tcase_add_test(tc, times_of_day_are_of_the_capture);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
