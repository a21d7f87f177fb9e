/* SPDX-License-Identifier: ISC */
/* The printer: one line for each sample, and no harm from any bytes. */
#include <check.h>
#include <errno.h>
#include <string.h>

#include "tests/suite.h"
#include "tests/wire_samples.h"
#include "wire/errors.h"
#include "wire/get.h"
#include "wire/op_row.h"
#include "wire/print.h"
#include "wire/text.h"

#define LINE_MAX_LEN 4096

static size_t
print_kind(enum sample_kind kind, char *buf, size_t cap,
    const struct wire_proto *pr, uint32_t opcode, struct span m)
{
	switch (kind) {
	case SAMPLE_REQUEST:
		return wire_print_request(buf, cap, pr, m);
	case SAMPLE_REPLY:
		return wire_print_reply(buf, cap, pr, opcode, m);
	case SAMPLE_NOTIFY:
	default:
		return wire_print_notify(buf, cap, pr, m);
	}
}

START_TEST(samples_print_as_told)
{
	char line[LINE_MAX_LEN];
	const struct sample *s;
	struct wire_buf b;
	struct span m;
	size_t i, n;

	wire_buf_init(&b);
	for (i = 0; (s = sample_at(i)) != NULL; i++) {
		m = sample_build(&b, s);
		n = print_kind(s->kind, line, sizeof(line), s->proto,
		    s->opcode, m);
		ck_assert_str_eq(line, s->line);
		ck_assert_uint_eq(n, strlen(line));
	}
	wire_buf_fini(&b);
}
END_TEST

static int
has_sample(enum sample_kind kind, uint32_t opcode)
{
	const struct sample *s;
	size_t i;

	for (i = 0; (s = sample_at(i)) != NULL; i++)
		if (s->kind == kind && s->opcode == opcode)
			return 1;
	return 0;
}

START_TEST(every_row_has_samples)
{
	const struct op *op;
	size_t i;

	for (i = 0; (op = op_row(i)) != NULL; i++) {
		ck_assert_msg(has_sample(SAMPLE_REQUEST, op_code(op)),
		    "no request of %s", op_name(op));
		if ((op_flags(op) & OP_NOREPLY) == 0)
			ck_assert_msg(has_sample(SAMPLE_REPLY, op_code(op)),
			    "no reply of %s", op_name(op));
	}
#define NOTIFY(num, name, ...) ck_assert(has_sample(SAMPLE_NOTIFY, num));
#include "wire/notify.def"
#undef NOTIFY
}
END_TEST

/* Has a message of this dialect, and of so many bytes in its struct? */
static int
has_layout(const struct op *op, enum sample_kind kind,
    enum wire_dialect dialect, size_t size)
{
	const struct sample *s;
	size_t i;

	for (i = 0; (s = sample_at(i)) != NULL; i++)
		if (s->kind == kind && s->opcode == op_code(op) &&
		    s->proto->dialect == dialect &&
		    size ==
			(kind == SAMPLE_REQUEST ? op_in_size(op, s->proto) :
						  op_out_size(op, s->proto)))
			return 1;
	return 0;
}

static void
need_layout(const struct op *op, const struct wire_proto *pr)
{
	if (pr->minor < op->since || !op_known(op, pr))
		return;
	ck_assert_msg(
	    has_layout(op, SAMPLE_REQUEST, pr->dialect, op_in_size(op, pr)),
	    "no request %s of dialect %d, minor %u", op_name(op), pr->dialect,
	    pr->minor);
	if ((op_flags(op) & (OP_NOREPLY | OP_MAYREPLY)) == 0)
		ck_assert_msg(has_layout(op, SAMPLE_REPLY, pr->dialect,
				  op_out_size(op, pr)),
		    "no reply of %s of dialect %d, minor %u", op_name(op),
		    pr->dialect, pr->minor);
}

/* Every size that a struct has in Linux or darwin, in any minor and with
 * any flags. */
START_TEST(every_layout_has_samples)
{
	static const uint64_t flags[] = { 0, 1u << 25, 1u << 29 };
	struct wire_proto pr;
	const struct op *op;
	size_t i, k;

	for (i = 0; (op = op_row(i)) != NULL; i++) {
		for (k = 0; k < sizeof(flags) / sizeof(flags[0]); k++) {
			pr.flags = flags[k];
			pr.dialect = WIRE_LINUX;
			for (pr.minor = 3; pr.minor <= 45; pr.minor++)
				need_layout(op, &pr);
			pr.dialect = WIRE_DARWIN;
			for (pr.minor = 8; pr.minor <= 19; pr.minor++)
				need_layout(op, &pr);
		}
	}
}
END_TEST

