/* SPDX-License-Identifier: ISC */
/*
 * The rows of the workloads.
 *
 * A row answers E_OK or, after row_fail() said why, something else.  Names
 * that it makes stay behind for later rows and the clean-up.
 */
#ifndef FR_EMULATOR_ROWS_H
#define FR_EMULATOR_ROWS_H

#include "emulator/transfer.h"

struct rows {
	struct client *c;
	uint64_t seed;
	unsigned window;
	uint64_t size;	   /* of the row's file, in bytes */
	uint64_t fill;	   /* bytes to read, in laps if need be */
	uint64_t dir;	   /* node of the rows' own directory */
	char dir_name[64]; /* its name in the root */
	char why[CLIENT_WHY_MAX + 100];
};

/* Keep why the row fails: "what name: reason".  Answers r, or if that is
 * E_OK, E_VALUE. */
int row_fail(struct rows *w, int r, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Open name in the rows' directory (parent 0) or another. */
int row_open(struct rows *w, uint64_t parent, const char *name, uint32_t flags,
    struct calls_file *f) ERR_MUSTCHECK;

/* Make a file of size bytes whose contents follow from its name; read
 * name as if it had been made as `made`. */
int row_make(struct rows *w, uint64_t parent, const char *name,
    uint64_t size) ERR_MUSTCHECK;
int row_same(struct rows *w, uint64_t parent, const char *name,
    const char *made, uint64_t size) ERR_MUSTCHECK;

/* Close a file, whatever r is by now; r, or if that is 0, how it went. */
int row_close(struct rows *w, int r, const struct calls_file *f,
    const char *name) ERR_MUSTCHECK;

/* LOOKUP of name must answer ENOENT. */
int row_absent(struct rows *w, uint64_t parent,
    const char *name) ERR_MUSTCHECK;

int row_start(struct rows *w) ERR_MUSTCHECK;
int row_one_file(struct rows *w) ERR_MUSTCHECK;
int row_twenty_files(struct rows *w) ERR_MUSTCHECK;
int row_large_file(struct rows *w) ERR_MUSTCHECK;
int row_delete(struct rows *w) ERR_MUSTCHECK;
int row_mkdir(struct rows *w) ERR_MUSTCHECK;
int row_nested_file(struct rows *w) ERR_MUSTCHECK;
int row_rename(struct rows *w) ERR_MUSTCHECK;
int row_rename_over(struct rows *w) ERR_MUSTCHECK;
int row_truncate_open(struct rows *w) ERR_MUSTCHECK;
int row_append_two(struct rows *w) ERR_MUSTCHECK;
int row_readdir(struct rows *w) ERR_MUSTCHECK;
int row_statfs(struct rows *w) ERR_MUSTCHECK;
int row_forget(struct rows *w) ERR_MUSTCHECK;
int row_clean_up(struct rows *w) ERR_MUSTCHECK;

#endif
