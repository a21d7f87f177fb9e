/* SPDX-License-Identifier: ISC */
#include "tests/talk.h"

#include <check.h>
#include <string.h>

#include "wire/get.h"

struct talk talk;

void
talk_open(void)
{
	wire_buf_init(&talk.buf);
	quirks_init(&talk.q, TALK_ALL);
	talk.proto = &proto_linux;
}

void
talk_close(void)
{
	wire_buf_fini(&talk.buf);
}

struct span
talk_message(void)
{
	return (struct span){ talk.msg, talk.len };
}

static void
talk_take(void)
{
	struct span m;

	ck_assert_int_eq(wire_end(&talk.buf, &m), E_OK);
	ck_assert_uint_le(m.len, TALK_MAX);
	memcpy(talk.msg, m.p, m.len);
	talk.len = m.len;
}

int
talk_request(void)
{
	talk_take();
	return quirks_request(&talk.q, talk.proto,
	    op_find(get_u32(talk_message(), 4)), talk.msg, talk.len,
	    &talk.call);
}

int
talk_reply(void)
{
	talk_take();
	return quirks_reply(&talk.q, talk.proto, &talk.call, talk.msg,
	    &talk.len);
}

uint64_t
talk_word(size_t at)
{
	return get_u64(talk_message(), at);
}

uint64_t
talk_open_gives(uint32_t opcode, uint64_t fh)
{
	const struct op *op = op_find(opcode);
	size_t at = op_out_fh(op, talk.proto);

	wire_begin_request(&talk.buf, opcode, 4, 1);
	wire_put_zero(&talk.buf, op_in_size(op, talk.proto));
	if (opcode == FUSE_OP_CREATE || opcode == FUSE_OP_TMPFILE)
		wire_put_name(&talk.buf, "name");
	ck_assert_int_eq(talk_request(), 0);
	wire_begin_reply(&talk.buf, 4, 0);
	wire_put_zero(&talk.buf, at - WIRE_REP_HEADER);
	wire_put_u64(&talk.buf, fh);
	wire_put_zero(&talk.buf, 8);
	talk_reply();
	return talk_word(at);
}
