/* SPDX-License-Identifier: ISC */
/* A number for each option of the commands; those about tracing have theirs
 * in live/trace_option.h. */
#ifndef FR_CLI_OPTION_ID_H
#define FR_CLI_OPTION_ID_H

enum option_id {
	OPTION_NONE = 0x100, /* beyond all letters */
#define OPT(id, name, letter, arg, commands, help) OPTION_##id,
#include "cli/opts.def"
#undef OPT
	OPTION_HELP,
	OPTION_COUNT
};

#endif
