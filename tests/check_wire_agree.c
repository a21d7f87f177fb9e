/* SPDX-License-Identifier: ISC */
/* What two replies to a request must have in common. */
#include <check.h>
#include <string.h>

#include "tests/suite.h"
#include "tests/wire_samples.h"
#include "wire/agree.h"
#include "wire/get.h"

static struct wire_buf request, was_buf, is_buf;
static struct wire_expect expect;
static struct wire_answer was, is;

static void
ask(uint32_t opcode, const char *body)
{
	wire_expect_set(&expect, &proto_linux,
	    sample_build_request(&request, opcode, 1, body));
}

static void
answer(struct wire_answer *a, struct wire_buf *b, const char *body,
    int32_t error)
{
	a->pr = &proto_linux;
	a->e = &expect;
	a->m = sample_build_reply(b, body, error);
	a->kept = a->m.len;
}

/* In what `is` differs from `was`. */
static const char *
difference(unsigned any)
{
	static char line[1024];
	struct text t;
	int found;

	text_init(&t, line, sizeof(line));
	found = wire_put_difference(&t, &was, &is, any);
	text_end(&t);
	ck_assert_int_eq(found, line[0] != '\0');
	return line;
}

/* A reply sample of its row agrees with itself, in every dialect. */
START_TEST(samples_agree_with_themselves)
{
	const struct sample *s, *asks;
	size_t i;

	for (i = 0; (s = sample_at(i)) != NULL; i++) {
		if (s->kind != SAMPLE_REPLY ||
		    (asks = sample_request(s->opcode, s->proto)) == NULL)
			continue;
		wire_expect_set(&expect, s->proto,
		    sample_build(&request, asks));
		answer(&was, &was_buf, s->body, s->error);
		was.pr = s->proto;
		is = was;
		ck_assert_str_eq(difference(0), "");
	}
}
END_TEST

#define ATTR(ino, size, time, mode, nlink, uid)                            \
	" 8:" ino " 8:" size " 8:1 8:" time " 8:1 8:1 4:1 4:2 4:3 4:" mode \
	" 4:" nlink " 4:" uid " 4:1001 4:0 4:4096 4:0"
#define NODE(nodeid) "8:" nodeid " 8:0 8:1 8:2 4:0 4:0"
#define READ "8:5 8:4096 4:4096 4:0 8:0 4:0 4:0"

