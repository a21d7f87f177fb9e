/* SPDX-License-Identifier: ISC */
/* What a request lets expect of its reply. */
#ifndef FR_WIRE_EXPECT_H
#define FR_WIRE_EXPECT_H

#include <stdint.h>

#include "base/span.h"
#include "wire/ops.h"

/* What must be kept of a request to judge its reply. */
struct wire_expect {
	uint32_t opcode;
	uint32_t fixed;	 /* fixed bytes that must come, header excluded */
	uint32_t tail;	 /* at most so many variable bytes behind them */
	uint8_t known;	 /* 0: opcode without a row, any body passes */
	uint8_t noreply; /* never answered */
	uint8_t shrinks; /* fixed part may be cut short too (INIT) */
	/* What else the check of a reply needs, by the request's opcode. */
	union {
		struct {
			int is_dots; /* it asks for "." or ".." */
		} lookup;
		struct {	       /* of requests that make a node */
			uint32_t type; /* S_IFMT that is asked for, or 0 */
		} made;
		struct {
			uint32_t size;	/* bytes to be written */
			uint32_t flags; /* FUSE_WRITE_* */
		} write;
		struct {	      /* COPY_FILE_RANGE, in both forms */
			uint64_t len; /* bytes to be copied */
		} copy;
		struct {
			uint32_t out_size; /* bytes that the caller takes */
			uint32_t flags;	   /* FUSE_IOCTL_* */
		} ioctl;
	};
};

/* Fill *e from a request that wire_check_request() accepted. */
void wire_expect_set(struct wire_expect *e, const struct wire_proto *pr,
    struct span request);

#endif
