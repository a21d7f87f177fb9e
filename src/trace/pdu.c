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
	p[0] = PDU_VERSION;
	p[1] = r->kind;
	p[2] = r->dir;
	p[3] = own_order();
	put_be(p + 4, 2, PDU_FIXED);
	put_be(p + 6, 2, pdu_flags(r));
	put_be(p + 8, 4, r->session);
	put_be(p + 12, 4, r->m.len);
	put_be(p + 16, 8, r->mono_ns);
	put_be(p + 24, 8, r->offset);
	put_be(p + 32, 4, r->pieces);
	put_be(p + 36, 4, r->first);
	put_be(p + 40, 4, r->index);
	if (r->proto != NULL) {
		p[44] = (uint8_t)(r->proto->dialect + 1);
		p[45] = (uint8_t)r->proto->minor;
		put_be(p + 48, 8, r->proto->flags);
	}
	if (r->expect != NULL)
		put_be(p + 46, 2, r->expect->opcode);
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
	if (p[44] == 0 || p[44] > WIRE_DARWIN3 + 1)
		return;
	proto->dialect = (enum wire_dialect)(p[44] - 1);
	proto->minor = p[45];
	proto->flags = get_be(p + 48, 8);
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
	head = (size_t)get_be(p + 4, 2);
	if (p[0] != PDU_VERSION || p[3] != own_order())
		return E_VALUE;
	if (head < PDU_FIXED || head > s.len)
		return E_LEN;
	r->kind = p[1];
	r->dir = p[2];
	r->flags = (uint16_t)get_be(p + 6, 2);
	r->session = (uint32_t)get_be(p + 8, 4);
	*len = (uint32_t)get_be(p + 12, 4);
	r->mono_ns = get_be(p + 16, 8);
	r->offset = get_be(p + 24, 8);
	r->pieces = (uint32_t)get_be(p + 32, 4);
	r->first = (uint32_t)get_be(p + 36, 4);
	r->index = (uint32_t)get_be(p + 40, 4);
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
