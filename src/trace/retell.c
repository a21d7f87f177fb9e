/* SPDX-License-Identifier: ISC */
#include "trace/retell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/pdu.h"
#include "wire/head.h"
#include "wire/ops.h"

#define SESSIONS_MAX 64
#define PACKET_MAX 8192u	     /* bytes kept: names, hardly any data */
#define KEPT_MAX (16u * 1024 * 1024) /* bytes of all requests */

void
retell_say(struct retell *t, const struct pcap_item *item, struct span p)
{
	if (t->counting)
		t->size += RETELL_PACKET_HEAD + p.len;
	else if (t->ret == E_OK)
		t->ret = t->put(t->arg, item, p);
}

static void
say_repeat(struct retell *t, struct retold *p)
{
	retell_say(t, &p->item, (struct span){ p->packet, p->len });
	if (!t->counting)
		p->file = t->file;
}

/* Say a record of our own; its times are those of the packet at hand. */
static void
say_made(struct retell *t, enum trace_kind kind, uint32_t session,
    struct span m)
{
	struct trace_record r = { .kind = (uint8_t)kind,
		.flags = TRACE_AGAIN,
		.session = session,
		.mono_ns = t->record->mono_ns,
		.m = m,
		.kept = (uint32_t)m.len };
	struct pcap_item item = { .real_ns = t->item->real_ns,
		.len = (uint32_t)(PDU_HEAD + m.len) };
	uint8_t packet[PDU_HEAD + PDU_NODE_HEAD + PATHS_TEXT_MAX];

	pdu_put(packet, &r);
	memcpy(packet + PDU_HEAD, m.p, m.len);
	retell_say(t, &item, (struct span){ packet, PDU_HEAD + m.len });
}

/* ---- callers ---- */

void
retell_named(struct retell *t, uint32_t pid, const char *comm)
{
	size_t slot = pid & (RETELL_CALLERS - 1);

	t->named[slot].file = t->file;
	t->named[slot].pid = pid;
	snprintf(t->named[slot].comm, sizeof(t->named[slot].comm), "%s", comm);
}

static void
say_caller(struct retell *t, uint32_t session, uint32_t pid, const char *comm)
{
	size_t slot = pid & (RETELL_CALLERS - 1);
	uint8_t m[TRACE_CALLER_NAME + CALLER_NAME_MAX];
	size_t len = strlen(comm);

	if (len == 0 ||
	    (t->named[slot].file == t->file && t->named[slot].pid == pid &&
		strcmp(t->named[slot].comm, comm) == 0))
		return;
	put_u32(m, sizeof(m), TRACE_CALLER_PID, pid);
	memcpy(m + TRACE_CALLER_NAME, comm, len);
	say_made(t, TRACE_CALLER, session,
	    (struct span){ m, TRACE_CALLER_NAME + len });
	if (!t->counting)
		retell_named(t, pid, comm);
}

/* ---- sessions ---- */

static struct begin *
begin_find(struct retell *t, uint32_t session)
{
	struct begin *b;

	TAILQ_FOREACH (b, &t->begins, link)
		if (b->session == session)
			return b;
	return NULL;
}

static void
begin_free(struct retell *t, struct begin *b)
{
	TAILQ_REMOVE(&t->begins, b, link);
	t->nbegins--;
	while (b->n > 0)
		free(b->packets[--b->n]);
	free(b);
}

/* The one that has ended, or else the oldest, goes. */
static void
begin_make_room(struct retell *t)
{
	struct begin *b;

	if (t->nbegins < SESSIONS_MAX)
		return;
	TAILQ_FOREACH (b, &t->begins, link)
		if (b->ended)
			break;
	begin_free(t, b != NULL ? b : TAILQ_FIRST(&t->begins));
}

static struct begin *
begin_get(struct retell *t, uint32_t session)
{
	struct begin *b = begin_find(t, session);

	if (b != NULL)
		return b;
	begin_make_room(t);
	if ((b = calloc(1, sizeof(*b))) == NULL)
		return NULL;
	b->session = session;
	b->file = t->file;
	TAILQ_INSERT_TAIL(&t->begins, b, link);
	t->nbegins++;
	return b;
}