/* Messages that no row or check agrees with. */
static const struct {
	enum sample_kind kind;
	uint32_t opcode; /* a notification's code */
	int32_t error;
	int32_t extra; /* added to the length word */
	const char *body, *line;
} odd[] = {
	{ SAMPLE_REQUEST, 200, 0, 0, "=abc",
	    "OP(200) unique=6 nodeid=1 +3 bytes" },
	{ SAMPLE_REQUEST, FUSE_OP_EXCHANGE, 0, 0, "",
	    "OP(63) unique=6 nodeid=1 +0 bytes" },
	{ SAMPLE_REQUEST, FUSE_OP_STATFS, 0, 1, "",
	    "STATFS unique=6 nodeid=1 <malformed: length word does not "
	    "match the message, at byte 0>" },
	{ SAMPLE_REQUEST, FUSE_OP_READ, 0, 0, "8:1 8:2 4:3",
	    "READ unique=6 nodeid=1 fh=0x1 offset=2 size=3 <malformed: "
	    "message is shorter than its layout, at byte 60>" },
	{ SAMPLE_REQUEST, FUSE_OP_LOOKUP, 0, 0, "=abc",
	    "LOOKUP unique=6 nodeid=1 \"abc\" <malformed: name is not "
	    "terminated, at byte 40>" },
	{ SAMPLE_REQUEST, FUSE_OP_BATCH_FORGET, 0, 0, "4:2 4:0 8:5 8:1 8:6",
	    "BATCH_FORGET unique=6 nodeid=1 count=2 [{ nodeid=5 nlookup=1 }] "
	    "<malformed: message is shorter than its layout, at byte 72>" },
	{ SAMPLE_REQUEST, FUSE_OP_OPEN, 0, 0, "4:0x40000003 4:2",
	    "OPEN unique=6 nodeid=1 flags=0x40000003 open_flags=0x2" },
	{ SAMPLE_REPLY, 200, 0, 0, "=abc", "OP(200) unique=6 = 0 +3 bytes" },
	{ SAMPLE_REPLY, 0, 0, 0, "=abc", "REPLY unique=6 = 0 +3 bytes" },
	{ SAMPLE_REPLY, 0, -9999, 0, "", "REPLY unique=6 = -9999" },
	{ SAMPLE_REPLY, FUSE_OP_READ, INT32_MIN, 0, "",
	    "READ unique=6 = -2147483648" },
	{ SAMPLE_REPLY, FUSE_OP_READ, -5, 0, "=abc",
	    "READ unique=6 = -5 EIO <malformed: error with 3 bytes>" },
	{ SAMPLE_REPLY, FUSE_OP_WRITE, 0, -8, "4:4",
	    "WRITE unique=6 = 0 size=4 <malformed: body of 4 bytes, not 8> "
	    "<malformed: length word 12, message has 20 bytes>" },
	{ SAMPLE_REPLY, FUSE_OP_READDIR, 0, 0, "8:1 8:1 4:3 4:4 =a/b 0*5",
	    "READDIR unique=6 = 32 bytes <malformed: bad name>" },
	{ SAMPLE_NOTIFY, 77, 0, 0, "=abc", "NOTIFY(77) +3 bytes" },
	{ SAMPLE_NOTIFY, FUSE_NOTIFY_INVAL_ENTRY, 0, 0, "8:1 4:9 4:0 'abc",
	    "NOTIFY_INVAL_ENTRY parent=1 namelen=9 \"abc\\x00\" "
	    "<malformed: message is shorter than its layout>" },
};

START_TEST(odd_messages_print)
{
	char line[LINE_MAX_LEN];
	struct wire_buf b;
	struct span m;

	wire_buf_init(&b);
	if (odd[_i].kind == SAMPLE_REQUEST)
		wire_begin_request(&b, odd[_i].opcode, 6, 1);
	else if (odd[_i].kind == SAMPLE_REPLY)
		wire_begin_reply(&b, 6, odd[_i].error);
	else
		wire_begin_reply(&b, 0, (int32_t)odd[_i].opcode);
	sample_put(&b, odd[_i].body);
	ck_assert_int_eq(wire_end(&b, &m), E_OK);
	put_u32(b.p, b.len, 0, (uint32_t)b.len + (uint32_t)odd[_i].extra);
	print_kind(odd[_i].kind, line, sizeof(line), &proto_linux,
	    odd[_i].opcode, m);
	ck_assert_str_eq(line, odd[_i].line);
	wire_buf_fini(&b);
}
END_TEST

