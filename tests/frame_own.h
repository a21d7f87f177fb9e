/* SPDX-License-Identifier: ISC */
/* What a frame has inside, for its tests. */
#ifndef FR_TESTS_FRAME_OWN_H
#define FR_TESTS_FRAME_OWN_H

#include "frame/frame.h"

/* Its buffer, and the bytes that are allocated for it. */
static inline const uint8_t *
frame_own_buf(const struct frame *f)
{
	return f->buf;
}

static inline size_t
frame_own_cap(const struct frame *f)
{
	return f->cap;
}

/* Is this where the next bytes go, with room for so many in the buffer? */
static inline int
frame_own_is_room(const struct frame *f, const uint8_t *to, size_t room)
{
	return to == f->buf + f->have && f->have + room <= f->cap;
}

#endif
