/* SPDX-License-Identifier: ISC */
#include "trace/pdu.h"

#include <string.h>

#include "trace/padded.h"
#include "wire/get.h"

/* Wireshark's tags of exported PDUs: number and length, big-endian. */
#define TAG_DISSECTOR 12
#define TAG_END 0
#define TAG_HEAD 4
#define NAME_ROOM 12 /* the name, padded to whole words */

/* Where a packet's fixed header has what; its numbers are big-endian. */
enum head_field {
	HEAD_VERSION = 0,
	HEAD_KIND = 1,
	HEAD_DIR = 2,
	HEAD_ORDER = 3, /* enum byte_order, of the message */
	HEAD_SIZE = 4,	/* of this header */
	HEAD_FLAGS = 6,
	HEAD_SESSION = 8,
	HEAD_LENGTH = 12, /* of the whole message */
	HEAD_MONO = 16,
	HEAD_OFFSET = 24,
	HEAD_PIECES = 32,
	HEAD_FIRST = 36,
	HEAD_INDEX = 40,
	HEAD_DIALECT = 44, /* + 1; 0: INIT not known */
	HEAD_MINOR = 45,
	HEAD_OPCODE = 46, /* of the request that is answered */
	HEAD_GRANTED = 48 /* flags of INIT */
};
_Static_assert(PDU_FLAGS_LOW == HEAD_FLAGS + 1, "the flags are big-endian");

enum byte_order {
	ORDER_LITTLE = 0,
	ORDER_BIG = 1
};

static uint8_t
own_order(void)
{
	const uint16_t one = 1;
	uint8_t first;

	memcpy(&first, &one, 1);
	return first == 1 ? ORDER_LITTLE : ORDER_BIG;
}

static void
put_be(uint8_t *p, unsigned size, uint64_t v)
{
	while (size-- > 0) {
		p[size] = (uint8_t)v;
		v >>= 8;
	}
}

static uint64_t
get_be(const uint8_t *p, unsigned size)
{
	uint64_t v = 0;

	while (size-- > 0)
		v = v << 8 | *p++;
	return v;
}

static unsigned
pdu_flags(const struct trace_record *r)
{
	return r->flags |
	    (r->proto != NULL && r->proto->on_darwin ? TRACE_DARWIN : 0);
}

void
pdu_put(uint8_t head[PDU_HEAD], const struct trace_record *r)
{
	uint8_t *p = head;

	memset(head, 0, PDU_HEAD);
	put_be(p, 2, TAG_DISSECTOR);
	put_be(p + 2, 2, NAME_ROOM);
	memcpy(p + TAG_HEAD, PDU_DISSECTOR, sizeof(PDU_DISSECTOR) - 1);
	p += PDU_TAGS;
	p[HEAD_VERSION] = PDU_VERSION;
	p[HEAD_KIND] = r->kind;
	p[HEAD_DIR] = r->dir;
	p[HEAD_ORDER] = own_order();
	put_be(p + HEAD_SIZE, 2, PDU_FIXED);
	put_be(p + HEAD_FLAGS, 2, pdu_flags(r));
	put_be(p + HEAD_SESSION, 4, r->session);
	put_be(p + HEAD_LENGTH, 4, r->m.len);
	put_be(p + HEAD_MONO, 8, r->mono_ns);
	put_be(p + HEAD_OFFSET, 8, r->offset);
	put_be(p + HEAD_PIECES, 4, r->pieces);
	put_be(p + HEAD_FIRST, 4, r->first);
	put_be(p + HEAD_INDEX, 4, r->index);
	if (r->proto != NULL) {
		p[HEAD_DIALECT] = (uint8_t)(r->proto->dialect + 1);
		p[HEAD_MINOR] = (uint8_t)r->proto->minor;
		put_be(p + HEAD_GRANTED, 8, r->proto->flags);
	}
	if (r->expect != NULL)
		put_be(p + HEAD_OPCODE, 2, r->expect->opcode);
}

