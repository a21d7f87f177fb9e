/* SPDX-License-Identifier: ISC */
/* The validator: what is accepted, what is not, and at which byte. */
#include <check.h>
#include <unistd.h>

#include "tests/suite.h"
#include "tests/wire_samples.h"
#include "wire/check.h"
#include "wire/get.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	const struct wire_proto *proto;
	uint32_t opcode;
	const char *body;
	int r;
	size_t where;
	int extlen;
} requests[] = {
	{ &proto_linux, FUSE_OP_LOOKUP, "=abc", E_NUL, 40, 0 },
	{ &proto_linux, FUSE_OP_LOOKUP, "'", E_NAME, 40, 0 },
	{ &proto_linux, FUSE_OP_LOOKUP, "'a/b", E_NAME, 40, 0 },
	{ &proto_linux, FUSE_OP_LOOKUP, "'.", E_OK, 0, 0 },
	{ &proto_linux, FUSE_OP_LOOKUP, "'abc 0*1", E_LONG, 44, 0 },
	{ &proto_linux, FUSE_OP_LOOKUP, "", E_NUL, 40, 0 },
	{ &proto_linux, FUSE_OP_STATFS, "0*1", E_LONG, 40, 0 },
	{ &proto_linux, FUSE_OP_OPEN, "4:0", E_SHORT, 44, 0 },
	{ &proto_linux, FUSE_OP_OPEN, "0*12", E_LONG, 48, 0 },
	{ &proto_linux, FUSE_OP_RENAME, "8:1 'a =b", E_NUL, 50, 0 },
	{ &proto_linux, FUSE_OP_RENAME, "8:1 'a '", E_NAME, 50, 0 },
	{ &proto_linux, FUSE_OP_SYMLINK, "'a '", E_OK, 0, 0 },
	{ &proto_linux, FUSE_OP_SYMLINK, "'a/ 'b", E_NAME, 40, 0 },
	{ &proto_linux, FUSE_OP_WRITE, "8:1 8:0 4:5 0*20 =1234", E_SHORT, 84,
	    0 },
	{ &proto_linux, FUSE_OP_WRITE, "8:1 8:0 4:5 0*20 =123456", E_LONG, 85,
	    0 },
	{ &proto_linux, FUSE_OP_WRITE, "8:1 8:0 4:-1 0*20 =1234", E_SHORT, 84,
	    0 },
	{ &proto_linux, FUSE_OP_IOCTL, "0*24 4:2 4:0 =a", E_SHORT, 73, 0 },
	{ &proto_linux, FUSE_OP_BATCH_FORGET, "4:2 4:0 0*16", E_SHORT, 64, 0 },
	{ &proto_linux, FUSE_OP_BATCH_FORGET, "4:0x10000001 4:0 0*16", E_SHORT,
	    64, 0 },
	{ &proto_linux, FUSE_OP_BATCH_FORGET, "4:0 4:0 0*16", E_LONG, 48, 0 },
	{ &proto_linux, FUSE_OP_SETXATTR, "4:3 4:0 'k =va", E_SHORT, 52, 0 },
	{ &proto_linux, FUSE_OP_SETXATTR, "4:3 4:0 'k =value", E_LONG, 53, 0 },
	{ &proto_linux, FUSE_OP_SETXATTR, "4:3 4:0 =k", E_NUL, 48, 0 },
	{ &proto_linux, FUSE_OP_INIT, "4:7", E_SHORT, 44, 0 },
	{ &proto_linux, FUSE_OP_INIT, "4:7 4:1", E_OK, 0, 0 },
	{ &proto_linux, FUSE_OP_INIT, "4:7 4:99 0*200", E_OK, 0, 0 },
	/* Extensions: told by the header, or by the flag alone. */
	{ &proto_linux, FUSE_OP_MKDIR, "8:0 'd 0*16", E_LONG, 50, 0 },
	{ &proto_linux, FUSE_OP_MKDIR, "8:0 'd 0*16", E_OK, 0, 2 },
	{ &proto_linux, FUSE_OP_MKDIR, "8:0 'd 0*16", E_LONG, 50, 1 },
	{ &proto_linux, FUSE_OP_MKDIR, "8:0 'd 0*16", E_SHORT, 42, 3 },
	{ &proto_linux, FUSE_OP_MKDIR, "8:0 'd 0*16", E_LEN, 36, 4 },
	/* Unknown here, so nothing is known about its body. */
	{ &proto_linux, 999, "=whatever", E_OK, 0, 0 },
	{ &proto_linux, FUSE_OP_EXCHANGE, "=whatever", E_OK, 0, 0 },
	{ &proto_darwin, FUSE_OP_LSEEK, "=whatever", E_OK, 0, 0 },
	{ &proto_darwin, FUSE_OP_EXCHANGE, "=whatever", E_SHORT, 48, 0 },
	/* Old forms. */
	{ &proto_linux_old, FUSE_OP_GETATTR, "", E_OK, 0, 0 },
	{ &proto_linux_old, FUSE_OP_GETATTR, "0*8", E_SHORT, 48, 0 },
	{ &proto_linux_old, FUSE_OP_READ, "0*40", E_OK, 0, 0 },
	{ &proto_linux_old, FUSE_OP_SETLK, "0*40", E_OK, 0, 0 },
	{ &proto_linux, FUSE_OP_SETLK, "0*40", E_SHORT, 80, 0 },
	{ &proto_darwin_old, FUSE_OP_MKNOD, "8:0 'x", E_OK, 0, 0 },
};

