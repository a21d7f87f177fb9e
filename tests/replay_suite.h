/* SPDX-License-Identifier: ISC */
/* What the tests of a replay run in: one case with set-up and tear-down. */
#ifndef FR_TESTS_REPLAY_SUITE_H
#define FR_TESTS_REPLAY_SUITE_H

#include <check.h>

/* Run the tests that add() names; what main() returns. */
int replay_suite(const char *name, void (*setup)(void), void (*teardown)(void),
    void (*add)(TCase *tc));

#endif
