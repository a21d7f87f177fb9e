/* SPDX-License-Identifier: ISC */
/*
 * Would the kernel take this notification?  Only sizes are checked: whether
 * the nodes and names exist is known to the kernel alone.
 */
#include "wire/check.h"

#include "wire/dirent.h"
#include "wire/get.h"
#include "wire/head.h"
#include "wire/offsets.h"
#include "wire/op_row.h"

static size_t
namelen_offset(int32_t code)
{
	return code == FUSE_NOTIFY_DELETE ?
	    OFF_fuse_notify_delete_out_namelen :
	    OFF_fuse_notify_inval_entry_out_namelen;
}

uint32_t
notify_namelen(int32_t code, struct span body)
{
	return get_u32(body, namelen_offset(code));
}

void
notify_set_namelen(int32_t code, uint8_t *body, size_t len, uint32_t namelen)
{
	put_u32(body, len, namelen_offset(code), namelen);
}

struct span
notify_name(const struct wire_proto *pr, int32_t code, struct span body)
{
	size_t len = notify_namelen(code, body);

	body = span_from(body, struct_size(notify_find(code)->fixed, pr));
	if (body.len > len)
		body.len = len;
	return body;
}

int
wire_check_notify(const struct wire_proto *pr, struct span m)
{
	const struct notify_row *row;
	struct wire_rep h;
	struct span body;
	uint64_t tail = 0;
	size_t fixed;
	int r;

	if ((r = wire_rep_get(m, &h)) != E_OK)
		return r;
	if (h.len != m.len)
		return E_LEN;
	if ((row = notify_find(h.error)) == NULL)
		return E_VALUE;
	/* Notifications without a struct may have any body. */
	if (row->fixed == STRUCT_none)
		return E_OK;
	body = span_from(m, WIRE_REP_HEADER);
	fixed = struct_size(row->fixed, pr);
	if (body.len < fixed)
		return E_SHORT;
	switch (row->tail) {
	case NOTIFY_TAIL_NAME:
		tail = notify_namelen(h.error, body);
		if (tail > wire_name_max(pr))
			return E_NAME;
		tail += 1;
		break;
	case NOTIFY_TAIL_DATA:
		tail = get_u32(body, OFF_fuse_notify_store_out_size);
		break;
	case NOTIFY_TAIL_NODES:
		tail = sizeof(uint64_t) *
		    (uint64_t)get_u32(body, OFF_fuse_notify_prune_out_count);
		break;
	default:
		break;
	}
	if (body.len - fixed == tail)
		return E_OK;
	return body.len - fixed < tail ? E_SHORT : E_LONG;
}

const char *
wire_notify_why(int r)
{
	return r == E_VALUE ? "no notification has that code" : err_text(r);
}