START_TEST(f4_request_verdicts)
{
	const struct op *op;
	struct wire_buf b;
	struct span m;
	size_t where;

	wire_buf_init(&b);
	m = sample_build_request(&b, requests[_i].opcode, 1,
	    requests[_i].body);
	put_u16(b.p, b.len, 36, (uint16_t)requests[_i].extlen);
	ck_assert_int_eq(
	    wire_check_request(requests[_i].proto, m, &op, &where),
	    requests[_i].r);
	ck_assert_uint_eq(where, requests[_i].where);
	wire_buf_fini(&b);
}
END_TEST

/* After SECURITY_CTX, kernels of 7.36 say nothing of the extension. */
START_TEST(extension_without_length)
{
	struct wire_proto pr = proto_linux;
	const struct op *op;
	struct wire_buf b;
	struct span m;
	size_t where;

	pr.flags = UINT64_C(1) << 32;
	wire_buf_init(&b);
	m = sample_build_request(&b, FUSE_OP_MKDIR, 1, "8:0 'd 0*16");
	ck_assert_int_eq(wire_check_request(&pr, m, &op, &where), E_OK);
	m = sample_build_request(&b, FUSE_OP_LOOKUP, 1, "'d 0*16");
	ck_assert_int_eq(wire_check_request(&pr, m, &op, &where), E_LONG);
	wire_buf_fini(&b);
}
END_TEST

#define L ATTR_LINUX
#define READ_64 "8:2 8:0 4:64 0*20"

