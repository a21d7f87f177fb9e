/* SPDX-License-Identifier: ISC */
#include "frame/frame.h"

#include <string.h>

#include "base/msgbuf.h"

/* The length word at the front of every message. */
#define LEN_WORD 4

int
frame_init(struct frame *f, size_t min, size_t max)
{
	memset(f, 0, sizeof(*f));
	f->min = min < LEN_WORD ? LEN_WORD : min;
	f->max = max;
	f->cap = FRAME_READ;
	if ((f->buf = msgbuf_new(f->cap)) == NULL)
		return E_NOMEM;
	return E_OK;
}

void
frame_fini(struct frame *f)
{
	msgbuf_free(f->buf);
	f->buf = NULL;
	f->cap = f->taken = f->have = 0;
}

struct span
frame_waiting(const struct frame *f)
{
	return (struct span){ f->buf + f->taken, f->have - f->taken };
}

/* The length word of the first waiting message; 0 if not here yet. */
static uint32_t
frame_len_word(const struct frame *f)
{
	uint32_t len = 0;

	if (frame_waiting(f).len >= LEN_WORD)
		memcpy(&len, f->buf + f->taken, sizeof(len));
	return len;
}

/* Make the buffer hold `want` bytes from `taken` on: move what waits to its
 * begin, or grow it. */
static int
frame_make_room(struct frame *f, size_t want)
{
	size_t waiting = frame_waiting(f).len, cap;
	uint8_t *p;

	if (f->cap - f->taken >= want)
		return E_OK;
	if (f->taken > 0) {
		memmove(f->buf, f->buf + f->taken, waiting);
		f->taken = 0;
		f->have = waiting;
	}
	if (f->cap >= want)
		return E_OK;
	for (cap = f->cap; cap < want;)
		cap *= 2;
	if ((p = msgbuf_new(cap)) == NULL)
		return E_NOMEM;
	memcpy(p, f->buf, waiting);
	msgbuf_free(f->buf);
	f->buf = p;
	f->cap = cap;
	return E_OK;
}

uint8_t *
frame_room(struct frame *f, size_t *len)
{
	size_t waiting = frame_waiting(f).len, word, lacks;

	word = frame_len_word(f);
	lacks = word > waiting ? word - waiting : 0;
	if (lacks > FRAME_IN_PLACE) {
		/* (frame_next() has checked this length.) */
		if (frame_make_room(f, word) != E_OK)
			return NULL;
		*len = lacks;
	} else {
		if (frame_make_room(f, waiting + FRAME_READ / 2) != E_OK)
			return NULL;
		*len = f->cap - f->have;
		if (*len > FRAME_READ)
			*len = FRAME_READ;
	}
	return f->buf + f->have;
}

void
frame_commit(struct frame *f, size_t n)
{
	f->have += n;
	if (f->pieces++ == 0)
		f->first = n;
	f->stats.bytes += n;
	f->stats.reads++;
}

int
frame_next(struct frame *f, struct frame_msg *m)
{
	uint32_t len = frame_len_word(f);

	if (frame_waiting(f).len < LEN_WORD)
		return 0;
	if (len < f->min || len > f->max)
		return E_DESYNC;
	if (frame_waiting(f).len < len)
		return 0;
	m->p = f->buf + f->taken;
	m->len = len;
	m->offset = f->offset;
	m->pieces = f->pieces;
	m->first = f->first < len ? f->first : len;
	m->index = f->index;
	f->taken += len;
	f->offset += len;
	/* The bytes behind the message all came with the last read. */
	f->first = frame_waiting(f).len;
	f->pieces = f->first > 0 ? 1 : 0;
	f->index = f->pieces == 0 ? 0 : m->pieces > 1 ? 1 : m->index + 1;
	f->stats.messages++;
	if (m->pieces > 1)
		f->stats.split++;
	if (m->index > 0 || f->pieces > 0)
		f->stats.joined++;
	if (len > f->stats.largest)
		f->stats.largest = len;
	return 1;
}

size_t
frame_partial(const struct frame *f, size_t *want)
{
	*want = frame_len_word(f);
	return frame_waiting(f).len;
}
