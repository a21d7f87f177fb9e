/* SPDX-License-Identifier: ISC */
/* Figures as text that Prometheus collects. */
#ifndef FR_TRACE_PROMETHEUS_H
#define FR_TRACE_PROMETHEUS_H

#include "trace/summary.h"

struct prometheus {
	const struct model *model;
	const struct summary *summary;
	const char *labels;  /* 'k="v",...' for all, or "" */
	const char *version; /* of the program */
	uint64_t lost;	     /* parts of traces that were left out */
	uint64_t now_ns;     /* CLOCK_MONOTONIC */
};

void prometheus_print(const struct prometheus *p, const struct view_out *out);

/*
 * Append k="v" for the argument "k=v" to `labels` of cap bytes, with a
 * comma if it is not the first.  E_VALUE: not such a name; E_FULL.
 */
int prometheus_label(char *labels, size_t cap, const char *arg) ERR_MUSTCHECK;

#endif
