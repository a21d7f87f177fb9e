/* SPDX-License-Identifier: ISC */
/* A set of numbered things, against an array that has them too. */
#include <check.h>
#include <stdlib.h>

#include "base/numbered.h"
#include "tests/suite.h"

#define NUMBERS 300

struct thing {
	struct numbered id;
};

static struct numbered *set;

static struct thing *
thing_add(uint64_t number)
{
	struct thing *t = calloc(1, sizeof(*t));

	ck_assert_ptr_nonnull(t);
	t->id.number = number;
	ck_assert_int_eq(numbered_add(&set, &t->id), E_OK);
	return t;
}

/* Far apart, and alike in their low halves. */
static uint64_t
number_of(unsigned i)
{
	return (uint64_t)(i % 7) << 32 | i / 7;
}

static void
compare(struct thing *const *have)
{
	const struct numbered *one;
	unsigned i, n = 0, seen = 0;

	for (i = 0; i < NUMBERS; i++) {
		ck_assert_ptr_eq(numbered_find(set, number_of(i)), have[i]);
		n += have[i] != NULL;
	}
	ck_assert_uint_eq(numbered_count(set), n);
	for (one = set; one != NULL; one = numbered_next(one))
		seen++;
	ck_assert_uint_eq(seen, n);
	ck_assert((set == NULL) == (n == 0));
}

START_TEST(as_an_array_has_it)
{
	struct thing *have[NUMBERS] = { NULL };
	unsigned x = (unsigned)_i + 1, round, i;

	compare(have);
	for (round = 0; round < 2000; round++) {
		x = x * 1664525 + 1013904223;
		i = (x >> 8) % NUMBERS;
		if (have[i] == NULL) {
			have[i] = thing_add(number_of(i));
		} else {
			numbered_remove(&set, &have[i]->id);
			free(have[i]);
			have[i] = NULL;
		}
		if (round % 100 == 0)
			compare(have);
	}
	compare(have);
	numbered_free(&set);
	ck_assert_ptr_null(set);
	ck_assert_ptr_null(numbered_find(set, number_of(0)));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("numbered");
	TCase *tc = tcase_create("set");

	tcase_add_loop_test(tc, as_an_array_has_it, 0, 5);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
