/* SPDX-License-Identifier: ISC */
/* The rows themselves: sizes, handles, names. */
#include <check.h>
#include <string.h>

#include "tests/suite.h"
#include "tests/wire_samples.h"
#include "wire/op_row.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* Rows of the table. */
enum {
	ROWS = 0
#define OP(...) +1
#include "wire/ops.def"
#undef OP
};

START_TEST(rows_are_found)
{
	const struct op *op, *last = NULL;
	char buf[OP_NAME_MAX];
	size_t i;

	for (i = 0; (op = op_row(i)) != NULL; i++) {
		ck_assert_ptr_eq(op_find(op_code(op)), op);
		ck_assert_str_eq(op_name_of(op_code(op), buf), op_name(op));
		ck_assert(last == NULL || op_code(last) < op_code(op));
		last = op;
	}
	ck_assert_uint_eq(i, ROWS);
}
END_TEST

START_TEST(other_numbers_have_no_row)
{
	static const uint32_t none[] = { 0, 7, 19, 999, 4095, 4097, 436207616,
		1048576, UINT32_MAX };
	char buf[OP_NAME_MAX];
	size_t i;

	for (i = 0; i < ARRAY_LEN(none); i++)
		ck_assert_ptr_null(op_find(none[i]));
	ck_assert_str_eq(op_name_of(UINT32_MAX, buf), "OP(4294967295)");
}
END_TEST

/* Bytes of the fixed structs, told apart by all that they depend on. */
static const struct {
	uint32_t opcode;
	enum wire_dialect dialect;
	uint32_t minor;
	uint64_t flags;
	size_t in, out;
} sizes[] = {
	{ FUSE_OP_LOOKUP, WIRE_LINUX, 45, 0, 0, 128 },
	{ FUSE_OP_LOOKUP, WIRE_LINUX, 0, 0, 0, 128 },
	{ FUSE_OP_LOOKUP, WIRE_LINUX, 9, 0, 0, 128 },
	{ FUSE_OP_LOOKUP, WIRE_LINUX, 8, 0, 0, 120 },
	{ FUSE_OP_LOOKUP, WIRE_DARWIN, 19, 0, 0, 144 },
	{ FUSE_OP_LOOKUP, WIRE_DARWIN, 8, 0, 0, 136 },
	{ FUSE_OP_LOOKUP, WIRE_DARWIN3, 19, 0, 0, 144 },
	{ FUSE_OP_GETATTR, WIRE_LINUX, 45, 0, 16, 104 },
	{ FUSE_OP_GETATTR, WIRE_LINUX, 8, 0, 16, 96 },
	{ FUSE_OP_GETATTR, WIRE_DARWIN, 19, 0, 16, 120 },
	{ FUSE_OP_GETATTR, WIRE_DARWIN, 8, 0, 16, 112 },
	{ FUSE_OP_SETATTR, WIRE_LINUX, 45, 0, 88, 104 },
	{ FUSE_OP_SETATTR, WIRE_DARWIN, 19, 0, 128, 120 },
	{ FUSE_OP_MKNOD, WIRE_LINUX, 12, 0, 16, 128 },
	{ FUSE_OP_MKNOD, WIRE_LINUX, 11, 0, 8, 128 },
	{ FUSE_OP_RENAME, WIRE_LINUX, 45, 1u << 25, 8, 0 },
	{ FUSE_OP_RENAME, WIRE_DARWIN, 19, 0, 8, 0 },
	{ FUSE_OP_RENAME, WIRE_DARWIN, 19, 1u << 25, 16, 0 },
	{ FUSE_OP_READ, WIRE_LINUX, 8, 0, 40, 0 },
	{ FUSE_OP_WRITE, WIRE_LINUX, 9, 0, 40, 8 },
	{ FUSE_OP_WRITE, WIRE_LINUX, 8, 0, 24, 8 },
	{ FUSE_OP_STATFS, WIRE_LINUX, 4, 0, 0, 80 },
	{ FUSE_OP_STATFS, WIRE_LINUX, 3, 0, 0, 48 },
	{ FUSE_OP_SETXATTR, WIRE_LINUX, 45, 0, 8, 0 },
	{ FUSE_OP_SETXATTR, WIRE_LINUX, 45, 1u << 29, 16, 0 },
	{ FUSE_OP_SETXATTR, WIRE_DARWIN, 19, 0, 16, 0 },
	{ FUSE_OP_GETXATTR, WIRE_LINUX, 45, 0, 8, 8 },
	{ FUSE_OP_GETXATTR, WIRE_DARWIN, 19, 0, 16, 8 },
	{ FUSE_OP_INIT, WIRE_LINUX, 36, 0, 64, 64 },
	{ FUSE_OP_INIT, WIRE_LINUX, 35, 0, 16, 64 },
	{ FUSE_OP_INIT, WIRE_LINUX, 22, 0, 16, 24 },
	{ FUSE_OP_INIT, WIRE_DARWIN, 19, 0, 16, 24 },
	{ FUSE_OP_CREATE, WIRE_LINUX, 45, 0, 16, 144 },
	{ FUSE_OP_CREATE, WIRE_LINUX, 8, 0, 8, 136 },
	{ FUSE_OP_CREATE, WIRE_DARWIN, 19, 0, 16, 160 },
	{ FUSE_OP_CREATE, WIRE_DARWIN, 8, 0, 8, 152 },
	{ FUSE_OP_TMPFILE, WIRE_LINUX, 45, 0, 16, 144 },
	{ FUSE_OP_STATX, WIRE_LINUX, 45, 0, 24, 288 },
	{ FUSE_OP_GETXTIMES, WIRE_DARWIN, 19, 0, 0, 24 },
	{ FUSE_OP_EXCHANGE, WIRE_DARWIN, 19, 0, 24, 0 },
	{ FUSE_OP_CUSE_INIT, WIRE_LINUX, 45, 0, 16, 72 },
};

