/* SPDX-License-Identifier: ISC */
#include "live/trace_words.h"

#include <getopt.h>
#include <stdio.h>
#include <unistd.h>

static int
words_wrong(struct trace_opts *t, const char *what, const char *why)
{
	snprintf(t->why, sizeof(t->why), "%s: %s", what, why);
	return E_VALUE;
}

/* Copy, with the process' number for %p. */
static int
words_copy(struct trace_words *w, const char *text)
{
	size_t n = 0;
	int len;

	for (; *text != '\0'; text++) {
		if (text[0] == '%' && text[1] == 'p') {
			len = snprintf(w->text + n, sizeof(w->text) - n, "%ld",
			    (long)getpid());
			n += (size_t)len;
			text++;
		} else if (n < sizeof(w->text)) {
			w->text[n++] = *text;
		}
		if (n >= sizeof(w->text))
			return E_BIG;
	}
	w->text[n] = '\0';
	return E_OK;
}

static int
words_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* Cut the copy into words, in place; quotes go away. */
static int
words_cut(struct trace_words *w)
{
	char *from = w->text, *to = w->text, quote;

	w->argv[0] = (char *)(uintptr_t) "";
	for (w->argc = 1;; w->argc++) {
		while (words_is_blank(*from))
			from++;
		if (*from == '\0')
			break;
		if (w->argc > TRACE_WORDS_MAX)
			return E_BIG;
		w->argv[w->argc] = to;
		for (quote = '\0'; *from != '\0'; from++) {
			if (quote == '\0' && words_is_blank(*from))
				break;
			if (*from == quote)
				quote = '\0';
			else if (quote == '\0' &&
			    (*from == '\'' || *from == '"'))
				quote = *from;
			else
				*to++ = *from;
		}
		if (quote != '\0')
			return E_VALUE;
		from += *from != '\0';
		*to++ = '\0';
	}
	w->argv[w->argc] = NULL;
	return E_OK;
}

int
trace_words(struct trace_opts *t, const char *text, struct trace_words *w)
{
	const struct option_table table = trace_opts_table(t);
	int r, rest, said = opterr;

	if ((r = words_copy(w, text)) == E_OK)
		r = words_cut(w);
	if (r != E_OK)
		return words_wrong(t, text,
		    r == E_BIG ? "too long" : "a quote is not closed");
	opterr = 0;
	r = option_read(&table, 1, IN_RELAY, "+", w->argc, w->argv, &rest,
	    t->why);
	opterr = said;
	if (r == E_OK && rest < w->argc)
		r = words_wrong(t, w->argv[rest], "not an option");
	if (r == E_OK)
		r = trace_opts_check(t);
	return r == E_OK ? E_OK : E_VALUE;
}
