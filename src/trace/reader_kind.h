/* SPDX-License-Identifier: ISC */
/* The inside of a reader; private to its kinds. */
#ifndef FR_TRACE_READER_KIND_H
#define FR_TRACE_READER_KIND_H

#include "trace/reader.h"

struct reader_ops {
	int (*open)(struct reader *rd, char *why);
	int (*next)(struct reader *rd, struct trace_record *r, char *why);
	void (*close)(struct reader *rd);
};

struct reader {
	const struct reader_ops *ops;
	FILE *f;		       /* owned, until the kind takes it */
	void *own;		       /* the kind's, owned */
	unsigned long long offset;     /* of the next byte to read */
	uint64_t number;	       /* of the record at hand */
	uint64_t skipped;	       /* packets that are no records */
	char skip_why[READER_WHY_MAX]; /* of the first of them */
	struct padded padded;
	struct wire_proto proto; /* of the record at hand */
};

extern const struct reader_ops reader_capture_ops, reader_fusedump_ops;

#endif
