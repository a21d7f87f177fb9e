/* SPDX-License-Identifier: ISC */
/*
 * Tables of things that are found by a key: a number, or a struct of numbers
 * that has no padding.  Such a thing begins with a struct table_entry, and its
 * key follows.  A table is a pointer to its first entry, NULL while it has
 * none; the entries are in the order in which they came.
 */
#ifndef FR_BASE_TABLE_H
#define FR_BASE_TABLE_H

#include <stddef.h>

#include "base/err.h"
#include "base/hash.h"

struct table_entry {
	UT_hash_handle hh;
};

/* The entry with this key, of key_size bytes.  NULL: there is none. */
void *table_find(const struct table_entry *table, const void *key,
    size_t key_size);

/* The entry with this key; if there is none, a new one is added, all zeros but
 * for its key.  NULL: no memory. */
void *table_get(struct table_entry **table, const void *key, size_t key_size,
    size_t entry_size);

/* Add an entry, whose key no other may have.  E_NOMEM: it was not added. */
int table_add(struct table_entry **table, void *entry,
    size_t key_size) ERR_MUSTCHECK;

/* Take an entry out of the table, which its caller owns then; or free it,
 * too. */
void table_remove(struct table_entry **table, void *entry);
void table_drop(struct table_entry **table, void *entry);

/* Free all entries. */
void table_free(struct table_entry **table);

size_t table_count(const struct table_entry *table);

/* The entry that came after this one; NULL: none did. */
void *table_next(const void *entry);

#endif