/* Go past the tags; the dissector's name must be ours. */
static int
take_tags(struct span *s)
{
	size_t tag, len;
	int found = 0;

	for (;;) {
		if (s->len < TAG_HEAD)
			return E_SHORT;
		tag = (size_t)get_be(s->p, 2);
		len = (size_t)get_be(s->p + 2, 2);
		s->p += TAG_HEAD;
		s->len -= TAG_HEAD;
		if (tag == TAG_END)
			return found ? E_OK : E_VALUE;
		if (len > s->len)
			return E_SHORT;
		if (tag == TAG_DISSECTOR)
			found = len >= sizeof(PDU_DISSECTOR) - 1 &&
			    memcmp(s->p, PDU_DISSECTOR,
				sizeof(PDU_DISSECTOR) - 1) == 0;
		s->p += len;
		s->len -= len;
	}
}

static void
get_proto(const uint8_t *p, struct trace_record *r, struct wire_proto *proto)
{
	memset(proto, 0, sizeof(*proto));
	if (p[HEAD_DIALECT] == 0 || p[HEAD_DIALECT] > WIRE_DARWIN3 + 1)
		return;
	proto->dialect = (enum wire_dialect)(p[HEAD_DIALECT] - 1);
	proto->minor = p[HEAD_MINOR];
	proto->flags = get_be(p + HEAD_GRANTED, 8);
	proto->on_darwin = (r->flags & TRACE_DARWIN) != 0;
	r->proto = proto;
}

int
pdu_get(struct span packet, struct trace_record *r, uint32_t *len,
    struct wire_proto *proto)
{
	struct span s = packet;
	const uint8_t *p;
	size_t head;
	int ret;

	memset(r, 0, sizeof(*r));
	*len = 0;
	if ((ret = take_tags(&s)) != E_OK)
		return ret;
	if (s.len < PDU_FIXED)
		return E_SHORT;
	p = s.p;
	head = (size_t)get_be(p + HEAD_SIZE, 2);
	if (p[HEAD_VERSION] != PDU_VERSION || p[HEAD_ORDER] != own_order())
		return E_VALUE;
	if (head < PDU_FIXED || head > s.len)
		return E_LEN;
	r->kind = p[HEAD_KIND];
	r->dir = p[HEAD_DIR];
	r->flags = (uint16_t)get_be(p + HEAD_FLAGS, 2);
	r->session = (uint32_t)get_be(p + HEAD_SESSION, 4);
	*len = (uint32_t)get_be(p + HEAD_LENGTH, 4);
	r->mono_ns = get_be(p + HEAD_MONO, 8);
	r->offset = get_be(p + HEAD_OFFSET, 8);
	r->pieces = (uint32_t)get_be(p + HEAD_PIECES, 4);
	r->first = (uint32_t)get_be(p + HEAD_FIRST, 4);
	r->index = (uint32_t)get_be(p + HEAD_INDEX, 4);
	get_proto(p, r, proto);
	r->m.p = s.p + head;
	r->m.len = s.len - head;
	if (*len > PADDED_MAX || r->m.len > *len)
		return E_LEN;
	r->kept = (uint32_t)r->m.len;
	return E_OK;
}

size_t
pdu_node_put(uint8_t *m, const struct paths_node *n)
{
	put_u64(m, PDU_NODE_HEAD, PDU_NODE_ID, n->id);
	put_u64(m, PDU_NODE_HEAD, PDU_NODE_PARENT, n->parent);
	put_u64(m, PDU_NODE_HEAD, PDU_NODE_LOOKUPS, n->lookups);
	put_u32(m, PDU_NODE_HEAD, PDU_NODE_GONE, n->gone != 0);
	put_u32(m, PDU_NODE_HEAD, PDU_NODE_ZERO, 0);
	memcpy(m + PDU_NODE_HEAD, n->name.p, n->name.len);
	return PDU_NODE_HEAD + n->name.len;
}

int
pdu_node_get(struct span m, struct paths_node *n)
{
	memset(n, 0, sizeof(*n));
	if (m.len < PDU_NODE_HEAD)
		return E_SHORT;
	n->id = get_u64(m, PDU_NODE_ID);
	n->parent = get_u64(m, PDU_NODE_PARENT);
	n->lookups = get_u64(m, PDU_NODE_LOOKUPS);
	n->gone = get_u32(m, PDU_NODE_GONE) != 0;
	n->name.p = m.p + PDU_NODE_HEAD;
	n->name.len = m.len - PDU_NODE_HEAD;
	return n->name.len > 0 ? E_OK : E_VALUE;
}
