/* SPDX-License-Identifier: ISC */
#include "wire/names.h"

#include <inttypes.h>

static const struct {
	uint64_t value, mask;
	const char *name;
	uint8_t table;	  /* enum flag_table */
	uint8_t dialects; /* enum dialect_set */
} rows[] = {
#define VALUE(table, dialects, name, value, mask) \
	{ value, mask, #name, TABLE_##table, IN_##dialects },
#define FLAG(table, dialects, name, value) \
	{ value, value, #name, TABLE_##table, IN_##dialects },
#define UFLAG(table, since, name, value) \
	{ value, value, #name, TABLE_##table, IN_ALL },
#define INIT_FLAG(bit, name, since, dialect, relay)                    \
	{ UINT64_C(1) << (bit) % 32, UINT64_C(1) << (bit) % 32, #name, \
		bit < 32 ? TABLE_init : TABLE_init2, IN_##dialect },
#include "wire/flags.def"
#include "wire/init_flags.def"
#undef VALUE
#undef FLAG
#undef UFLAG
#undef INIT_FLAG
};

void
names_put(struct text *t, enum flag_table table, enum wire_dialect d,
    uint64_t v)
{
	uint64_t left = v, named = 0;
	const char *bar = "";
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].table != table ||
		    (rows[i].dialects & 1 << d) == 0 ||
		    (v & rows[i].mask) != rows[i].value ||
		    (named & rows[i].mask) == rows[i].mask)
			continue;
		text_str(t, bar);
		text_str(t, rows[i].name);
		bar = "|";
		named |= rows[i].mask;
		left &= ~rows[i].mask;
	}
	if (left != 0)
		text_put(t, "%s0x%" PRIx64, bar, left);
	else if (*bar == '\0')
		text_str(t, "0");
}