START_TEST(long_lines_end_in_dots)
{
	const struct sample *s;
	char line[65];
	struct wire_buf b;
	struct span m;
	size_t i, n;

	wire_buf_init(&b);
	for (i = 0; (s = sample_at(i)) != NULL; i++) {
		m = sample_build(&b, s);
		line[64] = '#';
		n = print_kind(s->kind, line, 64, s->proto, s->opcode, m);
		ck_assert_uint_eq(n, strlen(line));
		ck_assert_uint_lt(n, 64);
		ck_assert_int_eq(line[64], '#');
		if (strlen(s->line) < 64) {
			ck_assert_str_eq(line, s->line);
		} else {
			ck_assert_str_eq(line + n - 3, "...");
			ck_assert_int_eq(strncmp(line, s->line, n - 3), 0);
		}
	}
	wire_buf_fini(&b);
}
END_TEST

START_TEST(hex_dump)
{
	static const uint8_t bytes[] = "0123456789abcdef\x01\xff"
				       "x";
	struct span m = { bytes, sizeof(bytes) };
	char text[512];

	wire_print_hex(text, sizeof(text), "  ", m, 18);
	ck_assert_str_eq(text,
	    "  0000: 30313233 34353637 38396162 63646566  0123456789abcdef\n"
	    "  0010: 01ff                                 ..\n"
	    "  (2 more bytes)\n");
	ck_assert_uint_eq(wire_print_hex(text, sizeof(text), "", m, 0), 16);
	m.len = 0;
	ck_assert_uint_eq(wire_print_hex(text, sizeof(text), "", m, 9), 0);
}
END_TEST

/* The numbers are those of the daemon's system. */
START_TEST(f52_errno_names)
{
	struct wire_proto fuset = { .dialect = WIRE_LINUX, .on_darwin = 1 };

	ck_assert_str_eq(wire_errno_name(WIRE_ON_HOST, ENOENT), "ENOENT");
	ck_assert_str_eq(wire_errno_name(WIRE_ON_HOST, EOPNOTSUPP),
	    "EOPNOTSUPP");
	ck_assert_ptr_null(wire_errno_name(WIRE_ON_HOST, 0));
	ck_assert_ptr_null(wire_errno_name(WIRE_ON_HOST, 511));
	ck_assert_str_eq(wire_errno_name(WIRE_ON_DARWIN, 2), "ENOENT");
	ck_assert_str_eq(wire_errno_name(WIRE_ON_DARWIN, 35), "EAGAIN");
	ck_assert_str_eq(wire_errno_name(WIRE_ON_DARWIN, 93), "ENOATTR");
	ck_assert_ptr_null(wire_errno_name(WIRE_ON_DARWIN, 107));
	ck_assert_str_eq(wire_reply_errno(&proto_darwin3, -66), "ENOTEMPTY");
	ck_assert_str_eq(wire_reply_errno(&fuset, -66), "ENOTEMPTY");
	ck_assert_str_eq(wire_reply_errno(&proto_linux, -ENOTEMPTY),
	    "ENOTEMPTY");
	ck_assert_ptr_null(wire_reply_errno(&proto_darwin, 66));
	ck_assert_ptr_null(wire_reply_errno(&proto_darwin, INT32_MIN));
}
END_TEST

START_TEST(nothing_is_text_too)
{
	char line[16];
	struct text t;

	text_init(&t, line, sizeof(line));
	text_quote(&t, (struct span){ NULL, 0 });
	text_bytes(&t, NULL, 0);
	ck_assert_uint_eq(text_end(&t), 2);
	ck_assert_str_eq(line, "\"\"");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("wire_print");
	TCase *t = tcase_create("print");

	tcase_add_test(t, samples_print_as_told);
	tcase_add_test(t, every_row_has_samples);
	tcase_add_test(t, every_layout_has_samples);
	tcase_add_loop_test(t, odd_messages_print, 0,
	    sizeof(odd) / sizeof(odd[0]));
	tcase_add_test(t, long_lines_end_in_dots);
	tcase_add_test(t, hex_dump);
	tcase_add_test(t, f52_errno_names);
	tcase_add_test(t, nothing_is_text_too);
	suite_add_tcase(s, t);
	return suite_run(s);
}
