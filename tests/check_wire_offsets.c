/* SPDX-License-Identifier: ISC */
/* The names of places, and single words of headers. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "tests/suite.h"
#include "tests/wire_samples.h"
#include "wire/head.h"
#include "wire/names.h"
#include "wire/op_row.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* A name without a dialect stands for all rows of that name. */
#define PLAIN_ALL 1
#define PLAIN_NOT_DARWIN2 1
#define PLAIN_NOT_DARWIN3 1
#define PLAIN_LINUX 0
#define PLAIN_DARWIN 0
#define PLAIN_DARWIN2 0
#define PLAIN_DARWIN3 0

static const struct {
	enum wire_struct of;
	const char *name, *show;
	size_t off;
	int plain;
} fields[] = {
#define FIELD(st, name, off, size, since, dialects, show, arg) \
	{ STRUCT_##st, #name, #show, off, PLAIN_##dialects },
#include "wire/fields.def"
#undef FIELD
};

START_TEST(plain_names_hold_in_each_dialect)
{
	size_t i, k;

	for (i = 0; i < ARRAY_LEN(fields); i++) {
		if (!fields[i].plain || strcmp(fields[i].show, "PAD") == 0)
			continue;
		for (k = 0; k < ARRAY_LEN(fields); k++)
			ck_assert_msg(fields[k].of != fields[i].of ||
				strcmp(fields[k].name, fields[i].name) != 0 ||
				strcmp(fields[k].show, "PAD") == 0 ||
				fields[k].off == fields[i].off,
			    "%s is at %zu and at %zu", fields[i].name,
			    fields[i].off, fields[k].off);
	}
}
END_TEST

static const struct {
	enum wire_struct of;
	const char *name;
	size_t size;
} sizes[] = {
#define STRUCT(name, ...) { STRUCT_##name, #name, SIZE_##name },
#define STRUCT_OLD(...)
#define STRUCT_LOOSE(...)
#define STRUCT_FLAG(...)
#include "wire/structs.def"
#undef STRUCT
#undef STRUCT_OLD
#undef STRUCT_LOOSE
#undef STRUCT_FLAG
};

START_TEST(sizes_hold_in_each_layout)
{
	struct wire_proto pr = { .flags = 0 };
	enum wire_dialect d;
	size_t i, found = 0;

	for (i = 0; i < ARRAY_LEN(sizes); i++) {
		if (sizes[i].size == 0)
			continue;
		found++;
		for (d = WIRE_LINUX; d <= WIRE_DARWIN3; d++) {
			pr.dialect = d;
			for (pr.minor = 1; pr.minor <= WIRE_MINOR_NEWEST;
			     pr.minor++)
				ck_assert_msg(struct_size(sizes[i].of, &pr) ==
					sizes[i].size,
				    "%s", sizes[i].name);
		}
	}
	ck_assert_uint_gt(found, 40);
	ck_assert_uint_eq(SIZE_fuse_getxattr_in, 0);
}
END_TEST

START_TEST(requests_by_name)
{
	struct wire_buf b;
	struct span m;

	wire_buf_init(&b);
	m = sample_build_request(&b, FUSE_OP_WRITE, 3,
	    "8:7 8:4096 4:5 4:1 8:9 4:2 4:0 =hello");
	ck_assert_uint_eq(get_u64(m, REQ_OFF(fuse_write_in, fh)), 7);
	ck_assert_uint_eq(get_u64(m, REQ_OFF(fuse_write_in, offset)), 4096);
	ck_assert_uint_eq(get_u32(m, REQ_OFF(fuse_write_in, size)), 5);
	ck_assert_uint_eq(get_u32(m, REQ_OFF(fuse_write_in, write_flags)), 1);
	ck_assert_uint_eq(get_u32(m, REQ_OFF(fuse_write_in, flags)), 2);
	m = sample_build_request(&b, FUSE_OP_COPY_FILE_RANGE, 3,
	    "8:1 8:2 8:3 8:4 8:5 8:6 8:7");
	ck_assert_uint_eq(get_u64(m, REQ_OFF(fuse_copy_file_range_in, len)),
	    6);
	wire_buf_fini(&b);
}
END_TEST

/* Attributes are not at the same place in each dialect. */
static const struct {
	const struct wire_proto *proto;
	const char *attr;
} attrs[] = {
	{ &proto_linux, ATTR_LINUX("0100644") },
	{ &proto_darwin, ATTR_DARWIN("0100644") },
	{ &proto_darwin3, ATTR_DARWIN("0100644") },
};

START_TEST(replies_by_name)
{
	const struct wire_proto *pr = attrs[_i].proto;
	struct span m, attr;
	struct wire_buf b;
	char body[256];

	snprintf(body, sizeof(body), "%s%s", ENTRY("2"), attrs[_i].attr);
	wire_buf_init(&b);
	m = sample_build_reply(&b, body, 0);
	ck_assert_uint_eq(get_u64(m, REP_OFF(fuse_entry_out, nodeid)), 2);
	ck_assert_uint_eq(get_u64(m, REP_OFF(fuse_entry_out, attr_valid)), 2);
	attr = span_from(span_from(m, WIRE_REP_HEADER),
	    dialect_off(pr, fuse_entry_out, attr));
	ck_assert_uint_eq(get_u64(attr, OFF_fuse_attr_ino), 7);
	ck_assert_uint_eq(get_u64(attr, OFF_fuse_attr_size), 5);
	ck_assert_uint_eq(get_u32(attr, dialect_off(pr, fuse_attr, mode)),
	    0100644);
	ck_assert_uint_eq(get_u32(attr, dialect_off(pr, fuse_attr, gid)),
	    1001);
	wire_buf_fini(&b);
}
END_TEST

START_TEST(heads_by_word)
{
	const struct sample *s;
	struct wire_buf b;
	struct wire_req q;
	struct wire_rep p;
	struct span m;
	size_t i;

	wire_buf_init(&b);
	for (i = 0; (s = sample_at(i)) != NULL; i++) {
		m = sample_build(&b, s);
		if (s->kind == SAMPLE_REQUEST) {
			ck_assert_int_eq(wire_req_get(m, &q), E_OK);
			ck_assert_uint_eq(head_len(m), q.len);
			ck_assert_uint_eq(head_opcode(m), s->opcode);
			ck_assert_uint_eq(head_unique(m), q.unique);
			ck_assert_uint_eq(head_nodeid(m), 1);
			continue;
		}
		ck_assert_int_eq(wire_rep_get(m, &p), E_OK);
		ck_assert_uint_eq(head_len(m), m.len);
		ck_assert_uint_eq(head_unique(m), p.unique);
		ck_assert_int_eq(head_error(m), p.error);
	}
	wire_buf_fini(&b);
}
END_TEST

START_TEST(heads_are_written)
{
	uint8_t m[SIZE_fuse_in_header + 8] = { 0 };
	struct span s = { m, sizeof(m) };
	struct wire_req q;
	struct wire_rep p;

	head_put_request(m, sizeof(m), FUSE_OP_INTERRUPT, 7, 9);
	ck_assert_int_eq(wire_req_get(s, &q), E_OK);
	ck_assert(q.len == sizeof(m) && q.opcode == FUSE_OP_INTERRUPT &&
	    q.unique == 7 && q.nodeid == 9 && q.pid == 0);
	head_put_reply(m, sizeof(m), 8, -2);
	ck_assert_int_eq(wire_rep_get(s, &p), E_OK);
	ck_assert(p.len == sizeof(m) && p.error == -2 && p.unique == 8);
	head_set_unique(m, sizeof(m), 10);
	ck_assert_uint_eq(head_unique(s), 10);
	/* What is too short has none, and gets none. */
	s.len = 15;
	ck_assert_uint_eq(head_unique(s), 0);
	head_set_unique(m, 15, 11);
	s.len = sizeof(m);
	ck_assert_uint_eq(head_unique(s), 10);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("wire_offsets");
	TCase *t = tcase_create("names");

	tcase_add_test(t, plain_names_hold_in_each_dialect);
	tcase_add_test(t, sizes_hold_in_each_layout);
	tcase_add_test(t, requests_by_name);
	tcase_add_loop_test(t, replies_by_name, 0, ARRAY_LEN(attrs));
	tcase_add_test(t, heads_by_word);
	tcase_add_test(t, heads_are_written);
	suite_add_tcase(s, t);
	return suite_run(s);
}
