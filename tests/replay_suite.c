/* SPDX-License-Identifier: ISC */
#include "tests/replay_suite.h"

#include "tests/suite.h"

int
replay_suite(const char *name, void (*setup)(void), void (*teardown)(void),
    void (*add)(TCase *tc))
{
	Suite *s = suite_create(name);
	TCase *tc = tcase_create("replay");

	tcase_add_checked_fixture(tc, setup, teardown);
	add(tc);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
