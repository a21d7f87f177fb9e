/* SPDX-License-Identifier: ISC */
/* "fuserelay emulate": run with our own emulator as FUSE-T's server. */
#ifndef FR_CLI_EMULATE_H
#define FR_CLI_EMULATE_H

#include "cli/options.h"

/*
 * Turn parsed options into those of a run.  Opens descriptors that the
 * emulator inherits for its messages; they stay open for good.  E_NOMEM,
 * E_FULL, E_SYS, E_NOTFOUND (no emulator program), told on stderr.
 */
int emulate_prepare(struct options *o) ERR_MUSTCHECK;

#endif
