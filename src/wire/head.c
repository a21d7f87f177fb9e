/* SPDX-License-Identifier: ISC */
#include "wire/head.h"

#include <string.h>

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