START_TEST(size_follows_proto)
{
	struct wire_proto pr = { .dialect = sizes[_i].dialect,
		.minor = sizes[_i].minor,
		.flags = sizes[_i].flags };
	const struct op *op = op_find(sizes[_i].opcode);

	ck_assert_uint_eq(op_in_size(op, &pr), sizes[_i].in);
	ck_assert_uint_eq(op_out_size(op, &pr), sizes[_i].out);
}
END_TEST

/* Message offsets of the handles; 0: none. */
static const struct {
	uint32_t opcode;
	const struct wire_proto *proto;
	uint32_t word; /* at 40 */
	size_t first, second, reply;
} handles[] = {
	{ FUSE_OP_LOOKUP, &proto_linux, 0, 0, 0, 0 },
	{ FUSE_OP_GETATTR, &proto_linux, 0, 0, 0, 0 },
	{ FUSE_OP_GETATTR, &proto_linux, 1, 48, 0, 0 },
	{ FUSE_OP_SETATTR, &proto_linux, 0x3f, 0, 0, 0 },
	{ FUSE_OP_SETATTR, &proto_linux, 1 << 6, 48, 0, 0 },
	{ FUSE_OP_STATX, &proto_linux, 1, 48, 0, 0 },
	{ FUSE_OP_OPEN, &proto_linux, 0, 0, 0, 16 },
	{ FUSE_OP_OPENDIR, &proto_linux, 0, 0, 0, 16 },
	{ FUSE_OP_READ, &proto_linux, 0, 40, 0, 0 },
	{ FUSE_OP_WRITE, &proto_linux, 0, 40, 0, 0 },
	{ FUSE_OP_RELEASE, &proto_linux, 0, 40, 0, 0 },
	{ FUSE_OP_FSYNC, &proto_linux, 0, 40, 0, 0 },
	{ FUSE_OP_FLUSH, &proto_linux, 0, 40, 0, 0 },
	{ FUSE_OP_READDIR, &proto_linux, 0, 40, 0, 0 },
	{ FUSE_OP_READDIRPLUS, &proto_linux, 0, 40, 0, 0 },
	{ FUSE_OP_RELEASEDIR, &proto_linux, 0, 40, 0, 0 },
	{ FUSE_OP_FSYNCDIR, &proto_linux, 0, 40, 0, 0 },
	{ FUSE_OP_GETLK, &proto_linux, 0, 40, 0, 0 },
	{ FUSE_OP_SETLK, &proto_linux, 0, 40, 0, 0 },
	{ FUSE_OP_SETLKW, &proto_linux, 0, 40, 0, 0 },
	{ FUSE_OP_IOCTL, &proto_linux, 0, 40, 0, 0 },
	{ FUSE_OP_POLL, &proto_linux, 0, 40, 0, 0 },
	{ FUSE_OP_FALLOCATE, &proto_linux, 0, 40, 0, 0 },
	{ FUSE_OP_LSEEK, &proto_linux, 0, 40, 0, 0 },
	{ FUSE_OP_SETUPMAPPING, &proto_linux, 0, 40, 0, 0 },
	{ FUSE_OP_COPY_FILE_RANGE, &proto_linux, 0, 40, 64, 0 },
	{ FUSE_OP_COPY_FILE_RANGE_64, &proto_linux, 0, 40, 64, 0 },
	{ FUSE_OP_CREATE, &proto_linux, 0, 0, 0, 144 },
	{ FUSE_OP_CREATE, &proto_linux_old, 0, 0, 0, 136 },
	{ FUSE_OP_CREATE, &proto_darwin, 0, 0, 0, 160 },
	{ FUSE_OP_CREATE, &proto_darwin_old, 0, 0, 0, 152 },
	{ FUSE_OP_TMPFILE, &proto_linux, 0, 0, 0, 144 },
	{ FUSE_OP_RENAME2, &proto_linux, 0, 0, 0, 0 },
	/* Not operations of this dialect. */
	{ FUSE_OP_LSEEK, &proto_darwin, 0, 0, 0, 0 },
	{ FUSE_OP_TMPFILE, &proto_darwin, 0, 0, 0, 0 },
};