/* How the kernel takes a reply: sections A and B of its checks. */
static const struct {
	const struct wire_proto *proto;
	uint32_t opcode;
	const char *request; /* NULL: the sample's */
	int32_t error;
	const char *reply;
	enum wire_verdict verdict;
} replies[] = {
	/* Error values. */
	{ &proto_linux, FUSE_OP_STATFS, NULL, 1, "", REPLY_REFUSED },
	{ &proto_linux, FUSE_OP_STATFS, NULL, -512, "", REPLY_REFUSED },
	{ &proto_linux, FUSE_OP_STATFS, NULL, -1000, "", REPLY_REFUSED },
	{ &proto_linux, FUSE_OP_STATFS, NULL, INT32_MIN, "", REPLY_REFUSED },
	{ &proto_linux, FUSE_OP_STATFS, NULL, -511, "", REPLY_GOOD },
	{ &proto_linux, FUSE_OP_STATFS, NULL, -5, "4:0", REPLY_FAILS },
	{ &proto_linux, 999, "=any", -512, "", REPLY_REFUSED },
	{ &proto_linux, 999, "=any", -5, "4:0", REPLY_FAILS },
	{ &proto_linux, 999, "=any", 0, "=any", REPLY_GOOD },
	/* Lengths. */
	{ &proto_linux, FUSE_OP_UNLINK, NULL, 0, "", REPLY_GOOD },
	{ &proto_linux, FUSE_OP_UNLINK, NULL, 0, "0*1", REPLY_FAILS },
	{ &proto_linux, FUSE_OP_OPEN, NULL, 0, "0*15", REPLY_FAILS },
	{ &proto_linux, FUSE_OP_OPEN, NULL, 0, "0*16", REPLY_GOOD },
	{ &proto_linux, FUSE_OP_OPEN, NULL, 0, "0*17", REPLY_FAILS },
	{ &proto_linux, FUSE_OP_OPEN, NULL, 0, "", REPLY_FAILS },
	{ &proto_linux, FUSE_OP_READ, READ_64, 0, "", REPLY_GOOD },
	{ &proto_linux, FUSE_OP_READ, READ_64, 0, "0*64", REPLY_GOOD },
	{ &proto_linux, FUSE_OP_READ, READ_64, 0, "0*65", REPLY_FAILS },
	{ &proto_linux, FUSE_OP_READ, "8:2 8:0 4:-1 0*20", 0, "0*100000",
	    REPLY_GOOD },
	{ &proto_linux, FUSE_OP_READLINK, NULL, 0, "0*4095", REPLY_GOOD },
	{ &proto_linux, FUSE_OP_READLINK, NULL, 0, "0*65536", REPLY_FAILS },
	/* The two forms of xattr replies. */
	{ &proto_linux, FUSE_OP_GETXATTR, "4:0 4:0 'k", 0, "4:9 4:0",
	    REPLY_GOOD },
	{ &proto_linux, FUSE_OP_GETXATTR, "4:0 4:0 'k", 0, "=value",
	    REPLY_FAILS },
	{ &proto_linux, FUSE_OP_GETXATTR, "4:4 4:0 'k", 0, "=val",
	    REPLY_GOOD },
	{ &proto_linux, FUSE_OP_GETXATTR, "4:4 4:0 'k", 0, "=value",
	    REPLY_FAILS },
	{ &proto_linux, FUSE_OP_LISTXATTR, "4:0 4:0", 0, "4:9 4:0",
	    REPLY_GOOD },
	{ &proto_linux, FUSE_OP_LISTXATTR, "4:64 4:0", 0, "", REPLY_GOOD },
	{ &proto_linux, FUSE_OP_LISTXATTR, "4:64 4:0", 0, "'a 'b",
	    REPLY_GOOD },
	{ &proto_linux, FUSE_OP_LISTXATTR, "4:64 4:0", 0, "'a =b",
	    REPLY_FAILS },
	{ &proto_linux, FUSE_OP_LISTXATTR, "4:64 4:0", 0, "'a ' 'b",
	    REPLY_FAILS },
	{ &proto_linux, FUSE_OP_LISTXATTR, "4:64 4:0", 0, "'", REPLY_FAILS },
	/* INIT: anything up to 64 bytes that says major 7. */
	{ &proto_linux, FUSE_OP_INIT, NULL, 0, "4:7 4:1", REPLY_GOOD },
	{ &proto_linux, FUSE_OP_INIT, NULL, 0, "4:7 4:19 0*16", REPLY_GOOD },
	{ &proto_linux, FUSE_OP_INIT, NULL, 0, "4:7 4:40 0*56", REPLY_GOOD },
	{ &proto_linux, FUSE_OP_INIT, NULL, 0, "4:7 4:40 0*57", REPLY_FAILS },
	{ &proto_linux, FUSE_OP_INIT, NULL, 0, "4:8 4:1", REPLY_FAILS },
	{ &proto_linux, FUSE_OP_INIT, NULL, 0, "", REPLY_FAILS },
	{ &proto_linux, FUSE_OP_INIT, NULL, -71, "", REPLY_GOOD },
	{ &proto_darwin, FUSE_OP_INIT, NULL, 0, "4:7 4:19 0*56", REPLY_GOOD },
	/* LOOKUP. */
	{ &proto_linux, FUSE_OP_LOOKUP, "'x", 0, ENTRY("0") L("0"),
	    REPLY_GOOD },
	{ &proto_linux, FUSE_OP_LOOKUP, "'x", 0, ENTRY("2") L("0"),
	    REPLY_FAILS },
	{ &proto_linux, FUSE_OP_LOOKUP, "'x", 0, ENTRY("2") L("0644"),
	    REPLY_FAILS },
	{ &proto_linux, FUSE_OP_LOOKUP, "'x", 0, ENTRY("2") L("0140644"),
	    REPLY_GOOD },
	{ &proto_linux, FUSE_OP_LOOKUP, "'x", 0, ENTRY("1") L("040755"),
	    REPLY_FAILS },
	{ &proto_linux, FUSE_OP_LOOKUP, "'..", 0, ENTRY("1") L("040755"),
	    REPLY_GOOD },
	{ &proto_linux, FUSE_OP_LOOKUP, "'.", 0, ENTRY("1") L("040755"),
	    REPLY_GOOD },
	{ &proto_linux, FUSE_OP_LOOKUP, "'.x", 0, ENTRY("1") L("040755"),
	    REPLY_FAILS },
	{ &proto_linux, FUSE_OP_LOOKUP, "'x", 0,
	    ENTRY("2") " 8:7 8:0x8000000000000000 0*44 4:0100644 0*24",
	    REPLY_FAILS },
	{ &proto_linux, FUSE_OP_LOOKUP, "'x", 0,
	    ENTRY("2") ATTR_DARWIN("0100644"), REPLY_FAILS },
	{ &proto_darwin, FUSE_OP_LOOKUP, "'x", 0,
	    ENTRY("2") ATTR_DARWIN("0100644"), REPLY_GOOD },
	{ &proto_darwin, FUSE_OP_LOOKUP, "'x", 0,
	    ENTRY("2") ATTR_DARWIN("0644"), REPLY_FAILS },
	/* New nodes. */
	{ &proto_linux, FUSE_OP_MKDIR, NULL, 0, ENTRY("3") L("040755"),
	    REPLY_GOOD },
	{ &proto_linux, FUSE_OP_MKDIR, NULL, 0, ENTRY("0") L("040755"),
	    REPLY_FAILS },
	{ &proto_linux, FUSE_OP_MKDIR, NULL, 0, ENTRY("1") L("040755"),
	    REPLY_FAILS },
	{ &proto_linux, FUSE_OP_MKDIR, NULL, 0, ENTRY("3") L("0100644"),
	    REPLY_FAILS },
	{ &proto_linux, FUSE_OP_MKDIR, NULL, 0, ENTRY("3") L("0755"),
	    REPLY_FAILS },
	{ &proto_linux, FUSE_OP_SYMLINK, NULL, 0, ENTRY("3") L("0100644"),
	    REPLY_FAILS },
	{ &proto_linux, FUSE_OP_MKNOD, NULL, 0, ENTRY("3") L("0100644"),
	    REPLY_FAILS },
	{ &proto_linux, FUSE_OP_LINK, NULL, 0, ENTRY("3") L("0120777"),
	    REPLY_GOOD },
	{ &proto_linux, FUSE_OP_LINK, NULL, 0, ENTRY("1") L("0120777"),
	    REPLY_FAILS },
	{ &proto_linux, FUSE_OP_CREATE, NULL, 0,
	    ENTRY("3") L("0100644") " 0*16", REPLY_GOOD },
	{ &proto_linux, FUSE_OP_CREATE, NULL, 0,
	    ENTRY("3") L("0010644") " 0*16", REPLY_FAILS },
	{ &proto_linux, FUSE_OP_CREATE, NULL, 0,
	    ENTRY("0") L("0100644") " 0*16", REPLY_FAILS },
	{ &proto_linux, FUSE_OP_CREATE, NULL, 0, ENTRY("3") L("0100644"),
	    REPLY_FAILS },
	{ &proto_linux, FUSE_OP_TMPFILE, NULL, 0,
	    ENTRY("1") L("0100644") " 0*16", REPLY_FAILS },
	/* Attributes. */
	{ &proto_linux, FUSE_OP_GETATTR, NULL, 0, "0*16" L("0"), REPLY_FAILS },
	{ &proto_linux, FUSE_OP_SETATTR, NULL, 0, "0*16" L("0644"),
	    REPLY_FAILS },
	{ &proto_linux, FUSE_OP_GETATTR, NULL, 0,
	    "0*16 8:1 8:-1 0*44 4:0100644 0*24", REPLY_FAILS },
	{ &proto_linux, FUSE_OP_STATX, NULL, 0, "0*288", REPLY_GOOD },
	{ &proto_linux, FUSE_OP_STATX, NULL, 0, "0*32 4:1 0*252",
	    REPLY_FAILS },
	{ &proto_linux, FUSE_OP_STATX, NULL, 0,
	    "0*32 4:1 0*24 2:0100644 "
	    "0*226",
	    REPLY_GOOD },
	{ &proto_linux, FUSE_OP_STATX, NULL, 0,
	    "0*32 4:0x200 0*36 8:-1 "
	    "0*208",
	    REPLY_FAILS },
	/* GETLK: reading, writing, none; of the last one nothing is looked
	 * at. */
	{ &proto_linux, FUSE_OP_GETLK, NULL, 0,
	    "8:0 8:0x7fffffffffffffff "
	    "4:0 4:1",
	    REPLY_GOOD },
	{ &proto_linux, FUSE_OP_GETLK, NULL, 0, "8:5 8:5 4:1 4:1",
	    REPLY_GOOD },
	{ &proto_linux, FUSE_OP_GETLK, NULL, 0, "8:5 8:4 4:2 4:1",
	    REPLY_GOOD },
	{ &proto_linux, FUSE_OP_GETLK, NULL, 0, "8:5 8:4 4:1 4:1",
	    REPLY_FAILS },
	{ &proto_linux, FUSE_OP_GETLK, NULL, 0, "8:0 8:-1 4:0 4:1",
	    REPLY_FAILS },
	{ &proto_linux, FUSE_OP_GETLK, NULL, 0, "8:-2 8:-1 4:0 4:1",
	    REPLY_FAILS },
	{ &proto_linux, FUSE_OP_GETLK, NULL, 0, "8:0 8:9 4:3 4:1",
	    REPLY_FAILS },
	{ &proto_darwin, FUSE_OP_GETLK, NULL, 0, "8:0 8:9 4:3 4:1",
	    REPLY_GOOD },
	/* Counts. */
	{ &proto_linux, FUSE_OP_WRITE, NULL, 0, "4:5 4:0", REPLY_GOOD },
	{ &proto_linux, FUSE_OP_WRITE, NULL, 0, "4:6 4:0", REPLY_FAILS },
	{ &proto_linux, FUSE_OP_COPY_FILE_RANGE, NULL, 0, "4:65536 4:0",
	    REPLY_GOOD },
	{ &proto_linux, FUSE_OP_COPY_FILE_RANGE, NULL, 0, "4:65537 4:0",
	    REPLY_FAILS },
	{ &proto_linux, FUSE_OP_COPY_FILE_RANGE_64, NULL, 0, "8:0x100000000",
	    REPLY_GOOD },
	{ &proto_linux, FUSE_OP_COPY_FILE_RANGE_64, NULL, 0, "8:0x100000001",
	    REPLY_FAILS },
	/* Directories: a record that is cut off ends the list quietly. */
	{ &proto_linux, FUSE_OP_READDIR, NULL, 0, "8:1 8:1 4:0 4:4",
	    REPLY_FAILS },
	{ &proto_linux, FUSE_OP_READDIR, NULL, 0, "8:1 8:1 4:1025 4:4 0*1032",
	    REPLY_FAILS },
	{ &proto_linux_ext, FUSE_OP_READDIR, "8:2 8:0 4:4096 0*20", 0,
	    "8:1 8:1 4:1025 4:4 0*1032", REPLY_GOOD },
	{ &proto_linux, FUSE_OP_READDIR, NULL, 0, "8:1 8:1 4:3 4:4 =a/b 0*5",
	    REPLY_FAILS },
	{ &proto_linux, FUSE_OP_READDIR, NULL, 0, "8:1 8:1 4:3 4:4 =a/b",
	    REPLY_GOOD },
	{ &proto_linux, FUSE_OP_READDIR, NULL, 0,
	    "8:1 8:1 4:1 4:4 =a 0*7 8:1 8:1 4:0 4:4", REPLY_FAILS },
	{ &proto_linux, FUSE_OP_READDIRPLUS, NULL, 0,
	    ENTRY("1") L("0") " 8:1 8:1 4:1 4:4 =a 0*7", REPLY_GOOD },
	{ &proto_linux, FUSE_OP_READDIRPLUS, NULL, 0,
	    ENTRY("1") L("0") " 8:1 8:1 4:2 4:4 =/a 0*6", REPLY_FAILS },
	/* IOCTL: the sample's has 8 bytes of room and is unrestricted. */
	{ &proto_linux, FUSE_OP_IOCTL, NULL, 0, "0*16 0*8", REPLY_GOOD },
	{ &proto_linux, FUSE_OP_IOCTL, NULL, 0, "0*16 0*9", REPLY_FAILS },
	{ &proto_linux, FUSE_OP_IOCTL, NULL, 0, "0*15", REPLY_FAILS },
	{ &proto_linux, FUSE_OP_IOCTL, NULL, 0, "4:0 4:4 4:256 4:0 0*4096",
	    REPLY_GOOD },
	{ &proto_linux, FUSE_OP_IOCTL, NULL, 0, "4:0 4:4 4:256 4:1 0*4096",
	    REPLY_FAILS },
	{ &proto_linux, FUSE_OP_IOCTL, NULL, 0, "4:0 4:4 4:1 4:-1 0*4096",
	    REPLY_FAILS },
	{ &proto_linux, FUSE_OP_IOCTL, "8:2 4:0 4:0x5401 8:0 4:0 4:-1", 0,
	    "0*16 0*8", REPLY_GOOD },
	{ &proto_linux, FUSE_OP_IOCTL, "8:2 4:0 4:0x5401 8:0 4:0 4:8", 0,
	    "4:0 4:4 4:1 4:0 0*16", REPLY_FAILS },
	/* No reply, or hardly one. */
	{ &proto_linux, FUSE_OP_FORGET, NULL, 0, "", REPLY_REFUSED },
	{ &proto_linux, FUSE_OP_BATCH_FORGET, NULL, 0, "", REPLY_REFUSED },
	{ &proto_linux, FUSE_OP_NOTIFY_REPLY, NULL, 0, "", REPLY_REFUSED },
	{ &proto_linux, FUSE_OP_INTERRUPT, NULL, 0, "", REPLY_GOOD },
	{ &proto_linux, FUSE_OP_INTERRUPT, NULL, -11, "", REPLY_GOOD },
	{ &proto_linux, FUSE_OP_INTERRUPT, NULL, 0, "8:0", REPLY_REFUSED },
	{ &proto_linux, FUSE_OP_INTERRUPT, NULL, -11, "8:0", REPLY_REFUSED },
};

