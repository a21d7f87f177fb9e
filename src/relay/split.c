/* SPDX-License-Identifier: ISC */
#include "relay/split.h"

#include <stdlib.h>
#include <string.h>

#include "wire/head.h"
#include "wire/ops.h"

/* Words that READ and WRITE have in common. */
enum {
	DATA_OFFSET = REQ_OFF(fuse_write_in, offset),
	DATA_SIZE = REQ_OFF(fuse_write_in, size)
};

#define PAGE 4096u

static size_t
split_least(size_t a, size_t b)
{
	return a < b ? a : b;
}

void
split_limits_learn(struct split_limits *l, const struct wire_proto *pr,
    size_t data_max)
{
	size_t write = pr->max_write - pr->max_write % PAGE;

	l->write = split_least(write, data_max);
	/* A kernel's READ is not bound by max_write; a server without pages
	 * knows nothing else. */
	l->read = split_least(pr->max_read < write ? write : pr->max_read,
	    data_max);
}

size_t
split_limit(const struct split_limits *l, struct span request)
{
	switch (head_opcode(request)) {
	case FUSE_OP_READ:
		return l->read;
	case FUSE_OP_WRITE:
		return l->write;
	default:
		return 0;
	}
}

int
split_is_needed(const struct split_limits *l, struct span request)
{
	size_t limit = split_limit(l, request);

	return limit != 0 && get_u32(request, DATA_SIZE) > limit;
}

int
split_init(struct split *sp, struct span request, size_t most)
{
	int is_write = head_opcode(request) == FUSE_OP_WRITE;
	size_t total = get_u32(request, DATA_SIZE);
	size_t head = is_write ? request.len - total : request.len;

	memset(sp, 0, sizeof(*sp));
	if (head > sizeof(sp->head) || total > SPLIT_READ_MAX)
		return E_BIG;
	sp->unique = head_unique(request);
	sp->offset = get_u64(request, DATA_OFFSET);
	sp->total = total;
	sp->is_write = is_write;
	sp->most = most;
	sp->head_len = head;
	sp->len = request.len;
	memcpy(sp->head, request.p, head);
	sp->out = malloc(request.len);
	/* Pages of it that no part fills are never touched. */
	if (!is_write)
		sp->in = malloc(WIRE_REP_HEADER + total);
	if (sp->out == NULL || (!is_write && sp->in == NULL)) {
		split_fini(sp);
		return E_NOMEM;
	}
	memcpy(sp->out, request.p, request.len);
	return E_OK;
}

void
split_fini(struct split *sp)
{
	free(sp->out);
	free(sp->in);
	sp->out = sp->in = NULL;
}

size_t
split_kept(const struct split *sp)
{
	return sp->len + (sp->is_write ? 0 : WIRE_REP_HEADER + sp->total);
}

struct span
split_next(struct split *sp, uint64_t unique)
{
	uint8_t *p = sp->out + (sp->is_write ? sp->done : 0);
	size_t len;

	sp->asked = split_least(sp->total - sp->done, sp->most);
	len = sp->head_len + (sp->is_write ? sp->asked : 0);
	memcpy(p, sp->head, sp->head_len);
	head_set_len(p, len);
	head_set_unique(p, len, unique);
	put_u64(p, len, DATA_OFFSET, sp->offset + sp->done);
	put_u32(p, len, DATA_SIZE, (uint32_t)sp->asked);
	return (struct span){ p, len };
}

int
split_reply(struct split *sp, struct span reply)
{
	size_t got = sp->is_write ?
	    get_u32(reply, REP_OFF(fuse_write_out, size)) :
	    reply.len - WIRE_REP_HEADER;

	if (got > sp->asked)
		got = sp->asked; /* (no good reply says so) */
	if (!sp->is_write)
		memcpy(sp->in + WIRE_REP_HEADER + sp->done,
		    reply.p + WIRE_REP_HEADER, got);
	sp->done += got;
	if (got < sp->asked || sp->done == sp->total || sp->ended ||
	    sp->offset > INT64_MAX || sp->done > INT64_MAX - sp->offset)
		return SPLIT_DONE;
	return SPLIT_MORE;
}

int
split_failed(const struct split *sp, int num)
{
	return sp->done == 0 ? num : SPLIT_DONE;
}

void
split_end(struct split *sp)
{
	sp->ended = 1;
}

struct span
split_answer(struct split *sp)
{
	uint8_t *p = sp->is_write ? sp->wrote : sp->in;
	size_t len = sp->is_write ? sizeof(sp->wrote) :
				    WIRE_REP_HEADER + sp->done;

	memset(p, 0, WIRE_REP_HEADER);
	head_put_reply(p, len, sp->unique, 0);
	if (sp->is_write)
		put_u32(p, len, REP_OFF(fuse_write_out, size),
		    (uint32_t)sp->done);
	return (struct span){ p, len };
}
