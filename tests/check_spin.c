/* SPDX-License-Identifier: ISC */
/* When the loop looks again and when it sleeps. */
#include <check.h>

#include "relay/spin.h"
#include "tests/suite.h"

#define USEC 1000u
#define LIMIT 50u

static struct spin sp;
static uint64_t now;

static void
spin_setup(void)
{
	spin_init(&sp, LIMIT);
	now = 1;
}

/* Traffic, then silence: how long was looked for more, in microseconds. */
static unsigned
burst(enum spin_side side)
{
	unsigned usec = 0;

	spin_traffic(&sp, side);
	while (spin_again(&sp, now) != SPIN_SLEEP) {
		ck_assert_uint_lt(usec, 2 * LIMIT);
		now += USEC;
		usec++;
	}
	ck_assert_int_eq(spin_again(&sp, now), SPIN_SLEEP);
	return usec;
}

/* What bad luck leads to: one look in 64. */
static void
discourage(enum spin_side side)
{
	int i;

	for (i = 0; i < 1000; i++)
		burst(side);
}

START_TEST(sleeps_without_traffic)
{
	ck_assert_int_eq(spin_again(&sp, now), SPIN_SLEEP);
	ck_assert_uint_eq(burst(SPIN_FRONT), LIMIT);
	now += 1000000 * USEC;
	ck_assert_int_eq(spin_again(&sp, now), SPIN_SLEEP);
}
END_TEST

START_TEST(off_never_looks)
{
	spin_init(&sp, 0);
	ck_assert_uint_eq(burst(SPIN_FRONT), 0);
	ck_assert_uint_eq(burst(SPIN_DEVICE), 0);
}
END_TEST

START_TEST(traffic_prolongs)
{
	int i;

	for (i = 0; i < 1000; i++) {
		spin_traffic(&sp, i % 3 == 0 ? SPIN_FRONT : SPIN_DEVICE);
		ck_assert_int_eq(spin_again(&sp, now), SPIN_LOOK);
		now += (LIMIT - 1) * USEC;
		ck_assert_int_eq(spin_again(&sp, now), SPIN_LOOK_ON);
	}
	now += USEC;
	ck_assert_int_eq(spin_again(&sp, now), SPIN_SLEEP);
}
END_TEST

START_TEST(backs_off)
{
	unsigned i, looked;

	for (i = 0; i <= SPIN_MISSES_FREE; i++)
		ck_assert_uint_eq(burst(SPIN_FRONT), LIMIT);
	ck_assert_uint_eq(burst(SPIN_FRONT), 0);
	ck_assert_uint_eq(burst(SPIN_FRONT), LIMIT);
	discourage(SPIN_FRONT);
	for (i = looked = 0; i < 640; i++)
		looked += burst(SPIN_FRONT) > 0;
	ck_assert_uint_eq(looked, 10);
}
END_TEST

START_TEST(recovers)
{
	discourage(SPIN_FRONT);
	do {
		spin_traffic(&sp, SPIN_FRONT);
		now += USEC;
	} while (spin_again(&sp, now) == SPIN_SLEEP);
	/* A look that finds something, and all is as at the start. */
	spin_traffic(&sp, SPIN_FRONT);
	ck_assert_int_eq(spin_again(&sp, now), SPIN_LOOK);
	now += LIMIT * USEC;
	ck_assert_int_eq(spin_again(&sp, now), SPIN_SLEEP);
	ck_assert_uint_eq(burst(SPIN_FRONT), LIMIT);
}
END_TEST

/* A front that asks now and then, a daemon that always answers at once. */
START_TEST(judges_sides_apart)
{
	unsigned i, looked = 0;

	discourage(SPIN_DEVICE);
	for (i = 0; i < 640; i++) {
		spin_traffic(&sp, SPIN_FRONT);
		ck_assert_int_eq(spin_again(&sp, now), SPIN_LOOK);
		now += USEC;
		looked += burst(SPIN_DEVICE) > 0;
	}
	ck_assert_uint_eq(looked, 10);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("spin");
	TCase *tc = tcase_create("spin");

	tcase_add_checked_fixture(tc, spin_setup, NULL);
	tcase_add_test(tc, sleeps_without_traffic);
	tcase_add_test(tc, off_never_looks);
	tcase_add_test(tc, traffic_prolongs);
	tcase_add_test(tc, backs_off);
	tcase_add_test(tc, recovers);
	tcase_add_test(tc, judges_sides_apart);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
