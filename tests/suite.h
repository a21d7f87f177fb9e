/* SPDX-License-Identifier: ISC */
/* What every unit test ends with, and how long it may take. */
#ifndef FR_TESTS_SUITE_H
#define FR_TESTS_SUITE_H

#include <check.h>

/*
 * When a test, and what it waits for, is taken to hang, in seconds.  This ends
 * what would go on for ever, and is no measure of speed: machines are busy,
 * and sanitizers slow.  (CK_DEFAULT_TIMEOUT in the environment has its way.)
 */
#define SUITE_LIMIT_S 600
#define SUITE_PATIENCE_S 120
#define SUITE_PATIENCE_MS (SUITE_PATIENCE_S * 1000)

#define SUITE_TEXT(x) SUITE_TEXT_OF(x)
#define SUITE_TEXT_OF(x) #x

/* Run and free the suite; what main() returns. */
int suite_run(Suite *s);

#endif
