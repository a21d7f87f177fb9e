/* SPDX-License-Identifier: ISC */
/* F56: which signals are one wish to end. */
#include <check.h>
#include <signal.h>

#include "base/wish.h"
#include "tests/suite.h"

static enum wish_kind
heard(struct wish *w, int sig, long long ms)
{
	/* Not from 0 on: a clock may stand anywhere. */
	const struct timespec now = { 100 + (ms + 700) / 1000,
		(ms + 700) % 1000 * 1000000 };

	return wish_heard(w, sig, &now);
}

START_TEST(f56_within_a_second)
{
	static const long long ms[] = { 0, 1, 299, 300, 999 };
	struct wish w = { 0 };
	size_t i;

	ck_assert_int_eq(heard(&w, SIGTERM, 0), WISH_NEW);
	for (i = 0; i < sizeof(ms) / sizeof(ms[0]); i++)
		ck_assert_int_eq(heard(&w, i % 2 ? SIGHUP : SIGTERM, ms[i]),
		    WISH_SAME);
	ck_assert_int_eq(w.sig, SIGTERM);
}
END_TEST

START_TEST(f56_a_second_later)
{
	struct wish w = { 0 };

	ck_assert_int_eq(heard(&w, SIGHUP, 0), WISH_NEW);
	ck_assert_int_eq(heard(&w, SIGINT, 1000), WISH_INSISTS);
	ck_assert_int_eq(heard(&w, SIGHUP, 86400000), WISH_INSISTS);
	ck_assert_int_eq(w.sig, SIGHUP);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("wish");
	TCase *tc = tcase_create("wish");

	tcase_add_test(tc, f56_within_a_second);
	tcase_add_test(tc, f56_a_second_later);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
