/* SPDX-License-Identifier: ISC */
/* INIT: fields in place, flags to mask, and who the peers are. */
#include <check.h>
#include <string.h>

#include "tests/suite.h"
#include "tests/wire_samples.h"
#include "wire/check.h"
#include "wire/get.h"
#include "wire/init.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static struct span
build(struct wire_buf *b, int reply, const char *body)
{
	struct span m;

	if (reply)
		wire_begin_reply(b, 2, 0);
	else
		wire_begin_request(b, FUSE_OP_INIT, 2, 0);
	sample_put(b, body);
	ck_assert_int_eq(wire_end(b, &m), E_OK);
	return m;
}

START_TEST(mask_is_what_needs_the_device)
{
	uint64_t m = wire_init_mask(WIRE_LINUX);

	ck_assert_uint_eq(m, 0xfffffa2284000380u);
	ck_assert_uint_ne(m >> WIRE_BIT_LINUX_PASSTHROUGH & 1, 0);
	ck_assert_uint_ne(m >> WIRE_BIT_LINUX_OVER_IO_URING & 1, 0);
	ck_assert_uint_eq(m >> WIRE_BIT_LINUX_INIT_EXT & 1, 0);
	ck_assert_uint_eq(wire_init_mask(WIRE_DARWIN), 0x600000);
	ck_assert_uint_eq(wire_init_mask(WIRE_DARWIN3), 0x600000);
}
END_TEST

START_TEST(fields_are_rewritten)
{
	struct wire_buf b;
	struct span m;

	wire_buf_init(&b);
	m = build(&b, 0, "4:7 4:45 4:131072 4:0x40000001 4:0x21 0*44");
	ck_assert_uint_eq(wire_init_get(m, INIT_IN_MINOR), 45);
	ck_assert_uint_eq(wire_init_in_flags(m), 0x2140000001);
	ck_assert_int_eq(
	    wire_init_put(b.p, b.len, INIT_IN_MAX_READAHEAD, 4096), 1);
	wire_init_in_set_flags(b.p, b.len, 0x140000001);
	ck_assert_uint_eq(wire_init_get(m, INIT_IN_MAX_READAHEAD), 4096);
	ck_assert_uint_eq(wire_init_in_flags(m), 0x140000001);
	ck_assert_uint_eq(get_u64(m, 60), 0);

	/* Without INIT_EXT the second word says nothing. */
	m = build(&b, 0, "4:7 4:45 4:131072 4:1 4:0x21 0*44");
	ck_assert_uint_eq(wire_init_in_flags(m), 1);

	m = build(&b, 1,
	    "4:7 4:40 4:9 4:0x40400000 2:12 2:9 4:16777216 "
	    "4:1 2:4096 2:0 4:0x20 4:2 2:30 0*22");
	ck_assert_uint_eq(m.len, 80);
	ck_assert_uint_eq(wire_init_out_flags(m), 0x2040400000);
	ck_assert_uint_eq(wire_init_get(m, INIT_OUT_MAX_BACKGROUND), 12);
	ck_assert_uint_eq(wire_init_get(m, INIT_OUT_MAX_WRITE), 16777216);
	ck_assert_uint_eq(wire_init_get(m, INIT_OUT_MAX_PAGES), 4096);
	ck_assert_uint_eq(wire_init_get(m, INIT_OUT_MAX_STACK_DEPTH), 2);
	ck_assert_uint_eq(wire_init_get(m, INIT_OUT_REQUEST_TIMEOUT), 30);
	ck_assert_int_eq(wire_init_put(b.p, b.len, INIT_OUT_MAX_PAGES, 70000),
	    1);
	ck_assert_uint_eq(wire_init_get(m, INIT_OUT_MAX_PAGES), 65535);
	ck_assert_uint_eq(
	    wire_init_clamp(b.p, b.len, INIT_OUT_MAX_PAGES, 70000), 65535);
	ck_assert_uint_eq(wire_init_clamp(b.p, b.len, INIT_OUT_MAX_PAGES, 9),
	    9);
	ck_assert_uint_eq(wire_init_get(m, INIT_OUT_MAX_PAGES), 9);
	ck_assert_uint_eq(get_u16(m, 46), 0);
	wire_init_out_set_flags(b.p, b.len, 0x40400000);
	ck_assert_uint_eq(wire_init_out_flags(m), 0x40400000);
	wire_buf_fini(&b);
}
END_TEST

