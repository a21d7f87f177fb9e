/* SPDX-License-Identifier: ISC */
/* F70: replies that give a node another file type than the kernel has. */
#include <check.h>
#include <stdio.h>
#include <sys/stat.h>

#include "relay/node_types.h"
#include "tests/suite.h"
#include "tests/wire_samples.h"
#include "wire/get.h"

#define NODES 100000u
#define FILE_MODE (S_IFREG | 0644)
#define DIR_MODE (S_IFDIR | 0755)

static struct node_types types;
static struct wire_buf buf;

/* The kernel gets a reply of this opcode, about node 1 unless it has
 * attributes. */
static int
gets(const struct wire_proto *pr, uint32_t opcode, uint64_t nodeid,
    const char *script)
{
	struct span m = sample_build_reply(&buf, script, 0);

	return node_types_reply(&types, pr, opcode, nodeid, m);
}

static int
gets_entry(uint32_t opcode, uint64_t nodeid, uint32_t mode)
{
	char script[256];

	snprintf(script, sizeof(script), "8:%llu 0*32 0*60 4:%u 0*24",
	    (unsigned long long)nodeid, mode);
	return gets(&proto_linux, opcode, 1, script);
}

static int
gets_attr(uint64_t nodeid, uint32_t mode)
{
	char script[64];

	snprintf(script, sizeof(script), "0*16 0*60 4:%u 0*24", mode);
	return gets(&proto_linux, FUSE_OP_GETATTR, nodeid, script);
}

static void
forgets(uint64_t nodeid, unsigned n)
{
	char script[32];
	struct span m;

	snprintf(script, sizeof(script), "8:%u", n);
	m = sample_build_request(&buf, FUSE_OP_FORGET, nodeid, script);
	node_types_request(&types, FUSE_OP_FORGET, m);
}

START_TEST(f70_attributes_are_compared)
{
	ck_assert_int_eq(gets_entry(FUSE_OP_LOOKUP, 2, FILE_MODE), 0);
	ck_assert_int_eq(gets_attr(2, FILE_MODE), 0);
	ck_assert_int_eq(gets_attr(2, S_IFREG | 0600), 0);
	ck_assert_int_eq(gets_attr(2, DIR_MODE), 1);
	/* Its type is still the one that the kernel has. */
	ck_assert_int_eq(gets_attr(2, FILE_MODE), 0);
	/* The root is learnt by asking. */
	ck_assert_int_eq(gets_attr(1, DIR_MODE), 0);
	ck_assert_int_eq(gets_attr(1, FILE_MODE), 1);
}
END_TEST

START_TEST(f70_entries_are_compared)
{
	ck_assert_int_eq(gets_entry(FUSE_OP_CREATE, 2, FILE_MODE), 0);
	ck_assert_int_eq(gets_entry(FUSE_OP_LINK, 2, S_IFIFO), 1);
	/* A new node takes the place of the one that is spoilt. */
	ck_assert_int_eq(gets_entry(FUSE_OP_LOOKUP, 2, DIR_MODE), 1);
	ck_assert_int_eq(gets_attr(2, DIR_MODE), 0);
	ck_assert_int_eq(gets_entry(FUSE_OP_LOOKUP, 2, DIR_MODE), 0);
	/* No node. */
	ck_assert_int_eq(gets_entry(FUSE_OP_LOOKUP, 0, FILE_MODE), 0);
	ck_assert_int_eq(gets_entry(FUSE_OP_LOOKUP, 0, DIR_MODE), 0);
}
END_TEST

/* A number that was forgotten may come back as anything. */
START_TEST(f70_forgotten_nodes_are_not_known)
{
	ck_assert_int_eq(gets_entry(FUSE_OP_LOOKUP, 2, FILE_MODE), 0);
	ck_assert_int_eq(gets_entry(FUSE_OP_LOOKUP, 2, FILE_MODE), 0);
	forgets(2, 1);
	forgets(3, 1);
	ck_assert_int_eq(gets_entry(FUSE_OP_LOOKUP, 2, DIR_MODE), 1);
	forgets(2, 2);
	ck_assert_int_eq(gets_entry(FUSE_OP_LOOKUP, 2, FILE_MODE), 0);
}
END_TEST

START_TEST(f70_directories_tell_types)
{
	/* "hello" is a file; ".." has no node. */
	ck_assert_int_eq(
	    gets(&proto_linux, FUSE_OP_READDIRPLUS, 1,
		ENTRY("2") ATTR_LINUX(
		    "0100644") " 8:7 8:1 4:5 4:8 =hello 0*3 " ENTRY("3")
		    ATTR_LINUX("040755") " 8:1 8:2 4:2 4:4 =.. 0*6"),
	    0);
	ck_assert_int_eq(gets_attr(2, DIR_MODE), 1);
	ck_assert_int_eq(gets_attr(3, FILE_MODE), 0);
	ck_assert_int_eq(
	    gets(&proto_linux, FUSE_OP_READDIRPLUS, 1,
		ENTRY("2")
		    ATTR_LINUX("0100644") " 8:7 8:1 4:1 4:8 =a 0*7 " ENTRY("2")
			ATTR_LINUX("0120777") " 8:7 8:2 4:1 4:8 =b 0*7"),
	    1);
}
END_TEST

START_TEST(f70_other_replies_tell_none)
{
	ck_assert_int_eq(gets_entry(FUSE_OP_LOOKUP, 2, FILE_MODE), 0);
	ck_assert_int_eq(gets(&proto_linux, FUSE_OP_STATX, 2, "0*288"), 0);
	ck_assert_int_eq(gets(&proto_linux, FUSE_OP_STATX, 2,
			     "0*32 4:1 0*24 2:040755 0*226"),
	    1);
	ck_assert_int_eq(gets(&proto_linux, FUSE_OP_OPEN, 2, "0*16"), 0);
	ck_assert_int_eq(gets(&proto_linux, 999, 2, "0*160"), 0);
	ck_assert_int_eq(gets(&proto_darwin, FUSE_OP_GETATTR, 2,
			     "0*16" ATTR_DARWIN("040755")),
	    0);
}
END_TEST

/* More nodes than there is memory for: nothing is made up. */
START_TEST(f70_many_nodes)
{
	uint64_t i, step = _i == 0 ? 1 : 4096;
	unsigned missed = 0;

	for (i = 1; i <= NODES; i++)
		ck_assert_int_eq(gets_entry(FUSE_OP_LOOKUP, i * step,
				     i % 3 == 0 ? DIR_MODE : FILE_MODE),
		    0);
	for (i = 1; i <= NODES; i++)
		ck_assert_int_eq(
		    gets_attr(i * step, i % 3 == 0 ? DIR_MODE : FILE_MODE), 0);
	for (i = NODES; i > NODES - 1000; i--)
		missed += !gets_attr(i * step, S_IFLNK);
	ck_assert_uint_lt(missed, 500);
}
END_TEST

static void
setup(void)
{
	wire_buf_init(&buf);
	node_types_init(&types);
}

static void
teardown(void)
{
	node_types_fini(&types);
	wire_buf_fini(&buf);
}

int
main(void)
{
	Suite *s = suite_create("node_types");
	TCase *t = tcase_create("types");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, f70_attributes_are_compared);
	tcase_add_test(t, f70_entries_are_compared);
	tcase_add_test(t, f70_forgotten_nodes_are_not_known);
	tcase_add_test(t, f70_directories_tell_types);
	tcase_add_test(t, f70_other_replies_tell_none);
	tcase_add_loop_test(t, f70_many_nodes, 0, 2);
	suite_add_tcase(s, t);
	return suite_run(s);
}