START_TEST(handles_are_found)
{
	const struct op *op = op_find(handles[_i].opcode);
	const struct wire_proto *pr = handles[_i].proto;
	struct wire_buf b;
	struct span m;

	wire_buf_init(&b);
	wire_begin_request(&b, handles[_i].opcode, 6, 1);
	wire_put_u32(&b, handles[_i].word);
	wire_put_zero(&b, 60);
	ck_assert_int_eq(wire_end(&b, &m), E_OK);
	ck_assert_uint_eq(op_in_fh(op, pr, m, 0), handles[_i].first);
	ck_assert_uint_eq(op_in_fh(op, pr, m, 1), handles[_i].second);
	ck_assert_uint_eq(op_in_fh(op, pr, m, 2), 0);
	ck_assert_uint_eq(op_out_fh(op, pr), handles[_i].reply);
	/* A message cut in the handle has none. */
	m.len = 47;
	ck_assert_uint_eq(op_in_fh(op, pr, m, 0), 0);
	wire_buf_fini(&b);
}
END_TEST

START_TEST(flags_of_rows)
{
	ck_assert_uint_eq(op_flags(op_find(FUSE_OP_FORGET)),
	    OP_NOREPLY | OP_LEFT);
	ck_assert_uint_eq(op_flags(op_find(FUSE_OP_INTERRUPT)),
	    OP_MAYREPLY | OP_LEFT);
	ck_assert_uint_eq(op_flags(op_find(FUSE_OP_READ)), OP_AHEAD);
	ck_assert_uint_eq(op_flags(op_find(FUSE_OP_LOOKUP)), OP_ENTRY);
	ck_assert_uint_eq(op_flags(op_find(FUSE_OP_EXCHANGE)),
	    OP_DARWIN | OP_CHANGES | OP_NAMES);
	ck_assert_uint_eq(op_flags(op_find(FUSE_OP_TMPFILE)),
	    OP_LINUX | OP_ENTRY | OP_EXTS);
}
END_TEST

/* The numbers of nodes and requests behind a request's header. */
static const struct {
	uint32_t opcode;
	const struct wire_proto *proto;
	size_t first, second, unique;
} numbers[] = {
	{ FUSE_OP_LOOKUP, &proto_linux, 0, 0, 0 },
	{ FUSE_OP_FORGET, &proto_linux, 0, 0, 0 },
	{ FUSE_OP_RENAME, &proto_linux, 40, 0, 0 },
	{ FUSE_OP_RENAME, &proto_darwin_swap, 40, 0, 0 },
	{ FUSE_OP_RENAME2, &proto_linux, 40, 0, 0 },
	{ FUSE_OP_LINK, &proto_linux, 40, 0, 0 },
	{ FUSE_OP_COPY_FILE_RANGE, &proto_linux, 56, 0, 0 },
	{ FUSE_OP_COPY_FILE_RANGE_64, &proto_linux, 56, 0, 0 },
	{ FUSE_OP_COPY_FILE_RANGE_64, &proto_linux_old, 56, 0, 0 },
	{ FUSE_OP_EXCHANGE, &proto_darwin, 40, 48, 0 },
	{ FUSE_OP_EXCHANGE, &proto_linux, 0, 0, 0 },
	{ FUSE_OP_INTERRUPT, &proto_linux, 0, 0, 40 },
};