START_TEST(short_forms_lack_fields)
{
	struct wire_buf b;
	struct span m;

	wire_buf_init(&b);
	m = build(&b, 0, "4:7 4:5");
	ck_assert_uint_eq(wire_init_in_flags(m), 0);
	ck_assert_uint_eq(wire_init_get(m, INIT_IN_MAX_READAHEAD), 0);
	ck_assert_int_eq(
	    wire_init_put(b.p, b.len, INIT_IN_MAX_READAHEAD, 4096), 0);
	wire_init_in_set_flags(b.p, b.len, UINT64_MAX);
	ck_assert_uint_eq(get_u32(m, 44), 5);

	m = build(&b, 1, "4:7 4:19 4:9 4:0x40000000 4:0 4:65536");
	ck_assert_uint_eq(wire_init_get(m, INIT_OUT_MAX_WRITE), 65536);
	ck_assert_uint_eq(wire_init_out_flags(m), 0x40000000);
	ck_assert_int_eq(wire_init_put(b.p, b.len, INIT_OUT_MAX_PAGES, 1), 0);
	wire_buf_fini(&b);
}
END_TEST

static const struct {
	const char *request, *reply;
	int r;
	enum wire_dialect dialect;
	uint32_t minor;
	uint64_t flags;
	int guessed;
} inits[] = {
	/* Linux of today, with daemons of all ages. */
	{ "4:7 4:45 4:0 4:0x60000001 4:0xf 0*44",
	    "4:7 4:38 4:0 4:0x60000003 4:0 4:0 4:0 4:0 4:5 0*28", E_OK,
	    WIRE_LINUX, 38, 0x560000001, 0 },
	{ "4:7 4:45 4:0 4:0x60000001 4:0xf 0*44",
	    "4:7 4:19 4:0 4:1 4:0 4:65536", E_OK, WIRE_LINUX, 19, 1, 0 },
	{ "4:7 4:45 4:0 4:1 4:0 0*44", "4:7 4:99", E_OK, WIRE_LINUX, 45, 0,
	    0 },
	{ "4:7 4:45 4:0 4:1 4:0 0*44", "4:7 4:0", E_OK, WIRE_LINUX, 1, 0, 0 },
	/* The short request of older kernels. */
	{ "4:7 4:31 4:0 4:0xfffffff", "4:7 4:31 4:0 4:0xfffffff 0*48", E_OK,
	    WIRE_LINUX, 31, 0xfffffff, 0 },
	{ "4:7 4:23 4:0 4:0x3ffff", "4:7 4:31 4:0 4:1 0*48", E_OK, WIRE_LINUX,
	    23, 1, 1 },
	/* FUSE-T and macFUSE. */
	{ "4:7 4:19 4:0 4:0xe0000001", "4:7 4:19 4:0 4:0xe0000001 4:0 4:1",
	    E_OK, WIRE_DARWIN, 19, 0xe0000001, 1 },
	{ "4:7 4:23 4:0 4:0xe0000001", "4:7 4:19 4:0 4:0x1 4:0 4:1", E_OK,
	    WIRE_DARWIN, 19, 1, 1 },
	{ "4:7 4:23 4:0 4:0xe0000001", "4:7 4:38 4:0 4:0x40000001 0*48", E_OK,
	    WIRE_LINUX, 23, 0x40000001, 1 },
	{ "4:7 4:19 4:0 4:0xe0000001", "4:7 4:40 4:0 4:1 0*48", E_OK,
	    WIRE_DARWIN3, 19, 1, 1 },
	/* Nothing came of it. */
	{ "4:7", "4:7 4:1", E_SHORT, WIRE_LINUX, 0, 0, 0 },
	{ "4:7 4:45", "4:7", E_SHORT, WIRE_LINUX, 0, 0, 0 },
	{ "4:7 4:45", "4:8 4:1", E_VALUE, WIRE_LINUX, 0, 0, 0 },
	{ "4:8 4:1", "4:7 4:1", E_VALUE, WIRE_LINUX, 0, 0, 0 },
};

