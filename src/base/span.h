/* SPDX-License-Identifier: ISC */
/* Borrowed bytes: a view that its holder never frees. */
#ifndef FR_BASE_SPAN_H
#define FR_BASE_SPAN_H

#include <stddef.h>
#include <stdint.h>

struct span {
	const uint8_t *p;
	size_t len;
};

#endif
