/* SPDX-License-Identifier: ISC */
#include "trace/repeat.h"

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
repeat_put(struct repeat *t, const struct pcap_item *item, struct span p)
{
	if (t->counting)
		t->size += REPEAT_PACKET_HEAD + p.len;
	else if (t->ret == E_OK)
		t->ret = t->put(t->arg, item, p);
}

static void
put_kept(struct repeat *t, struct repeat_packet *p)
{
	repeat_put(t, &p->item, (struct span){ p->packet, p->len });
	if (!t->counting)
		p->file = t->file;
}

/* Write a record that is made here; it has the times of the packet that is
 * being written. */
static void
put_made(struct repeat *t, enum trace_kind kind, uint32_t session,
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
	repeat_put(t, &item, (struct span){ packet, PDU_HEAD + m.len });
}

/* ---- callers ---- */

void
repeat_note_name(struct repeat *t, uint32_t pid, const char *comm)
{
	size_t slot = pid & (REPEAT_CALLERS - 1);

	t->named[slot].file = t->file;
	t->named[slot].pid = pid;
	snprintf(t->named[slot].comm, sizeof(t->named[slot].comm), "%s", comm);
}

static void
put_caller(struct repeat *t, uint32_t session, uint32_t pid, const char *comm)
{
	size_t slot = pid & (REPEAT_CALLERS - 1);
	uint8_t m[TRACE_CALLER_NAME + CALLER_NAME_MAX];
	size_t len = strlen(comm);

	if (len == 0 ||
	    (t->named[slot].file == t->file && t->named[slot].pid == pid &&
		strcmp(t->named[slot].comm, comm) == 0))
		return;
	put_u32(m, sizeof(m), TRACE_CALLER_PID, pid);
	memcpy(m + TRACE_CALLER_NAME, comm, len);
	put_made(t, TRACE_CALLER, session,
	    (struct span){ m, TRACE_CALLER_NAME + len });
	if (!t->counting)
		repeat_note_name(t, pid, comm);
}

/* ---- sessions ---- */

static struct repeat_begin *
begin_find(struct repeat *t, uint32_t session)
{
	struct repeat_begin *b;

	TAILQ_FOREACH (b, &t->begins, link)
		if (b->session == session)
			return b;
	return NULL;
}

static void
begin_free(struct repeat *t, struct repeat_begin *b)
{
	TAILQ_REMOVE(&t->begins, b, link);
	t->nbegins--;
	while (b->n > 0)
		free(b->packets[--b->n]);
	free(b);
}

/* If there are too many sessions, forget one that has ended, or the oldest. */
static void
begin_make_room(struct repeat *t)
{
	struct repeat_begin *b;

	if (t->nbegins < SESSIONS_MAX)
		return;
	TAILQ_FOREACH (b, &t->begins, link)
		if (b->ended)
			break;
	begin_free(t, b != NULL ? b : TAILQ_FIRST(&t->begins));
}

static struct repeat_begin *
begin_get(struct repeat *t, uint32_t session)
{
	struct repeat_begin *b = begin_find(t, session);

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
repeat_begin(struct repeat *t, struct repeat_begin *b)
{
	size_t i;

	if (b->file == t->file)
		return;
	put_caller(t, b->session, b->pid, b->comm);
	for (i = 0; i < b->n; i++)
		put_kept(t, b->packets[i]);
	if (!t->counting)
		b->file = t->file;
}

void
repeat_session(struct repeat *t, uint32_t session)
{
	struct repeat_begin *b = begin_find(t, session);

	if (b != NULL)
		repeat_begin(t, b);
}

void
repeat_init_caller(struct repeat *t, const struct call *c)
{
	struct repeat_begin *b = begin_find(t, c->conn->id);

	if (b == NULL)
		return;
	b->pid = c->pid;
	memcpy(b->comm, c->comm, sizeof(b->comm));
}

void
repeat_end_session(struct repeat *t, uint32_t session)
{
	struct repeat_begin *b = begin_find(t, session);

	if (b != NULL)
		b->ended = 1;
}

struct repeat_packet *
repeat_keep(struct repeat *t)
{
	size_t len = t->packet.len < PACKET_MAX ? t->packet.len : PACKET_MAX;
	struct repeat_packet *p;

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
repeat_keep_begin(struct repeat *t, uint32_t session)
{
	struct repeat_begin *b = begin_get(t, session);

	if (b != NULL && b->n < REPEAT_BEGIN_MAX &&
	    (b->packets[b->n] = repeat_keep(t)) != NULL)
		b->n++;
}

/* ---- nodes, and requests ---- */

struct put_node {
	struct repeat *t;
	uint32_t session;
};

static void
put_node(void *arg, const struct paths_node *n)
{
	uint8_t m[PDU_NODE_HEAD + PATHS_TEXT_MAX];
	const struct put_node *to = arg;

	put_made(to->t, TRACE_NODE, to->session,
	    (struct span){ m, pdu_node_put(m, n) });
}

void
repeat_node(struct repeat *t, const struct conn *conn, uint64_t nodeid)
{
	struct put_node to = { t, conn->id };

	paths_repeat(conn->paths, nodeid, !t->counting, put_node, &to);
}

void
repeat_names(struct repeat *t, const struct call *c)
{
	repeat_session(t, c->conn->id);
	put_caller(t, c->conn->id, c->pid, c->comm);
	repeat_node(t, c->conn, c->nodeid);
	repeat_node(t, c->conn, c->newdir);
}

void
repeat_request(struct repeat *t, const struct call *c)
{
	struct repeat_packet *p = c->note;

	/* (INIT is among the packets with which its session began.) */
	if (p == NULL || p->file == t->file || c->opcode == FUSE_OP_INIT)
		return;
	repeat_names(t, c);
	put_kept(t, p);
}

void
repeat_nodes_of(struct repeat *t, const struct conn *conn, struct span m)
{
	/* Only a DELETE has two nodes.  What others have in their place is a
	 * node too, or hardly the number of one. */
	repeat_node(t, conn,
	    get_u64(m, REP_OFF(fuse_notify_delete_out, parent)));
	repeat_node(t, conn,
	    get_u64(m, REP_OFF(fuse_notify_delete_out, child)));
}

void
repeat_notification(struct repeat *t, const struct notification *n)
{
	struct span m = { n->head, n->head_len };
	struct repeat_packet *p = n->note;

	repeat_nodes_of(t, n->conn, m);
	if (p != NULL && p->file != t->file)
		put_kept(t, p);
}

void
repeat_init(struct repeat *t, repeat_put_fn *put, void *arg)
{
	TAILQ_INIT(&t->begins);
	t->put = put;
	t->arg = arg;
	t->file = 1;
}

void
repeat_fini(struct repeat *t)
{
	while (!TAILQ_EMPTY(&t->begins))
		begin_free(t, TAILQ_FIRST(&t->begins));
}
