/* SPDX-License-Identifier: ISC */
/* What becomes of INIT on its way through a session. */
#include <check.h>
#include <string.h>

#include "relay/init.h"
#include "tests/suite.h"
#include "wire/get.h"
#include "wire/init.h"

#define DATA (256u * 1024)
#define MEGA (1024u * 1024)
#define IN_LEN 104 /* longest forms, with their headers */
#define OUT_LEN 80
#define BIT(n) (UINT64_C(1) << (n))
#define EXT BIT(WIRE_BIT_LINUX_INIT_EXT)
#define PAGES BIT(WIRE_BIT_LINUX_MAX_PAGES)

static uint8_t in[IN_LEN + 16], out[OUT_LEN + 16];

static void
put(uint8_t *p, size_t off, uint32_t v)
{
	memcpy(p + off, &v, sizeof(v));
}

static uint32_t
get(const uint8_t *p, size_t off)
{
	uint32_t v;

	memcpy(&v, p + off, sizeof(v));
	return v;
}

/* Both messages with every field set to what must not stay. */
static void
setup(void)
{
	memset(in, 0xff, sizeof(in));
	memset(out, 0xff, sizeof(out));
	put(in, 40, 7);
	put(in, 44, 45);
	put(out, 16, 7);
	put(out, 20, 45);
}

static struct span
request(void)
{
	return (struct span){ in, IN_LEN };
}

static struct span
reply(void)
{
	return (struct span){ out, OUT_LEN };
}

/* Every length up to the longest: the fields that are there change, nothing
 * else does, least of all behind the end. */
START_TEST(request_of_every_length)
{
	size_t len = (size_t)_i, i;
	uint8_t was[sizeof(in)];

	memcpy(was, in, sizeof(in));
	init_rewrite_request(in, len, DATA, &wire_proto_unknown);
	for (i = 0; i < sizeof(in); i++) {
		if (i >= 48 && i < 60)
			continue;
		ck_assert_uint_eq(in[i], was[i]);
	}
	ck_assert_uint_eq(get(in, 48), len >= 52 ? DATA : UINT32_MAX);
	if (len >= 56)
		ck_assert_uint_ne(get(in, 52), UINT32_MAX);
	else
		ck_assert_uint_eq(get(in, 52), UINT32_MAX);
	if (len >= 60)
		ck_assert_uint_ne(get(in, 56), UINT32_MAX);
	else
		ck_assert_uint_eq(get(in, 56), UINT32_MAX);
}
END_TEST

START_TEST(reply_of_every_length)
{
	size_t len = (size_t)_i, i;
	uint8_t was[sizeof(out)];

	memcpy(was, out, sizeof(out));
	init_rewrite_reply(out, len, request(), DATA, &wire_proto_unknown);
	for (i = 0; i < sizeof(out); i++) {
		if ((i >= 24 && i < 32) || (i >= 36 && i < 40) ||
		    (i >= 44 && i < 46) || (i >= 48 && i < 56))
			continue;
		ck_assert_uint_eq(out[i], was[i]);
	}
	ck_assert_uint_eq(get(out, 24), len >= 28 ? DATA : UINT32_MAX);
	ck_assert_uint_eq(get(out, 36), len >= 40 ? DATA : UINT32_MAX);
	ck_assert_uint_eq(get(out, 52), len >= 56 ? 0 : UINT32_MAX);
	if (len >= 46)
		ck_assert_uint_eq(wire_init_get(reply(), INIT_OUT_MAX_PAGES),
		    DATA / 4096);
}
END_TEST

enum {
	CARRY = 1,
	LOCAL = 1,
	MASK = 0
};
enum {
	LINUX = 1,
	DARWIN = 2,
	BOTH = 3
};

