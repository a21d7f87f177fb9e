/* SPDX-License-Identifier: ISC */
/* What an inode table has inside, for its tests. */
#ifndef FR_TESTS_INODE_OWN_H
#define FR_TESTS_INODE_OWN_H

#include "passthrough/inode.h"

static inline const struct inode *
inode_own_root(const struct inode_table *t)
{
	return &t->root;
}

/* Places for nodes that are allocated. */
static inline uint32_t
inode_own_places(const struct inode_table *t)
{
	return t->slots.cap;
}

/* Buckets of the table by which files are found. */
static inline unsigned
inode_own_buckets(const struct inode_table *t)
{
	return t->hash->hh.tbl->num_buckets;
}

/* Descriptors that it holds, and above which it gives some up. */
static inline unsigned
inode_own_fds(const struct inode_table *t)
{
	return t->fds;
}

static inline void
inode_own_set_fds_max(struct inode_table *t, unsigned max)
{
	t->fds_max = max;
}

#endif
