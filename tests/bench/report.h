/* SPDX-License-Identifier: ISC */
/*
 * What a benchmark run found, as a plain text table and as JSON.
 */
#ifndef FR_BENCH_REPORT_H
#define FR_BENCH_REPORT_H

#include "load.h"

#define REPORT_ROUNDS_MAX 99

/* One measured side of a row, a value per round. */
struct sample {
	double rate[REPORT_ROUNDS_MAX]; /* messages per second */
	double cpu[REPORT_ROUNDS_MAX];	/* CPU seconds per message */
	double calls;			/* system calls per message, < 0: ? */
};

struct row {
	const struct load_kind *kind;
	unsigned depth;
	double floor; /* ratio it must not fall below */
	int wanted;   /* 0: not measured */
	struct sample base, relay;
};

struct report {
	struct row *rows;
	size_t count;
	unsigned rounds;	/* 1..REPORT_ROUNDS_MAX */
	double seconds;		/* of each measurement */
	double foreign;		/* processors that others used meanwhile */
	unsigned repeated;	/* measurements not counted for that */
	int sndbuf;		/* 0: the system's default */
	const char *shift;	/* of the daemon's buffers; may be NULL */
	const char *base_name;	/* "direct" or a relay's path */
	const char *relay_args; /* options of the relay under test */
};

/* Relay against base, of the medians. */
double report_ratio(const struct report *rep, const struct row *row);

void report_print(const struct report *rep);

/* E_SYS with errno if the file can't be written. */
int report_write_json(const struct report *rep,
    const char *path) ERR_MUSTCHECK;

#endif
