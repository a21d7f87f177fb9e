/* SPDX-License-Identifier: ISC */
#include "tests/replay_calls.h"

#include "tests/replay_suite.h"
#include "wire/get.h"

struct replay_maps maps;

static struct wire_buf buf;
static uint64_t record;

static void
calls_setup(void)
{
	ck_assert_int_eq(maps_init(&maps), E_OK);
	wire_buf_init(&buf);
	record = 0;
}

static void
calls_teardown(void)
{
	maps_fini(&maps);
	wire_buf_fini(&buf);
}

int
calls_run(const char *suite, void (*add)(TCase *tc))
{
	return replay_suite(suite, calls_setup, calls_teardown, add);
}

struct replay_call *
call_make(uint32_t opcode, uint64_t nodeid, const char *body, size_t lacks)
{
	struct span name[2], m;
	struct replay_call *c;

	m = sample_build_request(&buf, opcode, nodeid, body);
	c = call_new(m, m.len - lacks, ++record);
	ck_assert_ptr_nonnull(c);
	c->names = wire_request_names(&proto_linux, m, name);
	wire_expect_set(&c->expect_was, &proto_linux, m);
	c->expect_is = c->expect_was;
	return c;
}

enum replay_skip
call_put(struct replay_call *c)
{
	enum replay_skip skip = call_translate(c, &maps, &proto_linux);

	if (skip == SKIP_NOT)
		call_begin_changes(c, &maps, &proto_linux);
	return skip;
}

void
call_reply(struct call_bytes *b, const char *body, int32_t error)
{
	struct span m = sample_build_reply(&buf, body, error);

	ck_assert_int_eq(call_keep(b, m, m.len), E_OK);
}

void
call_end(struct replay_call *c)
{
	c->answered = ++record;
	call_end_changes(c, &maps);
	call_free(c, &maps);
}

uint64_t
sent_u64(const struct replay_call *c, size_t off)
{
	return get_u64(call_span(&c->request), off);
}

void
know_nodes(unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		ck_assert_int_eq(nodes_enter(&maps.nodes, 10 + i, 20 + i),
		    E_OK);
		ck_assert_int_eq(nodes_give(&maps.nodes, 20 + i), E_OK);
	}
}
