/* SPDX-License-Identifier: ISC */
/* Decimal numbers in options. */
#ifndef FR_BASE_NUMBER_H
#define FR_BASE_NUMBER_H

#include <stdint.h>

#include "base/err.h"

/* The number of [min, max] that `text` begins with; *end is where it
 * stopped.  E_VALUE: there is none; then both are left alone. */
int number_take(const char *text, uint64_t min, uint64_t max, uint64_t *out,
    const char **end) ERR_MUSTCHECK;

/* The same, and nothing may follow. */
int number_parse(const char *text, uint64_t min, uint64_t max,
    uint64_t *out) ERR_MUSTCHECK;

#endif
