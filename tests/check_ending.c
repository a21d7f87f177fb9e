/* SPDX-License-Identifier: ISC */
/* F20: how a daemon is ended that does not end by itself, step by step. */
#include <check.h>
#include <string.h>

#include "serve/ending.h"
#include "tests/suite.h"

#define NAME ENDING_NAME_STRANGERS

/* Of how many each way could make use, and which were tried. */
struct daemon {
	unsigned read, follow, term;
	char tried[8];
};

static unsigned
try(struct daemon *d, const char *word, unsigned n)
{
	strcat(d->tried, word);
	return n;
}

static unsigned
try_read(void *arg)
{
	struct daemon *d = arg;

	return try(d, "r", d->read);
}

static unsigned
try_follow(void *arg)
{
	struct daemon *d = arg;

	return try(d, "f", d->follow);
}

static unsigned
try_term(void *arg)
{
	struct daemon *d = arg;

	return try(d, "t", d->term);
}

static const struct ending_ways ways = { try_read, try_follow, try_term };

static const struct {
	struct daemon daemon;
	enum ending_way way;
	const char *tried; /* nothing beyond what was enough */
} begins[] = {
	{ { .read = 1 }, ENDING_BY_READ, "r" },
	{ { .read = 3, .follow = 2, .term = 1 }, ENDING_BY_READ, "r" },
	{ { .follow = 1 }, ENDING_BY_FOLLOW, "rf" },
	{ { .follow = 2, .term = 1 }, ENDING_BY_FOLLOW, "rf" },
	{ { .term = 1 }, ENDING_BY_TERM, "rft" },
	{ { .read = 0 }, ENDING_BY_EOF, "rft" },
};

START_TEST(f20_first_way)
{
	struct daemon d = begins[_i].daemon;
	struct ending e = ending_begin(&ways, &d);

	ck_assert_int_eq(e.way, begins[_i].way);
	ck_assert_int_eq(e.stage, ENDING_FIRST);
	ck_assert_str_eq(d.tried, begins[_i].tried);
	ck_assert_int_eq(ending_follows(&e), e.way == ENDING_BY_FOLLOW);
}
END_TEST

#define STEPS 6

/* A step for each of these ages, in seconds; the last finds nobody. */
static const struct step {
	long age_s;
	int held;
} steps[STEPS] = { { 0, 1 }, { 4, 1 }, { 5, 1 }, { 9, 1 }, { 10, 1 },
	{ 11, 0 } };

static const struct {
	enum ending_way way;
	unsigned acts[STEPS];
} rows[] = {
	{ ENDING_BY_READ,
	    { ENDING_TELL, ENDING_TELL,
		ENDING_TELL | ENDING_TERM | ENDING_CLOSE, ENDING_TELL,
		ENDING_TELL | ENDING_KILL, NAME | ENDING_CLOSE } },
	{ ENDING_BY_FOLLOW,
	    { ENDING_CLOSE, ENDING_CLOSE,
		ENDING_CLOSE | ENDING_LEAVE | ENDING_TERM, ENDING_CLOSE,
		ENDING_CLOSE | ENDING_KILL, NAME | ENDING_CLOSE } },
	{ ENDING_BY_TERM,
	    { 0, 0, ENDING_CLOSE, 0, ENDING_KILL, NAME | ENDING_CLOSE } },
	{ ENDING_BY_EOF,
	    { ENDING_CLOSE, ENDING_CLOSE, ENDING_CLOSE | ENDING_TERM,
		ENDING_CLOSE, ENDING_CLOSE | ENDING_KILL,
		NAME | ENDING_CLOSE } },
};

START_TEST(f20_steps)
{
	struct ending e = { .way = rows[_i].way };
	size_t i;

	for (i = 0; i < STEPS; i++)
		ck_assert_uint_eq(
		    ending_step(&e, steps[i].age_s, steps[i].held),
		    rows[_i].acts[i]);
	ck_assert_int_eq(e.stage, ENDING_OVER);
	ck_assert_uint_eq(ending_step(&e, 12, 0), 0);
}
END_TEST

/* A relay that did not run for a while takes one step at a time. */
START_TEST(f20_late)
{
	struct ending e = { .way = ENDING_BY_TERM };

	ck_assert_uint_eq(ending_step(&e, 60, 1), ENDING_CLOSE);
	ck_assert_uint_eq(ending_step(&e, 60, 1), ENDING_KILL);
	ck_assert_uint_eq(ending_step(&e, 60, 1), 0);
}
END_TEST

/* Whoever is followed is let go of when all ended in time. */
START_TEST(f20_followed_ends)
{
	struct ending e = { .way = ENDING_BY_FOLLOW };

	ck_assert_uint_eq(ending_step(&e, 0, 1), ENDING_CLOSE);
	ck_assert_uint_eq(ending_step(&e, 1, 0),
	    NAME | ENDING_CLOSE | ENDING_LEAVE);
	ck_assert_int_eq(ending_follows(&e), 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("ending");
	TCase *tc = tcase_create("ending");

	tcase_add_loop_test(tc, f20_first_way, 0,
	    (int)(sizeof(begins) / sizeof(begins[0])));
	tcase_add_loop_test(tc, f20_steps, 0,
	    (int)(sizeof(rows) / sizeof(rows[0])));
	tcase_add_test(tc, f20_late);
	tcase_add_test(tc, f20_followed_ends);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
