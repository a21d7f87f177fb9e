/* SPDX-License-Identifier: ISC */
/* A number for each option about tracing (opts_trace.def). */
#ifndef FR_LIVE_TRACE_OPTION_H
#define FR_LIVE_TRACE_OPTION_H

enum trace_option {
	OPTION_TRACE_NONE = 0x1000, /* beyond all letters and options */
#define OPT(id, name, letter, arg, commands, help) OPTION_##id,
#include "live/opts_trace.def"
#undef OPT
	OPTION_TRACE_COUNT
};

#endif
