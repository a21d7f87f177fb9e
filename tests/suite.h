/* SPDX-License-Identifier: ISC */
/* What every unit test ends with. */
#ifndef FR_TESTS_SUITE_H
#define FR_TESTS_SUITE_H

#include <check.h>

/* Run and free the suite; what main() returns. */
int suite_run(Suite *s);

#endif
