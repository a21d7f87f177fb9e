/* SPDX-License-Identifier: ISC */
#include "wire/proto.h"

#include "wire/head.h"

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
	h->len = head_len(m);
	h->opcode = head_opcode(m);
	h->unique = head_unique(m);
	h->nodeid = head_nodeid(m);
	h->uid = get_u32(m, OFF_fuse_in_header_uid);
	h->gid = get_u32(m, OFF_fuse_in_header_gid);
	h->pid = get_u32(m, OFF_fuse_in_header_pid);
	h->extlen = get_u16(m, OFF_fuse_in_header_total_extlen);
	return E_OK;
}

int
wire_rep_get(struct span m, struct wire_rep *h)
{
	memset(h, 0, sizeof(*h));
	if (m.len < WIRE_REP_HEADER)
		return E_SHORT;
	h->len = head_len(m);
	h->error = head_error(m);
	h->unique = head_unique(m);
	return E_OK;
}
