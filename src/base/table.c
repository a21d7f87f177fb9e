/* SPDX-License-Identifier: ISC */
#include "base/table.h"

#include <stdlib.h>
#include <string.h>

void *
table_find(const struct table_entry *table, const void *key, size_t key_size)
{
	struct table_entry *e;

	HASH_FIND(hh, table, key, (unsigned)key_size, e);
	return e;
}

int
table_add(struct table_entry **table, void *entry, size_t key_size)
{
	struct table_entry *e = entry;

	HASH_ADD_KEYPTR(hh, *table, e + 1, (unsigned)key_size, e);
	return e->hh.tbl == NULL ? E_NOMEM : E_OK;
}

void *
table_get(struct table_entry **table, const void *key, size_t key_size,
    size_t entry_size)
{
	struct table_entry *e = table_find(*table, key, key_size);

	if (e != NULL || (e = calloc(1, entry_size)) == NULL)
		return e;
	memcpy(e + 1, key, key_size);
	if (table_add(table, e, key_size) == E_OK)
		return e;
	free(e);
	return NULL;
}

void
table_remove(struct table_entry **table, void *entry)
{
	struct table_entry *e = entry;

	HASH_DEL(*table, e);
}

void
table_drop(struct table_entry **table, void *entry)
{
	table_remove(table, entry);
	free(entry);
}

void
table_free(struct table_entry **table)
{
	while (*table != NULL)
		table_drop(table, *table);
}

size_t
table_count(const struct table_entry *table)
{
	return HASH_COUNT(table);
}

void *
table_next(const void *entry)
{
	return ((const struct table_entry *)entry)->hh.next;
}
