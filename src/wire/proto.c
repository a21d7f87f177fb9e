/* SPDX-License-Identifier: ISC */
#include "wire/proto.h"

#include "wire/get.h"

const struct wire_proto wire_proto_unknown = { .dialect = WIRE_LINUX };

int
wire_proto_named(struct wire_proto *pr, const char *name)
{
	static const char *const names[] = { [WIRE_LINUX] = "linux",
		[WIRE_DARWIN] = "darwin",
		[WIRE_DARWIN3] = "darwin3" };
	enum wire_dialect d;

	*pr = wire_proto_unknown;
	if (strcmp(name, "auto") == 0)
		return E_OK;
	for (d = WIRE_LINUX; d <= WIRE_DARWIN3; d++) {
		if (strcmp(name, names[d]) != 0)
			continue;
		pr->dialect = d;
		pr->forced = 1;
		return E_OK;
	}
	return E_VALUE;
}

int
wire_req_get(struct span m, struct wire_req *h)
{
	memset(h, 0, sizeof(*h));
	if (m.len < WIRE_REQ_HEADER)
		return E_SHORT;
	h->len = get_u32(m, 0);
	h->opcode = get_u32(m, 4);
	h->unique = get_u64(m, 8);
	h->nodeid = get_u64(m, 16);
	h->uid = get_u32(m, 24);
	h->gid = get_u32(m, 28);
	h->pid = get_u32(m, 32);
	h->extlen = get_u16(m, 36);
	return E_OK;
}

int
wire_rep_get(struct span m, struct wire_rep *h)
{
	memset(h, 0, sizeof(*h));
	if (m.len < WIRE_REP_HEADER)
		return E_SHORT;
	h->len = get_u32(m, 0);
	h->error = get_i32(m, 4);
	h->unique = get_u64(m, 8);
	return E_OK;
}