static const struct {
	unsigned bit;
	const char *name;
	int dialect, stays;
} row[] = {
#define INIT_FLAG(bit, name, since, dialect, relay) \
	{ bit, #name, dialect, relay },
#include "wire/init_flags.def"
#undef INIT_FLAG
};
#define ROWS (sizeof(row) / sizeof(row[0]))

START_TEST(f42_linux_flags)
{
	uint64_t left = 0, got;
	size_t i;

	init_rewrite_request(in, IN_LEN, DATA, &wire_proto_unknown);
	init_rewrite_reply(out, OUT_LEN, request(), DATA, &wire_proto_unknown);
	got = wire_init_in_flags(request());
	ck_assert_uint_eq(wire_init_out_flags(reply()), got);
	for (i = 0; i < ROWS; i++) {
		if (!(row[i].dialect & LINUX))
			continue;
		ck_assert_msg(((got & BIT(row[i].bit)) != 0) == row[i].stays,
		    "%s", row[i].name);
		left |= BIT(row[i].bit);
	}
	/* A flag nobody here knows may change the messages. */
	ck_assert_uint_eq(got & ~left, 0);
	/* What needs the device itself is never promised. */
	ck_assert_uint_eq(got & (BIT(37) | BIT(41) | BIT(7) | BIT(8) | BIT(9)),
	    0);
	ck_assert_uint_ne(got & EXT, 0);
}
END_TEST

START_TEST(f42_darwin_flags)
{
	uint64_t got;
	size_t i;

	put(in, 44, 19);
	init_rewrite_request(in, 56, DATA, &wire_proto_unknown);
	got = get(in, 52);
	for (i = 0; i < ROWS; i++)
		if (row[i].dialect & DARWIN)
			ck_assert_msg(((got & BIT(row[i].bit)) != 0) ==
				row[i].stays,
			    "%s", row[i].name);
	put(out, 28, UINT32_MAX);
	init_rewrite_reply(out, 40, (struct span){ in, 56 }, DATA,
	    &wire_proto_unknown);
	ck_assert_uint_eq(get(out, 28), got);
	ck_assert_uint_eq(get(out, 36), DATA);
}
END_TEST

/* The same message, if it is known to come from Linux: its bit 31 is none
 * of Linux' flags of that age. */
START_TEST(given_dialect)
{
	struct wire_proto pr;

	ck_assert_int_eq(wire_proto_named(&pr, "linux"), E_OK);
	put(in, 44, 19);
	init_rewrite_request(in, 56, DATA, &pr);
	ck_assert_uint_eq(get(in, 52) & BIT(31), 0);
	put(in, 44, 45);
	put(in, 52, UINT32_MAX);
	ck_assert_int_eq(wire_proto_named(&pr, "darwin"), E_OK);
	init_rewrite_request(in, IN_LEN, DATA, &pr);
	ck_assert_uint_ne(get(in, 52) & BIT(31), 0);
}
END_TEST

/* The same 16 bytes with a newer minor come from Linux. */
START_TEST(short_linux_request)
{
	put(in, 44, 24);
	init_rewrite_request(in, 56, DATA, &wire_proto_unknown);
	ck_assert_uint_ne(get(in, 52) & BIT(21), 0);
	ck_assert_uint_eq(get(in, 52) & BIT(31), 0);
}
END_TEST

START_TEST(flags2_counts_only_with_its_flag)
{
	put(in, 52, 1);
	init_rewrite_request(in, IN_LEN, DATA, &wire_proto_unknown);
	ck_assert_uint_eq(get(in, 52), 1);
	ck_assert_uint_eq(get(in, 56), 0);
	put(out, 28, 1);
	init_rewrite_reply(out, OUT_LEN, request(), DATA, &wire_proto_unknown);
	ck_assert_uint_eq(get(out, 28), 1);
	ck_assert_uint_eq(get(out, 48), 0);
}
END_TEST

START_TEST(f42_sizes_are_only_lowered)
{
	static const uint32_t size[] = { 0, 1, 4096, DATA - 1, DATA, DATA + 1,
		MEGA, 0x80000000u, UINT32_MAX };
	uint32_t v = size[_i], want = v < DATA ? v : DATA;

	put(in, 48, v);
	put(out, 24, v);
	put(out, 36, v);
	init_rewrite_request(in, IN_LEN, DATA, &wire_proto_unknown);
	init_rewrite_reply(out, OUT_LEN, request(), DATA, &wire_proto_unknown);
	ck_assert_uint_eq(get(in, 48), want);
	ck_assert_uint_eq(get(out, 24), want);
	ck_assert_uint_eq(get(out, 36), want);
}
END_TEST

static void
set_pages(uint64_t asked, uint64_t granted, uint16_t pages)
{
	wire_init_in_set_flags(in, IN_LEN, asked);
	wire_init_out_set_flags(out, OUT_LEN, granted);
	ck_assert_int_eq(
	    wire_init_put(out, OUT_LEN, INIT_OUT_MAX_PAGES, pages), 1);
}

static const struct {
	uint64_t asked, granted;
	uint32_t data;
	size_t len;
	uint16_t pages, want;
	int granted_after;
} pages[] = {
	/* Granted: never more than is carried. */
	{ PAGES, PAGES, DATA, OUT_LEN, 256, 64, 1 },
	{ PAGES, PAGES, DATA, OUT_LEN, 64, 64, 1 },
	{ PAGES, PAGES, DATA, OUT_LEN, 10, 10, 1 },
	{ PAGES, PAGES, 4096, OUT_LEN, 256, 1, 1 },
	/* Not granted: the kernel's 32 pages fit. */
	{ PAGES, 0, DATA, OUT_LEN, 999, 999, 0 },
	{ PAGES, 0, 32 * 4096, OUT_LEN, 0, 0, 0 },
	/* They do not: the only way is to grant less. */
	{ PAGES, 0, 31 * 4096, OUT_LEN, 0, 31, 1 },
	{ PAGES, 0, 8192, OUT_LEN, 999, 2, 1 },
	{ PAGES, 0, 4096, OUT_LEN, 0, 1, 1 },
	/* ...where the kernel asks and the reply has the field. */
	{ 0, 0, 8192, OUT_LEN, 999, 999, 0 },
	{ PAGES, 0, 8192, 40, 999, 999, 0 },
};

START_TEST(pages_of_a_small_pair)
{
	uint64_t after;

	set_pages(pages[_i].asked, pages[_i].granted, pages[_i].pages);
	init_rewrite_reply(out, pages[_i].len, request(), pages[_i].data,
	    &wire_proto_unknown);
	ck_assert_uint_eq(wire_init_get(reply(), INIT_OUT_MAX_PAGES),
	    pages[_i].want);
	after = get(out, 28) & PAGES;
	ck_assert_int_eq(after != 0, pages[_i].granted_after);
}
END_TEST

START_TEST(largest_data)
{
	static const struct {
		size_t max_write, request, reply, want;
	} r[] = {
		{ MEGA, 4 * MEGA, 4 * MEGA, MEGA },
		{ 16 * MEGA, 4263616, 4263616, 4263616 - 3776 },
		{ MEGA, 212960, 212960, 208896 },
		{ MEGA, 8192 + 80, 4 * MEGA, 8192 },
		{ MEGA, 8192 + 79, 4 * MEGA, 4096 },
		{ MEGA, 4 * MEGA, 8192 + 16, 8192 },
		{ MEGA, 4 * MEGA, 8192 + 15, 4096 },
		{ 5000, 4 * MEGA, 4 * MEGA, 4096 },
		{ 1, 4 * MEGA, 4 * MEGA, 4096 },
		{ MEGA, 79, 4 * MEGA, 4096 },
		{ MEGA, 0, 0, 4096 },
	};

	ck_assert_uint_eq(
	    init_data_max(r[_i].max_write, r[_i].request, r[_i].reply),
	    r[_i].want);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("init");
	TCase *tc = tcase_create("init");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_loop_test(tc, request_of_every_length, 0, IN_LEN + 1);
	tcase_add_loop_test(tc, reply_of_every_length, 0, OUT_LEN + 1);
	tcase_add_test(tc, f42_linux_flags);
	tcase_add_test(tc, f42_darwin_flags);
	tcase_add_test(tc, given_dialect);
	tcase_add_test(tc, short_linux_request);
	tcase_add_test(tc, flags2_counts_only_with_its_flag);
	tcase_add_loop_test(tc, f42_sizes_are_only_lowered, 0, 9);
	tcase_add_loop_test(tc, pages_of_a_small_pair, 0,
	    (int)(sizeof(pages) / sizeof(pages[0])));
	tcase_add_loop_test(tc, largest_data, 0, 11);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
