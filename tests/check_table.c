/* SPDX-License-Identifier: ISC */
/* A table, against an array that has the same things. */
#include <check.h>
#include <stdlib.h>

#include "base/table.h"
#include "tests/suite.h"

#define NUMBERS 300

struct thing {
	struct table_entry entry;
	uint64_t id;
};

static struct table_entry *set;

static struct thing *
thing_add(uint64_t number)
{
	struct thing *t = calloc(1, sizeof(*t));

	ck_assert_ptr_nonnull(t);
	t->id = number;
	ck_assert_int_eq(table_add(&set, t, sizeof(t->id)), E_OK);
	return t;
}

static struct thing *
thing_get(uint64_t number)
{
	struct thing *t = table_get(&set, &number, sizeof(number), sizeof(*t));

	ck_assert_ptr_nonnull(t);
	ck_assert_uint_eq(t->id, number);
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
	const struct thing *one;
	uint64_t id;
	unsigned i, n = 0, seen = 0;

	for (i = 0; i < NUMBERS; i++) {
		id = number_of(i);
		ck_assert_ptr_eq(table_find(set, &id, sizeof(id)), have[i]);
		n += have[i] != NULL;
	}
	ck_assert_uint_eq(table_count(set), n);
	for (one = (void *)set; one != NULL; one = table_next(one))
		seen++;
	ck_assert_uint_eq(seen, n);
	ck_assert((set == NULL) == (n == 0));
}

START_TEST(as_an_array_has_it)
{
	struct thing *have[NUMBERS] = { NULL };
	const uint64_t id = number_of(0);
	unsigned x = (unsigned)_i + 1, round, i;

	compare(have);
	for (round = 0; round < 2000; round++) {
		x = x * 1664525 + 1013904223;
		i = (x >> 8) % NUMBERS;
		if (have[i] == NULL) {
			have[i] = round % 2 == 0 ? thing_add(number_of(i)) :
						   thing_get(number_of(i));
		} else {
			ck_assert_ptr_eq(thing_get(number_of(i)), have[i]);
			table_remove(&set, have[i]);
			free(have[i]);
			have[i] = NULL;
		}
		if (round % 100 == 0)
			compare(have);
	}
	compare(have);
	table_free(&set);
	ck_assert_ptr_null(set);
	ck_assert_ptr_null(table_find(set, &id, sizeof(id)));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("table");
	TCase *tc = tcase_create("table");

	tcase_add_loop_test(tc, as_an_array_has_it, 0, 5);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
