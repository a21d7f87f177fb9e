/* SPDX-License-Identifier: ISC */
/*
 * Dumps as glusterfs --dump-fuse and a strace made for it write them:
 * records without a file header, in the host's byte order.
 *
 *	1	'R': the daemon read a request; 'W': it wrote a reply
 *	4	number of items, at most 15
 *	...	the items, each led by its length (4 bytes, itself included):
 *		first a time (seconds in 8 bytes, nanoseconds in 4), maybe
 *		others, the last one the message itself
 *
 * In the older form the message follows the letter; its length is never
 * below 16.
 */
#include <stdlib.h>
#include <string.h>

#include "trace/reader_kind.h"
#include "wire/head.h"
#include "wire/proto.h"

#define NS_PER_S UINT64_C(1000000000)
#define ITEMS_MAX 16
#define ITEM_MAX PADDED_MAX

/* An item that tells the time, behind its own length. */
#define TIME_ITEM 16 /* bytes, with the length */
#define TIME_SECONDS 4
#define TIME_NANOSECONDS 12

struct fusedump {
	uint8_t *buf;	  /* ITEM_MAX bytes */
	uint64_t real_ns; /* of the last record that had one */
};

static int
fusedump_open(struct reader *rd, char *why)
{
	struct fusedump *d = calloc(1, sizeof(*d));

	(void)why;
	if ((rd->own = d) == NULL || (d->buf = malloc(ITEM_MAX)) == NULL)
		return E_NOMEM;
	return E_OK;
}

static void
fusedump_close(struct reader *rd)
{
	struct fusedump *d = rd->own;

	if (d != NULL)
		free(d->buf);
	free(d);
}

static int
fusedump_wrong(const struct reader *rd, char *why, const char *what, int r)
{
	snprintf(why, READER_WHY_MAX, "%s, at byte %llu", what, rd->offset);
	return r;
}

static int
fusedump_read(struct reader *rd, void *to, size_t n, char *why)
{
	if (fread(to, 1, n, rd->f) != n)
		return fusedump_wrong(rd, why,
		    "the file ends within a "
		    "record",
		    E_EOF);
	rd->offset += n;
	return E_OK;
}

/* The rest of an item whose length word was read. */
static int
fusedump_item(struct reader *rd, uint32_t len, char *why)
{
	struct fusedump *d = rd->own;

	if (len < sizeof(len) || len > ITEM_MAX)
		return fusedump_wrong(rd, why,
		    "an item of a length that "
		    "can't be",
		    E_VALUE);
	memcpy(d->buf, &len, sizeof(len));
	return fusedump_read(rd, d->buf + sizeof(len), len - sizeof(len), why);
}

static uint64_t
item_time(struct span item)
{
	return get_u64(item, TIME_SECONDS) * NS_PER_S +
	    get_u32(item, TIME_NANOSECONDS);
}

/* All items; the last one is left in the buffer. */
static int
fusedump_items(struct reader *rd, uint32_t n, uint32_t *len, char *why)
{
	struct fusedump *d = rd->own;
	uint32_t i;
	int r;

	for (i = 0; i < n; i++) {
		if ((r = fusedump_read(rd, len, sizeof(*len), why)) != E_OK ||
		    (r = fusedump_item(rd, *len, why)) != E_OK)
			return r;
		if (i == 0 && n > 1 && *len == TIME_ITEM)
			d->real_ns = item_time((struct span){ d->buf, *len });
	}
	return E_OK;
}

static int
fusedump_next(struct reader *rd, struct trace_record *r, char *why)
{
	struct fusedump *d = rd->own;
	uint32_t word;
	int dir, ret;

	memset(r, 0, sizeof(*r));
	if ((dir = getc(rd->f)) == EOF)
		return 0;
	rd->number++;
	if (dir != 'R' && dir != 'W')
		return fusedump_wrong(rd, why,
		    "neither R nor W where a "
		    "record begins: not a fusedump",
		    E_VALUE);
	rd->offset++;
	if ((ret = fusedump_read(rd, &word, sizeof(word), why)) != E_OK)
		return ret;
	if (word == 0)
		return fusedump_wrong(rd, why, "a record without items",
		    E_VALUE);
	ret = word < ITEMS_MAX ? fusedump_items(rd, word, &word, why) :
				 fusedump_item(rd, word, why);
	if (ret != E_OK)
		return ret;
	r->m.p = d->buf;
	r->m.len = r->kept = word;
	r->session = 1;
	r->real_ns = r->mono_ns = d->real_ns;
	r->kind = dir == 'R' ? TRACE_REQUEST : TRACE_REPLY;
	if (dir == 'W' && word >= WIRE_REP_HEADER && head_unique(r->m) == 0)
		r->kind = TRACE_NOTIFY;
	r->dir = dir == 'R' ? TRACE_TO_DAEMON : TRACE_TO_FRONT;
	return 1;
}

const struct reader_ops reader_fusedump_ops = { fusedump_open, fusedump_next,
	fusedump_close };
