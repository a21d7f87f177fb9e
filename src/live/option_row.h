/* SPDX-License-Identifier: ISC */
/* Rows of options, as the .def files have them, and getopt_long(). */
#ifndef FR_LIVE_OPTION_ROW_H
#define FR_LIVE_OPTION_ROW_H

#include <getopt.h>
#include <stddef.h>

struct option_row {
	const char *name, *arg, *help;
	int id, letter;
	int commands; /* bits */
};

#define OPTION_ROW(id, name, letter, arg, commands, help) \
	{ name, arg, help, OPTION_##id, letter, commands },

/* The tables that getopt_long() wants, of the rows that have one of the
 * bits: longs has room for n + 1, shorts for 2 * n + 1. */
void option_rows_tables(const struct option_row *rows, size_t n, int bits,
    struct option *longs, char *shorts);

/* The row's id, of an id or a letter. */
int option_rows_id(const struct option_row *rows, size_t n, int id);

#endif
