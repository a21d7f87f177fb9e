/* SPDX-License-Identifier: ISC */
/* An inode table on a directory of its own, for the tests of the table. */
#ifndef FR_TESTS_INODE_BED_H
#define FR_TESTS_INODE_BED_H

#include <sys/stat.h>

#include "passthrough/inode.h"

extern struct inode_table bed_table;
extern int bed_dir_fd; /* of the directory, the table's root */

/* Before and after each test; the latter wants everything forgotten. */
void bed_setup(unsigned fds_max);
void bed_teardown(void);

/* Files can't be opened by their handles from now on. */
void bed_no_handles(void);

const struct inode *bed_root(void);

/* No more descriptors than that are open. */
void bed_fds_count_check(unsigned want_at_most);

/* Makes a file. */
void bed_make(const char *name);

/* Looks a name up, in the root or below dir; answers the node id. */
uint64_t bed_look(const char *name, struct stat *st);
uint64_t bed_look_below(uint64_t dir, const char *name, struct stat *st);

/* 0: the node is on that file; -1: on another; or what inode_get() says. */
int bed_is_on(uint64_t id, const struct stat *want);

#endif
