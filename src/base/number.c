/* SPDX-License-Identifier: ISC */
#include "base/number.h"

#include <errno.h>
#include <stdlib.h>

int
number_take(const char *text, uint64_t min, uint64_t max, uint64_t *out,
    const char **end)
{
	unsigned long long n;
	char *stop;

	if (*text < '0' || *text > '9')
		return E_VALUE;
	errno = 0;
	n = strtoull(text, &stop, 10);
	if (errno != 0 || n < min || n > max)
		return E_VALUE;
	*out = n;
	*end = stop;
	return E_OK;
}

int
number_parse(const char *text, uint64_t min, uint64_t max, uint64_t *out)
{
	const char *end = "";
	uint64_t n;

	if (number_take(text, min, max, &n, &end) != E_OK || *end != '\0')
		return E_VALUE;
	*out = n;
	return E_OK;
}