START_TEST(numbers_by_offset)
{
	const struct op *op = op_find(numbers[_i].opcode);
	const struct wire_proto *pr = numbers[_i].proto;
	static const uint8_t zero[128];
	struct span m = { zero, sizeof(zero) };

	ck_assert_uint_eq(op_in_node(op, pr, m, 0), numbers[_i].first);
	ck_assert_uint_eq(op_in_node(op, pr, m, 1), numbers[_i].second);
	ck_assert_uint_eq(op_in_unique(op, pr, m), numbers[_i].unique);
	/* A word that is not wholly there is none. */
	m.len = WIRE_REQ_HEADER + 7;
	ck_assert_uint_eq(op_in_node(op, pr, m, 0), 0);
	ck_assert_uint_eq(op_in_unique(op, pr, m), 0);
}
END_TEST

START_TEST(forgets_one_by_one)
{
	struct op_forget f;
	struct wire_buf b;
	struct span m;
	size_t at = 0;

	wire_buf_init(&b);
	wire_begin_request(&b, FUSE_OP_FORGET, 2, 9);
	wire_put_u64(&b, 3);
	ck_assert_int_eq(wire_end(&b, &m), E_OK);
	ck_assert_int_eq(op_forget_next(m, &at, &f), 1);
	ck_assert(f.at == 0 && f.nodeid == 9 && f.nlookup == 3);
	ck_assert_int_eq(op_forget_next(m, &at, &f), 0);

	wire_begin_request(&b, FUSE_OP_BATCH_FORGET, 2, 0);
	sample_put(&b, "4:2 4:0 8:9 8:3 8:10 8:4 8:11");
	ck_assert_int_eq(wire_end(&b, &m), E_OK);
	at = 0;
	ck_assert_int_eq(op_forget_next(m, &at, &f), 1);
	ck_assert(f.at == 48 && f.nodeid == 9 && f.nlookup == 3);
	ck_assert_int_eq(op_forget_next(m, &at, &f), 1);
	ck_assert(f.at == 64 && f.nodeid == 10 && f.nlookup == 4);
	ck_assert_int_eq(op_forget_next(m, &at, &f), 0);

	wire_begin_request(&b, FUSE_OP_LOOKUP, 2, 9);
	ck_assert_int_eq(wire_end(&b, &m), E_OK);
	at = 0;
	ck_assert_int_eq(op_forget_next(m, &at, &f), 0);
	wire_buf_fini(&b);
}
END_TEST

/* What looks for a struct's first field does so by halves. */
START_TEST(fields_are_in_order)
{
	static const struct {
		int of, off;
	} fields[] = {
#define FIELD(st, name, off, ...) { STRUCT_##st, off },
#include "wire/fields.def"
#undef FIELD
	};
	size_t i;

	for (i = 1; i < ARRAY_LEN(fields); i++)
		ck_assert_msg(fields[i].of > fields[i - 1].of ||
			(fields[i].of == fields[i - 1].of &&
			    fields[i].off >= fields[i - 1].off),
		    "row %zu", i);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("wire_ops");
	TCase *t = tcase_create("rows");

	tcase_add_test(t, rows_are_found);
	tcase_add_test(t, other_numbers_have_no_row);
	tcase_add_loop_test(t, size_follows_proto, 0, ARRAY_LEN(sizes));
	tcase_add_loop_test(t, handles_are_found, 0, ARRAY_LEN(handles));
	tcase_add_test(t, flags_of_rows);
	tcase_add_loop_test(t, numbers_by_offset, 0, ARRAY_LEN(numbers));
	tcase_add_test(t, forgets_one_by_one);
	tcase_add_test(t, fields_are_in_order);
	suite_add_tcase(s, t);
	return suite_run(s);
}
