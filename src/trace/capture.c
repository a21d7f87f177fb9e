/* SPDX-License-Identifier: ISC */
#include "trace/capture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "trace/pcap_item.h"
#include "trace/pcap_out.h"
#include "trace/pdu.h"
#include "wire/describe.h"
#include "wire/head.h"
#include "wire/ops.h"

#define BUFFER (8u * 1024 * 1024)
/* Space for messages with their data, for many that come at once.
 * Pages that are not written to are not allocated. */
#define BUFFER_MESSAGES 64u
#define BUFFER_DATA_MAX (64u * 1024 * 1024)
#define KEEP_MAX (PDU_PACKET_MAX - PDU_HEAD)

struct capture {
	struct trace_sink sink;
	struct capture_conf conf;
	struct pcap_out *out;  /* the thread's */
	struct writer *writer; /* NULL: it waits */
	uint8_t *packet;       /* owned; of one that waits */
	int error;	       /* errno that ended its writing */
	uint64_t records, lost;
	uint64_t lost_noted; /* of those, the ones that LOST records count */
	uint64_t last_ns[2]; /* mono, real */
};

uint32_t
capture_keeps(const struct trace_record *r, uint32_t snaplen)
{
	const struct wire_proto *pr = r->proto;
	size_t keep;

	if (r->kind == TRACE_CHUNK)
		return 0;
	if (r->kind != TRACE_REQUEST && r->kind != TRACE_REPLY &&
	    r->kind != TRACE_NOTIFY)
		return r->kept < KEEP_MAX ? r->kept : KEEP_MAX;
	if (pr == NULL)
		pr = &wire_proto_unknown;
	keep = wire_data_offset(pr, r->expect, r->m, r->kind == TRACE_REQUEST);
	/* (A message is shorter than 4 GiB: no wrapping.) */
	keep += snaplen;
	return keep < r->kept ? (uint32_t)keep : r->kept;
}

/* Must later files repeat the record for readers of them alone? */
static uint32_t
is_preface(const struct trace_record *r)
{
	switch (r->kind) {
	case TRACE_BEGIN:
		return 1;
	case TRACE_REQUEST:
		return head_opcode(r->m) == FUSE_OP_INIT;
	case TRACE_REPLY:
		return r->expect != NULL && r->expect->opcode == FUSE_OP_INIT;
	default:
		return 0;
	}
}

/* Write an item at once, without the thread.  E_SYS. */
static int
capture_write(struct capture *c, struct span head, struct span body)
{
	int r;

	if (c->error != 0)
		return E_SYS;
	memcpy(c->packet, head.p, head.len);
	if (body.len > 0)
		memcpy(c->packet + head.len, body.p, body.len);
	r = pcap_out_ops.put(c->out,
	    (struct span){ c->packet, head.len + body.len });
	if (r != E_OK)
		c->error = r == E_SYS ? errno : ENOMEM;
	return r;
}

/* A packet with r's message from byte `from` to byte `to`, of `keep`. */
static int
capture_put_packet(struct capture *c, const struct trace_record *r,
    size_t from, size_t to, size_t keep)
{
	struct {
		struct pcap_item item;
		uint8_t pdu[PDU_HEAD];
	} head;
	struct span h = { (uint8_t *)&head, sizeof(head.item) + PDU_HEAD };
	struct span body;

	memset(&head.item, 0, sizeof(head.item));
	head.item.real_ns = r->real_ns;
	head.item.len = (uint32_t)(PDU_HEAD + r->m.len - from);
	head.item.preface = is_preface(r);
	head.item.more = r->kind == TRACE_MORE;
	head.item.left = (uint32_t)(keep - to);
	pdu_put(head.pdu, r);
	body = (struct span){ r->m.p + from, to - from };
	return c->writer == NULL ? capture_write(c, h, body) :
				   writer_put(c->writer, h, body);
}

