/* SPDX-License-Identifier: ISC */
/*
 * Command lines: tables of options, which are read with getopt_long(3), and
 * the values of options.
 */
#ifndef FR_BASE_OPTION_H
#define FR_BASE_OPTION_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"

#define OPTION_WHY_MAX 256
#define OPTION_ALL (~0) /* all commands have it */

/* An option of the command line, and why it is refused. */
struct option_given {
	const char *name;  /* as messages have it: "--spin" */
	const char *value; /* NULL: none */
	char *why;	   /* OPTION_WHY_MAX bytes */
};

/* What is done with an option's value; the row's variable has the type that is
 * named here. */
enum option_kind {
	OPTION_PLAIN,	 /* nothing but what `given` says */
	OPTION_TEXT,	 /* const char *: the value, borrowed */
	OPTION_COUNT,	 /* int: how often it was given */
	OPTION_WORD,	 /* enum: which of the words in `arg`, "a|b|c" */
	OPTION_NUMBER,	 /* 32 or 64 bits, unsigned: from min to max */
	OPTION_SIZE,	 /* the same, with an optional K, M or G behind it */
	OPTION_SECONDS,	 /* unsigned: ms; the value may have a fraction */
	OPTION_FRACTION, /* double: seconds */
	OPTION_CALL,	 /* take() is called */
	OPTION_STOP	 /* option_read() returns `min` at once */
};

struct option_row {
	const char *name; /* without dashes; NULL: only the letter */
	int letter;	  /* or 0 */
	const char *arg;  /* what help calls its value; NULL: it has none; in
			   * brackets: it may have one */
	int commands;	  /* bits: which commands have it */
	const char *help; /* NULL: not listed */
	enum option_kind kind;
	size_t at, size; /* the variable: its offset in the table's struct */
	uint64_t min, max;
	/* E_OK, E_VALUE (option_wrong()), or what option_read() shall return. */
	int (*take)(void *into, struct option_given *g);
	size_t given; /* the offset of an int that becomes 1; 0: none */
};

/* To write rows with; OPTION_INTO is the struct that has their variables. */
#define OPT(name, letter, arg, commands, help, ...)            \
	{                                                      \
		name, letter, arg, commands, help, __VA_ARGS__ \
	}
#define OPT_AT(field)                       \
	.at = offsetof(OPTION_INTO, field), \
	.size = sizeof(((OPTION_INTO *)NULL)->field)
#define OPT_GIVEN(field) .given = offsetof(OPTION_INTO, field)
#define OPT_IGNORED .kind = OPTION_PLAIN
#define OPT_TEXT(field) .kind = OPTION_TEXT, OPT_AT(field)
#define OPT_COUNT(field) .kind = OPTION_COUNT, OPT_AT(field)
#define OPT_WORD(field) .kind = OPTION_WORD, OPT_AT(field)
#define OPT_NUMBER(field, least, most) \
	.kind = OPTION_NUMBER, OPT_AT(field), .min = least, .max = most
#define OPT_SIZE(field, least, most) \
	.kind = OPTION_SIZE, OPT_AT(field), .min = least, .max = most
#define OPT_SECONDS(field) .kind = OPTION_SECONDS, OPT_AT(field)
#define OPT_FRACTION(field) .kind = OPTION_FRACTION, OPT_AT(field)
#define OPT_STOP(result) .kind = OPTION_STOP, .min = result
#define OPT_CALL(function) .kind = OPTION_CALL, .take = function

/* Rows, and the struct that has their variables. */
struct option_table {
	const struct option_row *rows;
	size_t n;
	void *into;
	/* Takes all of them, with `into`; NULL: each row says what does. */
	int (*take)(void *into, struct option_given *g);
};

/*
 * Take the options of argv (argv[0] is the program) that the tables have for
 * one of these commands; the index of the first word behind them goes to *rest.
 * An order of "+" stops at the first word that is no option, "" goes on behind
 * it.  E_VALUE: `why` says what is wrong; E_NOTFOUND: no such option, or one
 * without its value: the same, and getopt_long() has told, if opterr is set.
 */
int option_read(const struct option_table *tables, size_t n, int commands,
    const char *order, int argc, char *const argv[], int *rest,
    char why[OPTION_WHY_MAX]) ERR_MUSTCHECK;

/* Take an option from a text "NAME=VALUE".  E_VALUE: `why` says what is wrong;
 * E_NOTFOUND: the table has no such option. */
int option_take_text(const struct option_table *table, const char *text,
    char why[OPTION_WHY_MAX]) ERR_MUSTCHECK;

/* Print the list of options of these commands. */
void option_help(FILE *to, const struct option_table *tables, size_t n,
    int commands);

/* Refuse the option: its `why` becomes "--spin=x: " and this text.
 * E_VALUE. */
int option_wrong(struct option_given *g, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Read the option's value, or refuse the option: E_VALUE. */
int option_number(struct option_given *g, uint64_t min, uint64_t max,
    uint64_t *out) ERR_MUSTCHECK;
int option_size(struct option_given *g, uint64_t min, uint64_t max,
    uint64_t *out) ERR_MUSTCHECK;
/* A number, which may have a fraction; `unit` is what messages call its
 * unit. */
int option_decimal(struct option_given *g, const char *unit, double max,
    double *out) ERR_MUSTCHECK;

#endif