START_TEST(exchange_is_understood)
{
	struct wire_proto pr = wire_proto_unknown;
	struct wire_buf req, rep;
	struct span q, r;

	wire_buf_init(&req);
	wire_buf_init(&rep);
	q = build(&req, 0, inits[_i].request);
	r = build(&rep, 1, inits[_i].reply);
	ck_assert_int_eq(wire_proto_from_init(&pr, q, r), inits[_i].r);
	ck_assert_int_eq((int)pr.dialect, (int)inits[_i].dialect);
	ck_assert_uint_eq(pr.minor, inits[_i].minor);
	ck_assert_uint_eq(pr.flags, inits[_i].flags);
	ck_assert_int_eq(pr.guessed, inits[_i].guessed);
	wire_buf_fini(&req);
	wire_buf_fini(&rep);
}
END_TEST

/* Sizes: of a WRITE; of a READ, which goes by pages where they are granted. */
static const struct {
	const char *request, *reply;
	uint32_t max_write, max_read;
} limits[] = {
	{ "4:7 4:31 4:0 4:0x400000",
	    "4:7 4:31 4:0 4:0x400000 4:0 4:65536 4:1 2:256 2:0 0*32", 65536,
	    1048576 },
	{ "4:7 4:31 4:0 4:0x400000",
	    "4:7 4:31 4:0 4:0x400000 4:0 4:9 4:1 2:0 2:0 0*32", 4096, 4096 },
	/* Not offered, not granted, not there. */
	{ "4:7 4:31 4:0 4:0x1",
	    "4:7 4:31 4:0 4:0x400000 4:0 4:65536 4:1 2:256 2:0 0*32", 65536,
	    131072 },
	{ "4:7 4:31 4:0 4:0x400000",
	    "4:7 4:31 4:0 4:1 4:0 4:65536 4:1 2:256 2:0 0*32", 65536, 131072 },
	{ "4:7 4:31 4:0 4:0x400000", "4:7 4:31 4:0 4:0x400000 4:0 4:65536",
	    65536, 131072 },
	{ "4:7 4:31 4:0 4:0x400000", "4:7 4:4", 4096, 131072 },
};

START_TEST(sizes_are_understood)
{
	struct wire_proto pr = wire_proto_unknown;
	struct wire_buf req, rep;

	wire_buf_init(&req);
	wire_buf_init(&rep);
	ck_assert_int_eq(wire_proto_from_init(&pr,
			     build(&req, 0, limits[_i].request),
			     build(&rep, 1, limits[_i].reply)),
	    E_OK);
	ck_assert_uint_eq(pr.max_write, limits[_i].max_write);
	ck_assert_uint_eq(pr.max_read, limits[_i].max_read);
	wire_buf_fini(&req);
	wire_buf_fini(&rep);
}
END_TEST

/* Whatever the exchange looks like. */
START_TEST(given_dialect_stays)
{
	static const char *const names[] = { "linux", "darwin", "darwin3" };
	struct wire_proto pr;
	struct wire_expect e;
	struct wire_buf req, rep;
	struct span q, r;
	size_t i;

	wire_buf_init(&req);
	wire_buf_init(&rep);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		ck_assert_int_eq(wire_proto_named(&pr, names[i]), E_OK);
		ck_assert_int_eq((int)pr.dialect, (int)i);
		q = build(&req, 0, inits[_i].request);
		r = build(&rep, 1, inits[_i].reply);
		ck_assert_int_eq(wire_proto_from_init(&pr, q, r), inits[_i].r);
		ck_assert_int_eq((int)pr.dialect, (int)i);
		ck_assert_int_eq((int)wire_init_dialect(&pr, q), (int)i);
		ck_assert_uint_eq(pr.minor, inits[_i].minor);
		memset(&e, 0, sizeof(e));
		e.opcode = FUSE_OP_GETATTR;
		r = build(&rep, 1, "0*104");
		ck_assert_int_eq(wire_proto_learn(&pr, &e, r), 0);
		ck_assert_int_eq((int)pr.dialect, (int)i);
	}
	ck_assert_int_eq(wire_proto_named(&pr, "auto"), E_OK);
	ck_assert_int_eq(pr.forced, 0);
	ck_assert_int_eq(wire_proto_named(&pr, "mac"), E_VALUE);
	wire_buf_fini(&req);
	wire_buf_fini(&rep);
}
END_TEST

