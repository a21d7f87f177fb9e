/* SPDX-License-Identifier: ISC */
/* Requests that are not in the capture, which the replay sends by itself. */
#include "replay/player.h"

#include <stdlib.h>

#include "replay/directory.h"
#include "wire/head.h"

static int
ask_send(struct replay *r, struct replay_call *c)
{
	struct span m = call_span(&c->request);
	int ret;

	wire_set_caller(&r->buf, get_u32(m, OFF_fuse_in_header_uid),
	    get_u32(m, OFF_fuse_in_header_gid),
	    get_u32(m, OFF_fuse_in_header_pid));
	if ((ret = wire_end(&r->buf, &m)) != E_OK ||
	    (ret = channel_ask(&r->channel, m, c)) != E_OK)
		return ret;
	c->asks = head_opcode(m);
	c->state = CALL_SENT;
	return E_OK;
}

static int
ask_lookup(struct replay *r, struct replay_call *c)
{
	const struct call_lookup *l = STAILQ_FIRST(&c->lookups);

	wire_begin_request(&r->buf, FUSE_OP_LOOKUP, r->unique, c->node[0]->is);
	r->unique += PLAYER_UNIQUE_STEP;
	wire_put_bytes(&r->buf, l->name, l->len);
	wire_put_zero(&r->buf, 1);
	return ask_send(r, c);
}

/* Send c's READDIR once more, from this offset on. */
static int
ask_readdir(struct replay *r, struct replay_call *c, uint64_t offset)
{
	struct span m = call_span(&c->request);
	struct span rest = span_from(m, REQ_OFF(fuse_read_in, size));

	wire_begin_request(&r->buf, c->opcode, r->unique, c->node[0]->is);
	r->unique += PLAYER_UNIQUE_STEP;
	wire_put_u64(&r->buf, get_u64(m, REQ_OFF(fuse_read_in, fh)));
	wire_put_u64(&r->buf, offset);
	wire_put_bytes(&r->buf, rest.p, rest.len);
	return ask_send(r, c);
}

int
player_asks(struct replay *r, struct replay_call *c)
{
	uint64_t offset;
	int ret = E_OK;

	/* (The bytes of a large request are freed once it is sent.) */
	if (c->nnodes == 0 ||
	    call_span(&c->request).len < REQ_OFF(fuse_read_in, size))
		return 0;
	if (!STAILQ_EMPTY(&c->lookups))
		ret = ask_lookup(r, c);
	else if (directory_goes_on(c, &r->maps, &offset))
		ret = ask_readdir(r, c, offset);
	else
		return 0;
	return ret == E_OK;
}

int
player_asked(struct replay *r, struct replay_call *c)
{
	struct span m = call_span(&c->reply_is);
	struct call_lookup *l;
	uint64_t is;
	int ret = E_OK;

	if (c->asks != FUSE_OP_LOOKUP)
		return directory_read_on(c, &r->maps, &r->channel.proto, m);
	l = STAILQ_FIRST(&c->lookups);
	STAILQ_REMOVE_HEAD(&c->lookups, link);
	is = get_u64(m, REP_OFF(fuse_entry_out, nodeid));
	if (head_error(m) == 0 && is != 0 &&
	    (ret = nodes_give(&r->maps.nodes, is)) == E_OK)
		ret = nodes_enter(&r->maps.nodes, l->was, is);
	free(l);
	return ret;
}