START_TEST(f34_reply_verdicts)
{
	const struct wire_proto *pr = replies[_i].proto;
	uint32_t opcode = replies[_i].opcode;
	struct wire_expect e;
	struct wire_buf b;
	const char *why;
	struct span m;

	wire_buf_init(&b);
	if (replies[_i].request == NULL) {
		sample_expect(&e, opcode, pr);
	} else {
		m = sample_build_request(&b, opcode, 1, replies[_i].request);
		wire_expect_set(&e, pr, m);
	}
	m = sample_build_reply(&b, replies[_i].reply, replies[_i].error);
	ck_assert_int_eq((int)wire_check_reply(pr, &e, m, &why),
	    (int)replies[_i].verdict);
	/* A wrong length word comes before all else. */
	put_u32(b.p, b.len, 0, (uint32_t)b.len + 1);
	ck_assert_int_eq((int)wire_check_reply(pr, &e, m, &why),
	    REPLY_REFUSED);
	wire_buf_fini(&b);
}
END_TEST

/* A WRITE of 5 bytes, by the caller or out of the kernel's cache. */
static const struct {
	const char *request, *reply;
	int nothing;
} writes[] = {
	{ "8:1 8:0 4:5 4:0 0*16 =12345", "4:0 4:0", 1 },
	{ "8:1 8:0 4:5 4:2 0*16 =12345", "4:0 4:0", 1 },
	{ "8:1 8:0 4:5 4:1 0*16 =12345", "4:0 4:0", 0 },
	{ "8:1 8:0 4:5 4:0 0*16 =12345", "4:1 4:0", 0 },
	{ "8:1 8:0 4:0 4:0 0*16", "4:0 4:0", 0 },
};

