/* SPDX-License-Identifier: ISC */
/*
 * Read captures back: our pcap files, and dumps of gluster's kind.  A file
 * is not trusted in any way.
 */
#ifndef FR_TRACE_READER_H
#define FR_TRACE_READER_H

#include <stdio.h>

#include "trace/padded.h"
#include "trace/record.h"

#define READER_WHY_MAX 400

enum reader_format {
	READER_CAPTURE,
	READER_FUSEDUMP
};

struct reader;

/* Read from f, which becomes the reader's in any case.  E_NOMEM; E_VALUE,
 * with the cause in `why`: not such a file. */
int reader_open(struct reader **out, FILE *f, enum reader_format format,
    char why[READER_WHY_MAX]) ERR_MUSTCHECK;
void reader_free(struct reader *rd);

/*
 * The next record: 1 and *r, valid until the next call; 0 at the end; E_EOF
 * if the file ends within a record, E_VALUE if nobody knows where the next
 * one begins, with the cause and the byte offset in `why`.  A packet that is
 * no record is passed over.
 */
int reader_next(struct reader *rd, struct trace_record *r,
    char why[READER_WHY_MAX]) ERR_MUSTCHECK;

/* How many packets were passed over, and what was wrong with the first. */
uint64_t reader_skipped(const struct reader *rd, char why[READER_WHY_MAX]);

/* Its number in the file, from 1: that of its packet in a capture. */
uint64_t reader_number(const struct reader *rd);

#endif
