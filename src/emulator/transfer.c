/* SPDX-License-Identifier: ISC */
#include "emulator/transfer.h"

#include <stdlib.h>
#include <string.h>

#include "channel/rng.h"
#include "wire/get.h"

struct transfer_slot {
	struct client_call call;
	uint64_t offset;
	size_t size; /* 0: free */
};

struct transfer_run {
	struct transfer *t;
	struct client *c;
	const struct calls_file *f;
	struct transfer_slot slot[TRANSFER_WINDOW_MAX];
	uint8_t *data; /* owned: contents of one message */
};

/* The contents in units of 8 bytes: number n of them. */
static uint64_t
transfer_word(uint64_t seed, uint64_t n)
{
	uint64_t state = seed + n * 0xd1342543de82ef95;

	return rng_next(&state);
}

void
transfer_fill(uint64_t seed, uint64_t offset, uint8_t *p, size_t len)
{
	uint64_t word;
	size_t skip, n;

	for (; len > 0; p += n, offset += n, len -= n) {
		word = transfer_word(seed, offset / 8);
		skip = (size_t)(offset % 8);
		n = 8 - skip < len ? 8 - skip : len;
		memcpy(p, (uint8_t *)&word + skip, n);
	}
}

static int
transfer_begin(struct transfer_run *run, struct transfer *t, struct client *c,
    const struct calls_file *f)
{
	size_t size = c->max_write > c->max_read ? c->max_write : c->max_read;

	memset(run, 0, sizeof(*run));
	run->t = t;
	run->c = c;
	run->f = f;
	if ((run->data = malloc(size)) == NULL)
		return E_NOMEM;
	return E_OK;
}

static int
transfer_write_end(struct transfer_run *run, struct transfer_slot *s)
{
	return calls_write_end(run->c, &s->call, s->size);
}

static void
transfer_write_send(struct transfer_run *run, struct transfer_slot *s)
{
	transfer_fill(run->t->seed, s->offset, run->data, s->size);
	calls_write_send(run->c, &s->call, run->f, s->offset, run->data,
	    s->size);
}

/* Compare what came with what it must be, from the first difference on. */
static void
transfer_compare(struct transfer_run *run, const struct transfer_slot *s,
    struct span data)
{
	size_t i;

	transfer_fill(run->t->seed, s->offset, run->data, data.len);
	if (data.len == s->size && memcmp(run->data, data.p, data.len) == 0)
		return;
	for (i = 0; i < data.len && run->data[i] == data.p[i];)
		i++;
	if (s->offset + i < run->t->bad)
		run->t->bad = s->offset + i;
}

static int
transfer_read_end(struct transfer_run *run, struct transfer_slot *s)
{
	struct span data;
	int r;

	if ((r = client_wait(run->c, &s->call)) == 0) {
		data = span_from(client_reply(&s->call), WIRE_REP_HEADER);
		transfer_compare(run, s, data);
		if (data.len < s->size)
			r = E_SHORT;
	}
	client_done(run->c, &s->call);
	return r;
}

static void
transfer_read_send(struct transfer_run *run, struct transfer_slot *s)
{
	calls_read_send(run->c, &s->call, run->f, s->offset, s->size);
}

/* All of the file, so many laps, in messages of max bytes, window of them
 * in flight. */
static int
transfer_all(struct transfer_run *run, size_t max, unsigned laps,
    void (*begin)(struct transfer_run *run, struct transfer_slot *s),
    int (*end)(struct transfer_run *run, struct transfer_slot *s))
{
	struct transfer *t = run->t;
	struct transfer_slot *s;
	uint64_t offset = 0;
	unsigned i = 0, lap = 0, left = t->window;
	int r = 0, last;

	/* At the end and after an error, what is in flight is still waited
	 * for. */
	for (; left > 0; i = (i + 1) % t->window) {
		s = &run->slot[i];
		if (s->size > 0) {
			last = end(run, s);
			s->size = 0;
			if (r == 0)
				r = last;
		}
		if (offset == t->size && lap + 1 < laps) {
			offset = 0;
			lap++;
		}
		if (r != 0 || offset == t->size) {
			left--;
			continue;
		}
		s->offset = offset;
		s->size = max;
		if (t->size - offset < max)
			s->size = (size_t)(t->size - offset);
		offset += s->size;
		begin(run, s);
	}
	return r;
}

int
transfer_write(struct transfer *t, struct client *c,
    const struct calls_file *f)
{
	struct transfer_run run;
	int r;

	if ((r = transfer_begin(&run, t, c, f)) != E_OK)
		return r;
	r = transfer_all(&run, c->max_write, 1, transfer_write_send,
	    transfer_write_end);
	free(run.data);
	return r;
}

int
transfer_verify(struct transfer *t, struct client *c,
    const struct calls_file *f)
{
	struct transfer_run run;
	uint8_t extra[64];
	size_t got;
	int r;

	t->bad = UINT64_MAX;
	if ((r = transfer_begin(&run, t, c, f)) != E_OK)
		return r;
	r = transfer_all(&run, c->max_read, t->laps, transfer_read_send,
	    transfer_read_end);
	free(run.data);
	if (r != 0)
		return r;
	if (t->bad != UINT64_MAX)
		return E_VALUE;
	r = calls_read(c, f, t->size, extra, sizeof(extra), &got);
	if (r == 0 && got > 0)
		r = E_LONG;
	return r;
}