START_TEST(f70_wrote_nothing)
{
	struct wire_expect e;
	struct wire_buf b;
	struct span m;

	wire_buf_init(&b);
	m = sample_build_request(&b, FUSE_OP_WRITE, 1, writes[_i].request);
	wire_expect_set(&e, &proto_linux, m);
	m = sample_build_reply(&b, writes[_i].reply, 0);
	ck_assert_int_eq(wire_wrote_nothing(&e, m), writes[_i].nothing);
	wire_buf_fini(&b);
}
END_TEST

START_TEST(link_target_is_shorter_than_a_page)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct wire_expect e;
	struct wire_buf b;
	const char *why;
	struct span m;

	sample_expect(&e, FUSE_OP_READLINK, &proto_linux);
	wire_buf_init(&b);
	wire_begin_reply(&b, 6, 0);
	wire_put_zero(&b, page - 1);
	ck_assert_int_eq(wire_end(&b, &m), E_OK);
	ck_assert_int_eq((int)wire_check_reply(&proto_linux, &e, m, &why),
	    REPLY_GOOD);
	wire_put_zero(&b, 1);
	ck_assert_int_eq(wire_end(&b, &m), E_OK);
	ck_assert_int_eq((int)wire_check_reply(&proto_linux, &e, m, &why),
	    REPLY_FAILS);
	wire_buf_fini(&b);
}
END_TEST

