/* SPDX-License-Identifier: ISC */
#include "trace/normalize.h"

#include <stdlib.h>

#include "base/table.h"
#include "trace/padded.h"
#include "trace/pdu.h"
#include "wire/get.h"
#include "wire/renumber.h"

#define STEP_NS 1000 /* from one record to the next */

struct number_id { /* without padding: it is a key */
	uint64_t what, session, was;
};

struct number {
	struct table_entry entry;
	struct number_id id;
	uint64_t is;
};

/* The next number of this kind. */
struct counter {
	struct table_entry entry;
	uint64_t what, session; /* its key */
	uint64_t next;
};

struct normalizer {
	struct table_entry *numbers, *counters; /* owned */
	struct padded padded;
	uint64_t records;
	uint32_t session; /* of the record at hand */
	int failed;
};

struct normalizer *
normalizer_new(void)
{
	struct normalizer *n = calloc(1, sizeof(*n));

	if (n != NULL && padded_init(&n->padded) != E_OK) {
		free(n);
		n = NULL;
	}
	return n;
}

void
normalizer_free(struct normalizer *n)
{
	if (n == NULL)
		return;
	table_free(&n->numbers);
	table_free(&n->counters);
	padded_fini(&n->padded);
	free(n);
}

/* Is the kind numbered in each session by itself? */
static int
is_of_session(enum wire_number what)
{
	return what != WIRE_NUMBER_PROCESS && what != WIRE_NUMBER_TIME &&
	    what != WIRE_NUMBER_INODE;
}

static struct counter *
counter_get(struct normalizer *n, const struct number_id *of)
{
	const uint64_t key[] = { of->what, of->session };
	struct counter *c;

	c = table_get(&n->counters, key, sizeof(key), sizeof(*c));
	/* (The root's number is 1.) */
	if (c != NULL && c->next == 0)
		c->next = of->what == WIRE_NUMBER_NODE ? WIRE_ROOT_ID + 1 : 1;
	return c;
}

static struct number *
number_get(struct normalizer *n, const struct number_id *id)
{
	struct counter *c = counter_get(n, id);
	struct number *v;

	if (c == NULL)
		return NULL;
	v = table_get(&n->numbers, id, sizeof(*id), sizeof(*v));
	if (v != NULL && v->is == 0)
		v->is = c->next++;
	return v;
}

static uint64_t
renumber(void *arg, enum wire_number what, uint64_t was)
{
	struct normalizer *n = arg;
	struct number_id id = { what, is_of_session(what) ? n->session : 0,
		was };
	struct number *v;

	/* 0, which stands for none, stays 0. */
	if (was == 0 || what == WIRE_NUMBER_FRACTION)
		return 0;
	if (what == WIRE_NUMBER_NODE && was == WIRE_ROOT_ID)
		return was;
	if ((v = number_get(n, &id)) == NULL) {
		n->failed = 1;
		return 0;
	}
	return v->is;
}

static void
normalize_message(struct normalizer *n, struct trace_record *r)
{
	const struct wire_proto *pr = r->proto != NULL ? r->proto :
							 &wire_proto_unknown;

	r->m = padded_message(&n->padded, (struct span){ r->m.p, r->kept },
	    r->m.len);
	wire_renumber(pr, r->expect, n->padded.buf, r->m.len, r->kept,
	    r->kind == TRACE_REQUEST, renumber, n);
}

static void
normalize_caller(struct normalizer *n, struct trace_record *r)
{
	struct span m = padded_message(&n->padded, r->m, r->m.len);

	put_u32(n->padded.buf, m.len, TRACE_CALLER_PID,
	    (uint32_t)renumber(n, WIRE_NUMBER_PROCESS,
		get_u32(m, TRACE_CALLER_PID)));
	r->m = m;
}

static void
normalize_node(struct normalizer *n, struct trace_record *r)
{
	struct span m = padded_message(&n->padded, r->m, r->m.len);

	put_u64(n->padded.buf, m.len, PDU_NODE_ID,
	    renumber(n, WIRE_NUMBER_NODE, get_u64(m, PDU_NODE_ID)));
	put_u64(n->padded.buf, m.len, PDU_NODE_PARENT,
	    renumber(n, WIRE_NUMBER_NODE, get_u64(m, PDU_NODE_PARENT)));
	r->m = m;
}

int
normalize(struct normalizer *n, struct trace_record *r)
{
	n->failed = 0;
	n->session = r->session;
	r->mono_ns = r->real_ns = ++n->records * STEP_NS;
	switch (r->kind) {
	case TRACE_REQUEST:
	case TRACE_REPLY:
	case TRACE_NOTIFY:
	case TRACE_RESULT:
		normalize_message(n, r);
		break;
	case TRACE_CALLER:
		normalize_caller(n, r);
		break;
	case TRACE_NODE:
		normalize_node(n, r);
		break;
	default:
		break;
	}
	return n->failed ? E_NOMEM : E_OK;
}