void
retell_begin(struct retell *t, struct begin *b)
{
	size_t i;

	if (b->file == t->file)
		return;
	say_caller(t, b->session, b->pid, b->comm);
	for (i = 0; i < b->n; i++)
		say_repeat(t, b->packets[i]);
	if (!t->counting)
		b->file = t->file;
}

void
retell_session(struct retell *t, uint32_t session)
{
	struct begin *b = begin_find(t, session);

	if (b != NULL)
		retell_begin(t, b);
}

void
retell_init_caller(struct retell *t, const struct call *c)
{
	struct begin *b = begin_find(t, c->conn->id);

	if (b == NULL)
		return;
	b->pid = c->pid;
	memcpy(b->comm, c->comm, sizeof(b->comm));
}

void
retell_over(struct retell *t, uint32_t session)
{
	struct begin *b = begin_find(t, session);

	if (b != NULL)
		b->ended = 1;
}

struct retold *
retell_keep(struct retell *t)
{
	size_t len = t->packet.len < PACKET_MAX ? t->packet.len : PACKET_MAX;
	struct retold *p;

	if (t->kept + len > KEPT_MAX || (p = malloc(sizeof(*p) + len)) == NULL)
		return NULL;
	p->item = *t->item;
	p->item.more = 0;
	p->file = t->file;
	p->len = len;
	memcpy(p->packet, t->packet.p, len);
	p->packet[PDU_TAGS + PDU_FLAGS_LOW] |= TRACE_AGAIN;
	return p;
}

void
retell_keep_begin(struct retell *t, uint32_t session)
{
	struct begin *b = begin_get(t, session);

	if (b != NULL && b->n < RETELL_BEGIN_MAX &&
	    (b->packets[b->n] = retell_keep(t)) != NULL)
		b->n++;
}

/* ---- nodes, and requests ---- */

struct say_node {
	struct retell *t;
	uint32_t session;
};

static void
say_node(void *arg, const struct paths_node *n)
{
	uint8_t m[PDU_NODE_HEAD + PATHS_TEXT_MAX];
	const struct say_node *to = arg;

	say_made(to->t, TRACE_NODE, to->session,
	    (struct span){ m, pdu_node_put(m, n) });
}

void
retell_path(struct retell *t, const struct conn *conn, uint64_t nodeid)
{
	struct say_node to = { t, conn->id };

	paths_tell(conn->paths, nodeid, !t->counting, say_node, &to);
}

void
retell_needs(struct retell *t, const struct call *c)
{
	retell_session(t, c->conn->id);
	say_caller(t, c->conn->id, c->pid, c->comm);
	retell_path(t, c->conn, c->nodeid);
	retell_path(t, c->conn, c->newdir);
}

void
retell_call(struct retell *t, const struct call *c)
{
	struct retold *p = c->note;

	/* (INIT is in how its session began.) */
	if (p == NULL || p->file == t->file || c->opcode == FUSE_OP_INIT)
		return;
	retell_needs(t, c);
	say_repeat(t, p);
}

void
retell_notified(struct retell *t, const struct conn *conn, struct span m)
{
	/* Only a DELETE has two nodes.  What others have in their place is a
	 * node too, or hardly the number of one. */
	retell_path(t, conn,
	    get_u64(m, REP_OFF(fuse_notify_delete_out, parent)));
	retell_path(t, conn,
	    get_u64(m, REP_OFF(fuse_notify_delete_out, child)));
}

void
retell_notice(struct retell *t, const struct notice *n)
{
	struct span m = { n->head, n->head_len };
	struct retold *p = n->note;

	retell_notified(t, n->conn, m);
	if (p != NULL && p->file != t->file)
		say_repeat(t, p);
}

void
retell_init(struct retell *t, retell_put_fn *put, void *arg)
{
	TAILQ_INIT(&t->begins);
	t->put = put;
	t->arg = arg;
	t->file = 1;
}

void
retell_fini(struct retell *t)
{
	while (!TAILQ_EMPTY(&t->begins))
		begin_free(t, TAILQ_FIRST(&t->begins));
}
