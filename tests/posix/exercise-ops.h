/* SPDX-License-Identifier: ISC */
/* The operations of posix-exercise: made by chance, written, read again. */
#ifndef FR_TESTS_POSIX_EXERCISE_OPS_H
#define FR_TESTS_POSIX_EXERCISE_OPS_H

#define SIZE_MAX_FILE (256u * 1024)
#define OPS_MAX 100000u

enum kind {
	READ,
	WRITE,
	APPEND,
	TRUNCATE,
	MAPREAD,
	MAPWRITE,
	ALLOCATE,
	PUNCH,
	ZERO,
	COPY,
	REOPEN,
	SYNC,
	FORGET,
	RENAME,
	CHECK,
	KINDS
};

struct op {
	enum kind kind;
	unsigned which; /* 0 or 1: the descriptor */
	unsigned off, len;
	unsigned to;	    /* copy: target offset */
	unsigned char byte; /* write: what */
};

/* One by chance (random()). */
void op_random(struct op *o);

/* A line for each, as ops_read() reads them. */
void ops_print(const struct op *ops, unsigned n);

/* From a file; how many, at most OPS_MAX.  0: none, or not such a file
 * (errno). */
unsigned ops_read(const char *name, struct op *ops);

#endif