START_TEST(refused_exchange_is_none)
{
	struct wire_proto pr = wire_proto_unknown;
	struct wire_buf req;
	struct span q;
	uint8_t no[24] = { 24, 0, 0, 0, 0xfb, 0xff, 0xff, 0xff, 2, [16] = 7 };

	wire_buf_init(&req);
	q = build(&req, 0, "4:7 4:45");
	ck_assert_int_eq(
	    wire_proto_from_init(&pr, q, (struct span){ no, sizeof(no) }),
	    E_VALUE);
	ck_assert_uint_eq(pr.minor, 0);
	wire_buf_fini(&req);
}
END_TEST

static const struct {
	enum wire_dialect guess;
	uint32_t opcode;
	int32_t error;
	const char *reply;
	int r;
	enum wire_dialect then;
	int guessed;
} lessons[] = {
	{ WIRE_DARWIN, FUSE_OP_GETATTR, 0, "0*16" ATTR_LINUX("040755"), 1,
	    WIRE_LINUX, 0 },
	{ WIRE_DARWIN, FUSE_OP_GETATTR, 0, "0*16" ATTR_DARWIN("040755"), 0,
	    WIRE_DARWIN, 0 },
	{ WIRE_DARWIN3, FUSE_OP_GETATTR, 0, "0*16" ATTR_DARWIN("040755"), 0,
	    WIRE_DARWIN3, 0 },
	{ WIRE_LINUX, FUSE_OP_LOOKUP, 0, ENTRY("2") ATTR_DARWIN("0100644"), 1,
	    WIRE_DARWIN, 0 },
	{ WIRE_LINUX, FUSE_OP_LOOKUP, 0, "0*100", 0, WIRE_LINUX, 1 },
	{ WIRE_LINUX, FUSE_OP_LOOKUP, -2, "", 0, WIRE_LINUX, 1 },
	{ WIRE_LINUX, FUSE_OP_STATFS, 0, "0*120", 0, WIRE_LINUX, 1 },
};

START_TEST(layout_is_learnt)
{
	struct wire_proto pr = { .dialect = lessons[_i].guess,
		.minor = 19,
		.guessed = 1 };
	struct wire_buf b;
	struct wire_expect e;
	const char *why;
	struct span m;

	wire_buf_init(&b);
	wire_begin_request(&b, lessons[_i].opcode, 2, 1);
	sample_put(&b, "'abc 0*12");
	ck_assert_int_eq(wire_end(&b, &m), E_OK);
	wire_expect_set(&e, &pr, m);
	wire_begin_reply(&b, 2, lessons[_i].error);
	sample_put(&b, lessons[_i].reply);
	ck_assert_int_eq(wire_end(&b, &m), E_OK);
	ck_assert_int_eq(wire_proto_learn(&pr, &e, m), lessons[_i].r);
	ck_assert_int_eq((int)pr.dialect, (int)lessons[_i].then);
	ck_assert_int_eq(pr.guessed, lessons[_i].guessed);
	if (!pr.guessed)
		ck_assert_int_eq((int)wire_check_reply(&pr, &e, m, &why),
		    REPLY_GOOD);
	wire_buf_fini(&b);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("wire_init");
	TCase *t = tcase_create("init");

	tcase_add_test(t, mask_is_what_needs_the_device);
	tcase_add_test(t, fields_are_rewritten);
	tcase_add_test(t, short_forms_lack_fields);
	tcase_add_loop_test(t, exchange_is_understood, 0, ARRAY_LEN(inits));
	tcase_add_loop_test(t, sizes_are_understood, 0,
	    sizeof(limits) / sizeof(limits[0]));
	tcase_add_loop_test(t, given_dialect_stays, 0, ARRAY_LEN(inits));
	tcase_add_test(t, refused_exchange_is_none);
	tcase_add_loop_test(t, layout_is_learnt, 0, ARRAY_LEN(lessons));
	suite_add_tcase(s, t);
	return suite_run(s);
}