static const struct {
	uint32_t opcode;
	const char *request, *was, *is;
	int32_t was_error, is_error;
	unsigned any;
	const char *says;
} cases[] = {
	{ FUSE_OP_GETATTR, "0*16",
	    "8:1 0*8" ATTR("7", "5", "1", "0100644", "1", "0"),
	    "8:2 0*8" ATTR("8", "5", "2", "0100644", "1", "0"), 0, 0, 0, "" },
	{ FUSE_OP_GETATTR, "0*16",
	    "0*16" ATTR("7", "5", "1", "0100644", "1", "0"),
	    "0*16" ATTR("8", "6", "2", "0100600", "2", "9"), 0, 0, 0,
	    "size is 6, not 5; mode is 0100600, not 0100644; "
	    "nlink is 2, not 1; uid is 9, not 0" },
	{ FUSE_OP_GETATTR, "0*16",
	    "0*16" ATTR("7", "5", "1", "0100644", "1", "0"),
	    "0*16" ATTR("8", "6", "2", "0100600", "2", "9"), 0, 0,
	    AGREE_ANY_SIZE | AGREE_ANY_LINKS,
	    "mode is 0100600, not 0100644; uid is 9, not 0" },
	{ FUSE_OP_GETATTR, "0*16",
	    "0*16" ATTR("7", "5", "1", "0100644", "1", "0"),
	    "0*16" ATTR("8", "6", "2", "0100600", "2", "9"), 0, 0,
	    AGREE_ANY_ATTR, "" },
	/* How large a directory is, and how many links it has, is its file
	 * system's affair. */
	{ FUSE_OP_GETATTR, "0*16",
	    "0*16" ATTR("7", "4096", "1", "040755", "2", "0"),
	    "0*16" ATTR("8", "6", "2", "040755", "1", "0"), 0, 0, 0, "" },
	{ FUSE_OP_GETATTR, "0*16",
	    "0*16" ATTR("7", "5", "1", "0100644", "1", "0"), "", 0, -5,
	    AGREE_ANY_ATTR, "result is -EIO, not 0" },
	{ FUSE_OP_GETATTR, "0*16", "", "", -2, -13, 0,
	    "result is -EACCES, not -ENOENT" },
	{ FUSE_OP_GETATTR, "0*16", "", "", -2, -2, 0, "" },
	{ FUSE_OP_LOOKUP, "'x",
	    NODE("2") ATTR("7", "5", "1", "0100644", "1", "0"),
	    NODE("9") ATTR("8", "5", "2", "0100644", "1", "0"), 0, 0, 0, "" },
	{ FUSE_OP_LOOKUP, "'x",
	    NODE("2") ATTR("7", "5", "1", "0100644", "1", "0"),
	    NODE("0") ATTR("0", "0", "0", "0", "0", "0"), 0, 0, 0,
	    "the entry is not found, was found" },
	{ FUSE_OP_LOOKUP, "'x",
	    NODE("0") ATTR("7", "5", "1", "0100644", "1", "0"),
	    NODE("0") ATTR("0", "0", "0", "0", "0", "0"), 0, 0, 0, "" },
	{ FUSE_OP_CREATE, "4:2 4:0644 4:022 4:0 'x",
	    NODE("2") ATTR("7", "5", "1", "0100644", "1", "0") "8:5 4:1 4:0",
	    NODE("3") ATTR("7", "6", "1", "0100644", "1", "0") "8:6 4:2 4:0",
	    0, 0, 0, "size is 6, not 5" },
	{ FUSE_OP_READ, READ, "=abcdef", "=abcdef", 0, 0, 0, "" },
	{ FUSE_OP_READ, READ, "=abcdef", "=abcdXf", 0, 0, 0,
	    "byte 4 of the data is 0x58, not 0x65" },
	{ FUSE_OP_READ, READ, "=abcdef", "=abcX", 0, 0, 0,
	    "4 bytes, not 6; byte 3 of the data is 0x58, not 0x64" },
	{ FUSE_OP_READ, READ, "=abcdef", "=abcX", 0, 0, AGREE_ANY_DATA, "" },
	{ FUSE_OP_READLINK, "", "=to", "=tx", 0, 0, 0,
	    "byte 1 of the data is 0x78, not 0x6f" },
	{ FUSE_OP_WRITE, "8:1 8:0 4:5 4:0 8:0 4:0 4:0 =abcde", "4:5 4:1",
	    "4:4 4:0", 0, 0, AGREE_ANY_DATA, "size is 4, not 5" },
	{ FUSE_OP_OPEN, "4:0 4:0", "8:1 4:2 4:0", "8:2 4:4 4:0", 0, 0, 0, "" },
	{ FUSE_OP_STATFS, "", "0*80", "8:1 0*72", 0, 0, 0, "" },
	{ FUSE_OP_LISTXATTR, "4:99 4:0", "'user.b 'user.a", "'user.a 'user.b",
	    0, 0, 0, "" },
	{ FUSE_OP_LISTXATTR, "4:99 4:0", "'user.b 'user.a", "'user.a 'user.c",
	    0, 0, 0, "\"user.b\" is missing; \"user.c\" is new" },
	{ FUSE_OP_LISTXATTR, "4:0 4:0", "4:14 4:0", "4:7 4:0", 0, 0, 0,
	    "size is 7, not 14" },
	{ FUSE_OP_GETXATTR, "4:9 4:0 'user.a", "=val", "=vol", 0, 0, 0,
	    "byte 1 of the data is 0x6f, not 0x61" },
	{ FUSE_OP_GETLK, "8:1 8:2 0*24 4:0 4:0", "8:0 8:9 4:1 4:77",
	    "8:0 8:9 4:1 4:78", 0, 0, 0, "" },
	{ FUSE_OP_GETLK, "8:1 8:2 0*24 4:0 4:0", "8:0 8:9 4:1 4:77",
	    "8:0 8:9 4:2 4:77", 0, 0, 0, "type is F_UNLCK, not F_WRLCK" },
	{ FUSE_OP_INIT, "4:7 4:38 4:0 4:0 4:0 0*44", "4:7 4:38 4:1 4:1 0*48",
	    "4:7 4:31 4:2 4:3 0*48", 0, 0, 0,
	    "minor is 31, not 38; flags is ASYNC_READ|POSIX_LOCKS, "
	    "not ASYNC_READ" },
	{ 4000, "8:1", "8:1", "8:2", 0, 0, 0, "" },
	{ 4000, "8:1", "8:1", "", 0, -38, 0, "result is -ENOSYS, not 0" },
};

START_TEST(replies_differ_as_told)
{
	ask(cases[_i].opcode, cases[_i].request);
	answer(&was, &was_buf, cases[_i].was, cases[_i].was_error);
	answer(&is, &is_buf, cases[_i].is, cases[_i].is_error);
	ck_assert_str_eq(difference(cases[_i].any), cases[_i].says);
}
END_TEST

/* Nothing is said of bytes that are not there. */
START_TEST(only_what_is_kept)
{
	size_t n;

	ask(FUSE_OP_READ, READ);
	answer(&was, &was_buf, "=abcdef", 0);
	answer(&is, &is_buf, "=abcXef", 0);
	for (n = 0; n <= was.m.len; n++) {
		was.kept = n;
		ck_assert_int_eq(difference(0)[0] != '\0',
		    n > WIRE_REP_HEADER + 3);
	}
}
END_TEST

/* Old and new may have agreed on different minors. */
START_TEST(layouts_may_differ)
{
	ask(FUSE_OP_GETATTR, "0*16");
	answer(&was, &was_buf, "0*16" ATTR("7", "5", "1", "0100644", "1", "0"),
	    0);
	answer(&is, &is_buf,
	    "0*16 8:7 8:6 8:1 8:1 8:1 8:1 4:1 4:2 4:3 "
	    "4:0100644 4:1 4:0 4:1001 4:0",
	    0);
	is.pr = &proto_linux_old;
	ck_assert_str_eq(difference(0), "size is 6, not 5");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("wire-agree");
	TCase *t = tcase_create("agree");
	int failed;

	wire_buf_init(&request);
	wire_buf_init(&was_buf);
	wire_buf_init(&is_buf);
	tcase_add_test(t, samples_agree_with_themselves);
	tcase_add_loop_test(t, replies_differ_as_told, 0,
	    sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(t, only_what_is_kept);
	tcase_add_test(t, layouts_may_differ);
	suite_add_tcase(suite, t);
	failed = suite_run(suite);
	wire_buf_fini(&request);
	wire_buf_fini(&was_buf);
	wire_buf_fini(&is_buf);
	return failed;
}
