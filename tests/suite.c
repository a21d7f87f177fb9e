/* SPDX-License-Identifier: ISC */
#include "tests/suite.h"

#include <stdlib.h>

/* Check asks for it when a test case is made, which is before suite_run(). */
__attribute__((constructor)) static void
suite_limit(void)
{
	setenv("CK_DEFAULT_TIMEOUT", SUITE_TEXT(SUITE_LIMIT_S), 0);
}

int
suite_run(Suite *s)
{
	SRunner *runner = srunner_create(s);
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
