/* SPDX-License-Identifier: ISC */
/* Tables of options, and the values that options have. */
#include <check.h>
#include <getopt.h>
#include <string.h>

#include "base/option.h"
#include "tests/suite.h"

#define OPTION_INTO struct into

static struct into {
	int first; /* (offset 0 is none for OPT_GIVEN) */
	int flag, count, stopped;
	const char *text;
	enum {
		WORD_A,
		WORD_BC,
		WORD_D
	} word;
	uint32_t small;
	uint64_t size;
	unsigned ms;
	double fraction;
} into;

static const struct option_row rows[] = {
	OPT("flag", 'f', NULL, 1, "a flag", OPT_GIVEN(flag)),
	OPT("count", 'c', NULL, 1, "counted", OPT_COUNT(count)),
	OPT("text", 't', "TEXT", 1, NULL, OPT_TEXT(text), OPT_GIVEN(flag)),
	OPT("word", 0, "a|bc|d", 1, "one of them", OPT_WORD(word)),
	OPT("small", 0, "N", 1, NULL, OPT_NUMBER(small, 1, UINT32_MAX)),
	OPT("size", 0, "N", 1, NULL, OPT_SIZE(size, 10, UINT64_MAX)),
	OPT("ms", 0, "SEC", 1, NULL, OPT_SECONDS(ms)),
	OPT("fraction", 0, "SEC", 1, NULL, OPT_FRACTION(fraction)),
	OPT("stop", 0, NULL, 1, NULL, OPT_STOP(7)),
	OPT("other", 0, NULL, 2, "another command's", OPT_COUNT(count)),
	OPT(NULL, 'l', "WORD", 1, NULL, OPT_IGNORED),
};

static const struct option_table table = { rows,
	sizeof(rows) / sizeof(rows[0]), &into, NULL };

static char why[OPTION_WHY_MAX];
static int rest;

/* Read words with blanks between them. */
static int
take(const char *line)
{
	static char copy[500], name[] = "x";
	char *argv[20] = { name }, *word, *next = copy;
	int argc = 1;

	memset(&into, 0, sizeof(into));
	why[0] = '\0';
	strcpy(copy, line);
	while ((word = strtok_r(next, " ", &next)) != NULL)
		argv[argc++] = word;
	return option_read(&table, 1, 1, "+", argc, argv, &rest, why);
}

START_TEST(values_are_taken)
{
	ck_assert_int_eq(take("-fcc --count --word=bc -t x -l y -- --flag"),
	    E_OK);
	ck_assert_int_eq(rest, 9);
	ck_assert(into.flag == 1 && into.count == 3 && into.word == WORD_BC);
	ck_assert_str_eq(into.text, "x");
	ck_assert_int_eq(take("--small=4294967295 --size=16777215G"), E_OK);
	ck_assert_uint_eq(into.small, UINT32_MAX);
	ck_assert_uint_eq(into.size, 16777215ull << 30);
	ck_assert_int_eq(take("--ms=1.25 --fraction .5 --size=1k"), E_OK);
	ck_assert_uint_eq(into.ms, 1250);
	ck_assert(into.fraction == 0.5 && into.size == 1024);
	ck_assert_int_eq(take("--stop --nonsense"), 7);
	ck_assert_int_eq(option_take_text(&table, "small=3", why), E_OK);
	ck_assert_uint_eq(into.small, 3);
	ck_assert_int_eq(option_take_text(&table, "smal=3", why), E_NOTFOUND);
}
END_TEST

static const struct {
	const char *line;
	int r;
	const char *why;
} wrong[] = {
	{ "--word=b", E_VALUE, "--word=b: should be a, bc or d" },
	{ "--word=", E_VALUE, "--word=: should be a, bc or d" },
	{ "--small=0", E_VALUE,
	    "--small=0: not a number from 1 to 4294967295" },
	{ "--small=4294967296", E_VALUE, "--small=4294967296: not a number" },
	{ "--small=1K", E_VALUE, "--small=1K: not a number" },
	{ "--small=-1", E_VALUE, "--small=-1: not a number" },
	{ "--size=1", E_VALUE, "--size=1: not a number from 10 to " },
	{ "--size=17179869185G", E_VALUE, "--size=17179869185G: not a " },
	{ "--size=1KB", E_VALUE, "--size=1KB: not a number" },
	{ "--size=K", E_VALUE, "--size=K: not a number" },
	{ "--size=", E_VALUE, "--size=: not a number" },
	{ "--ms=-1", E_VALUE, "--ms=-1: not a number of seconds, 0 to " },
	{ "--ms=nan", E_VALUE, "--ms=nan: not a number of seconds" },
	{ "--ms=1s", E_VALUE, "--ms=1s: not a number of seconds" },
	{ "--other", E_NOTFOUND, "--other: not an option" },
	{ "-fq", E_NOTFOUND, "-fq: not an option" },
	{ "--text", E_NOTFOUND, "--text: not an option, or without its val" },
};

#define NWRONG (sizeof(wrong) / sizeof(wrong[0]))

START_TEST(errors_say_what_is_allowed)
{
	ck_assert_int_eq(take(wrong[_i].line), wrong[_i].r);
	ck_assert_msg(strncmp(why, wrong[_i].why, strlen(wrong[_i].why)) == 0,
	    "%s", why);
}
END_TEST

START_TEST(help_lists_what_a_command_has)
{
	char text[500] = "";
	FILE *to = fmemopen(text, sizeof(text), "w");

	option_help(to, &table, 1, 1);
	fclose(to);
	ck_assert_str_eq(text,
	    "  -f, --flag                     a flag\n"
	    "  -c, --count                    counted\n"
	    "      --word=a|bc|d              one of them\n");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("option");
	TCase *t = tcase_create("option");

	opterr = 0;
	tcase_add_test(t, values_are_taken);
	tcase_add_loop_test(t, errors_say_what_is_allowed, 0, (int)NWRONG);
	tcase_add_test(t, help_lists_what_a_command_has);
	suite_add_tcase(suite, t);
	return suite_run(suite);
}
