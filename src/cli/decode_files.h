/* SPDX-License-Identifier: ISC */
/*
 * The files that "decode" reads, one after the other as one capture; more
 * than once if need be, standard input, too.
 */
#ifndef FR_CLI_DECODE_FILES_H
#define FR_CLI_DECODE_FILES_H

#include <stdio.h>

#include "trace/reader.h"

struct decode_files {
	char *const *names; /* borrowed; ended by NULL; "-": stdin */
	enum reader_format format;
	FILE *spool; /* owned: what came from stdin, or NULL */
	int opened;  /* any file */
};

void decode_files_init(struct decode_files *f, char *const *names,
    enum reader_format format);
void decode_files_fini(struct decode_files *f);

/* Standard input is to be read more than once: keep what comes.  E_SYS. */
int decode_files_keep(struct decode_files *f) ERR_MUSTCHECK;

/* Called with each record, which it may change; not 0: enough. */
typedef int decode_record_fn(void *arg, struct trace_record *r);

/*
 * Read all of them.  E_OK, or E_VALUE if one was not whole or not a capture:
 * with `tell`, stderr has been told why.
 */
int decode_files_read(struct decode_files *f, int tell, decode_record_fn *fn,
    void *arg) ERR_MUSTCHECK;

/* The name of one of them that is the same file as `path`; NULL: none. */
const char *decode_files_same(const struct decode_files *f, const char *path);

#endif
