/* SPDX-License-Identifier: ISC */
/* Decimal numbers in options. */
#ifndef FR_BASE_NUMBER_H
#define FR_BASE_NUMBER_H

#include <stdint.h>

#include "base/err.h"

/* The decimal number from min to max that `text` begins with; *end points
 * behind it.  E_VALUE: there is no such number; *out and *end are
 * unchanged. */
int number_take(const char *text, uint64_t min, uint64_t max, uint64_t *out,
    const char **end) ERR_MUSTCHECK;

/* The same, of a text that has nothing behind the number. */
int number_parse(const char *text, uint64_t min, uint64_t max,
    uint64_t *out) ERR_MUSTCHECK;

#endif
