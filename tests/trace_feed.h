/* SPDX-License-Identifier: ISC */
/*
 * Records made of the sample messages, for the tests of src/trace/: every
 * request with each of its replies, every notification, by dialect a
 * session of its own.
 */
#ifndef FR_TESTS_TRACE_FEED_H
#define FR_TESTS_TRACE_FEED_H

#include "tests/wire_samples.h"
#include "trace/trace.h"

/* Hand all of them to `to`, with made-up times. */
void feed_samples(struct trace_sink *to);

/* Text that grows, for what views print. */
struct feed_text {
	char *p; /* owned */
	size_t len;
};

/* A view_out's put(). */
void feed_put(void *arg, const char *p, size_t n);

/* Is the line one JSON object, and nothing else? */
int feed_is_json(const char *line, size_t len);

#endif
