/* SPDX-License-Identifier: ISC */
/* Trace options in one text, for programs without a command line. */
#ifndef FR_LIVE_TRACE_WORDS_H
#define FR_LIVE_TRACE_WORDS_H

#include "live/trace_opts.h"

#define TRACE_WORDS_MAX 64
#define TRACE_WORDS_TEXT 4096

struct trace_words {
	char text[TRACE_WORDS_TEXT];
	char *argv[TRACE_WORDS_MAX + 2];
	int argc;
};

/*
 * Take the options that the text consists of, as on a command line: words
 * with blanks in between, '...' and "..." around what holds some, %p for
 * this process' number.  w is what t then borrows from.  E_VALUE: t->why
 * says what is wrong.
 */
int trace_words(struct trace_opts *t, const char *text,
    struct trace_words *w) ERR_MUSTCHECK;

#endif
