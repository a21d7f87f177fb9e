/* SPDX-License-Identifier: ISC */
#include "live/option_row.h"

#include <string.h>

void
option_rows_tables(const struct option_row *rows, size_t n, int bits,
    struct option *longs, char *shorts)
{
	const struct option_row *row;

	for (row = rows; row < rows + n; row++) {
		if ((row->commands & bits) == 0)
			continue;
		*longs++ = (struct option){ row->name,
			row->arg != NULL ? required_argument : no_argument,
			NULL, row->id };
		if (!row->letter)
			continue;
		*shorts++ = (char)row->letter;
		if (row->arg != NULL)
			*shorts++ = ':';
	}
	memset(longs, 0, sizeof(*longs));
	*shorts = '\0';
}

int
option_rows_id(const struct option_row *rows, size_t n, int id)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (rows[i].letter != 0 && rows[i].letter == id)
			return rows[i].id;
	return id;
}
