/* SPDX-License-Identifier: ISC */
/* "fuserelay decode": what captures hold, as text. */
#ifndef FR_CLI_DECODE_H
#define FR_CLI_DECODE_H

#include "live/trace_opts.h"

/* Read the files (a list ended by NULL, "-" is standard input) in turn;
 * the exit status: 0, 1 if one was not whole or not a capture, 125. */
int decode_command(const struct trace_opts *o, char *const *files);

#endif