static const struct {
	int32_t code;
	const char *body;
	int r;
} notifies[] = {
	{ 0, "", E_VALUE },
	{ -1, "", E_VALUE },
	{ 10, "", E_VALUE },
	{ INT32_MAX, "", E_VALUE },
	{ FUSE_NOTIFY_POLL, "0*7", E_SHORT },
	{ FUSE_NOTIFY_POLL, "0*9", E_LONG },
	{ FUSE_NOTIFY_INVAL_ENTRY, "8:1 4:1024 4:0 0*1025", E_OK },
	{ FUSE_NOTIFY_INVAL_ENTRY, "8:1 4:1025 4:0 0*1026", E_NAME },
	{ FUSE_NOTIFY_INVAL_ENTRY, "8:1 4:-1 4:0 'a", E_NAME },
	{ FUSE_NOTIFY_INVAL_ENTRY, "8:1 4:1 4:0 =a", E_SHORT },
	{ FUSE_NOTIFY_INVAL_ENTRY, "8:1 4:1 4:0 'ab", E_LONG },
	{ FUSE_NOTIFY_DELETE, "8:1 8:2 4:2 4:0 'ab", E_OK },
	{ FUSE_NOTIFY_STORE, "8:1 8:0 4:4 4:0 =abc", E_SHORT },
	{ FUSE_NOTIFY_STORE, "8:1 8:0 4:-1 4:0 =abc", E_SHORT },
	{ FUSE_NOTIFY_PRUNE, "4:0x20000001 4:0 8:0 8:1", E_SHORT },
	{ FUSE_NOTIFY_PRUNE, "4:0 4:0 8:0", E_OK },
};

START_TEST(f36_notify_verdicts)
{
	struct wire_buf b;
	struct span m;

	wire_buf_init(&b);
	wire_begin_reply(&b, 0, notifies[_i].code);
	sample_put(&b, notifies[_i].body);
	ck_assert_int_eq(wire_end(&b, &m), E_OK);
	ck_assert_int_eq(wire_check_notify(&proto_linux, m), notifies[_i].r);
	put_u32(b.p, b.len, 0, 15);
	ck_assert_int_eq(wire_check_notify(&proto_linux, m), E_LEN);
	wire_buf_fini(&b);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("wire_verdict");
	TCase *t = tcase_create("check");

	tcase_add_loop_test(t, f4_request_verdicts, 0, ARRAY_LEN(requests));
	tcase_add_test(t, extension_without_length);
	tcase_add_loop_test(t, f34_reply_verdicts, 0, ARRAY_LEN(replies));
	tcase_add_loop_test(t, f70_wrote_nothing, 0, ARRAY_LEN(writes));
	tcase_add_test(t, link_target_is_shorter_than_a_page);
	tcase_add_loop_test(t, f36_notify_verdicts, 0, ARRAY_LEN(notifies));
	suite_add_tcase(s, t);
	return suite_run(s);
}