/* Write the record, as one packet or several. */
static int
capture_put(struct capture *c, const struct trace_record *r)
{
	size_t keep = capture_keeps(r, c->conf.snaplen), from, to;
	struct trace_record more = *r;
	int ret;

	to = keep < KEEP_MAX ? keep : KEEP_MAX;
	ret = capture_put_packet(c, r, 0, to, keep);
	more.kind = TRACE_MORE;
	for (from = to; ret == E_OK && from < keep; from = to) {
		to = keep - from < KEEP_MAX ? keep : from + KEEP_MAX;
		more.offset = from;
		ret = capture_put_packet(c, &more, from, to, keep);
	}
	return ret;
}

/* Write a record with the number of records that were left out. */
static int
capture_tell_lost(struct capture *c, uint64_t mono_ns, uint64_t real_ns)
{
	uint64_t n = c->lost - c->lost_noted;
	struct trace_record r = { .kind = TRACE_LOST,
		.mono_ns = mono_ns,
		.real_ns = real_ns,
		.kept = sizeof(n),
		.m = { (const uint8_t *)&n, sizeof(n) } };
	int ret;

	if (n == 0)
		return E_OK;
	if ((ret = capture_put(c, &r)) == E_OK)
		c->lost_noted = c->lost;
	return ret;
}

static void
capture_record(struct trace_sink *s, const struct trace_record *r)
{
	struct capture *c = (struct capture *)(void *)s; /* first member */

	if (r->kind == TRACE_CHUNK && !c->conf.chunks)
		return;
	c->last_ns[0] = r->mono_ns;
	c->last_ns[1] = r->real_ns;
	if (capture_tell_lost(c, r->mono_ns, r->real_ns) != E_OK ||
	    capture_put(c, r) != E_OK)
		c->lost++;
	else
		c->records++;
}

static size_t
capture_buffer(uint32_t snaplen)
{
	uint64_t data = (uint64_t)snaplen * BUFFER_MESSAGES;

	return BUFFER +
	    (size_t)(data < BUFFER_DATA_MAX ? data : BUFFER_DATA_MAX);
}

/* Start the thread, or allocate the buffer in which packets are made. */
static int
capture_start(struct capture *c)
{
	if (!c->conf.waits)
		return writer_new(&c->writer, capture_buffer(c->conf.snaplen),
		    c->conf.pace, &pcap_out_ops, c->out);
	c->packet = malloc(sizeof(struct pcap_item) + PDU_PACKET_MAX);
	return c->packet == NULL ? E_NOMEM : E_OK;
}

int
capture_open(struct capture **out, const struct capture_conf *conf)
{
	struct capture *c;
	int r;

	*out = NULL;
	if ((c = calloc(1, sizeof(*c))) == NULL)
		return E_NOMEM;
	c->conf = *conf;
	c->sink.record = capture_record;
	if ((r = pcap_out_new(&c->out, conf)) != E_OK ||
	    (r = capture_start(c)) != E_OK) {
		pcap_out_free(c->out);
		free(c);
		return r;
	}
	*out = c;
	return E_OK;
}

struct trace_sink *
capture_sink(struct capture *c)
{
	return &c->sink;
}

void
capture_progress(struct capture *c, struct capture_result *res)
{
	res->records = c->records;
	res->lost = c->lost;
	res->error = c->writer == NULL ? c->error : writer_error(c->writer);
}

void
capture_close(struct capture *c, unsigned ms, struct capture_result *res)
{
	int r = capture_tell_lost(c, c->last_ns[0], c->last_ns[1]);

	capture_progress(c, res);
	if (r != E_OK && res->error == 0)
		res->lost = c->lost;
	if (c->writer == NULL)
		r = c->error != 0 ? E_OK : pcap_out_ops.flush(c->out);
	else
		r = writer_close(c->writer, ms);
	if (r == E_SYS)
		res->error = errno;
	if (r != E_TIMEOUT)
		pcap_out_free(c->out);
	else
		res->error = ETIMEDOUT;
	free(c->packet);
	free(c);
}
