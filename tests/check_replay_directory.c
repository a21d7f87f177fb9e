/* SPDX-License-Identifier: ISC */
/* The parts of a replay: listings of directories, whatever their order. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/directory.h"
#include "tests/replay_calls.h"

#define DIRENT(off, type, len, name) \
	" 8:1 8:" off " 4:" len " 4:" type " =" name
#define A(off) DIRENT(off, "8", "8", "aaaaaaaa")
#define B(off) DIRENT(off, "8", "8", "bbbbbbbb")
#define C(off) DIRENT(off, "8", "8", "cccccccc")
#define C_DIR(off) DIRENT(off, "4", "8", "cccccccc")
#define DOTS \
	DIRENT("1", "4", "1", ".") " 0*7" DIRENT("2", "4", "2", "..") " 0*6"
#define HIDDEN(off) DIRENT(off, "8", "16", ".fuse_hidden0001")

/* Read on from this recorded offset; the offset that is sent instead. */
static uint64_t
list_read(struct replay_call **out, uint64_t offset, const char *was,
    const char *is)
{
	struct replay_call *c;
	char body[128];
	uint64_t sent;

	snprintf(body, sizeof(body), "8:5 8:%llu 4:4096 4:0 8:0 4:0 4:0",
	    (unsigned long long)offset);
	c = call_make(FUSE_OP_READDIR, 1, body, 0);
	ck_assert_int_eq(call_put(c), SKIP_NOT);
	sent = sent_u64(c, 48);
	call_reply(&c->reply_was, was, 0);
	call_reply(&c->reply_is, is, 0);
	ck_assert_int_eq(directory_learn(c, &maps, &proto_linux, &proto_linux),
	    E_OK);
	if (out != NULL)
		*out = c;
	else
		call_end(c);
	return sent;
}

/* A listing ends with this call; in what do the two differ? */
static const char *
list_end(uint64_t offset, const char *is)
{
	static char line[512];
	struct replay_call *c;
	struct text t;

	list_read(&c, offset, "", is);
	text_init(&t, line, sizeof(line));
	directory_difference(c, &maps, &proto_linux, &proto_linux, &t);
	text_end(&t);
	call_end(c);
	return line;
}

static void
open_directory(void)
{
	ck_assert_int_eq(handles_enter(&maps.handles, 5, 1, 50), E_OK);
}

START_TEST(order_and_offsets_do_not_matter)
{
	open_directory();
	ck_assert_uint_eq(
	    list_read(NULL, 0, DOTS A("30") B("40"), C("7") DOTS A("8")), 0);
	ck_assert_uint_eq(list_read(NULL, 40, C("50"), B("9")), 8);
	ck_assert_uint_eq(list_read(NULL, 50, HIDDEN("60"), ""), 9);
	ck_assert_str_eq(list_end(60, ""), "");
	/* Once more from the start. */
	ck_assert_uint_eq(list_read(NULL, 0, A("30"), A("1")), 0);
	ck_assert_str_eq(list_end(30, ""), "");
}
END_TEST

START_TEST(entries_that_differ)
{
	open_directory();
	list_read(NULL, 0, A("1") B("2") C("3"),
	    A("1") C_DIR("2") DIRENT("3", "8", "8", "dddddddd"));
	ck_assert_str_eq(list_end(3, ""),
	    "\"bbbbbbbb\" is missing; "
	    "\"cccccccc\" is of type 4, not 8; \"dddddddd\" is new");
	/* Nobody knows the type. */
	list_read(NULL, 0, C("3"), DIRENT("2", "0", "8", "cccccccc"));
	ck_assert_str_eq(list_end(3, ""), "");
}
END_TEST

/* The replay asks for more, and gets this. */
static void
read_on(struct replay_call *c, const char *reply)
{
	struct call_bytes b = { 0 };

	call_reply(&b, reply, 0);
	ck_assert_int_eq(
	    directory_read_on(c, &maps, &proto_linux, call_span(&b)), E_OK);
	free(b.p);
}

START_TEST(reads_on_when_the_recording_does_not)
{
	struct replay_call *c;
	uint64_t offset = 0;
	char line[256];
	struct text t;

	open_directory();
	list_read(&c, 0, A("1") B("2"), A("11"));
	ck_assert_int_eq(directory_goes_on(c, &maps, &offset), 0);
	call_end(c);
	list_read(&c, 2, "", B("12"));
	ck_assert_int_eq(directory_goes_on(c, &maps, &offset), 1);
	ck_assert_uint_eq(offset, 12);
	read_on(c, C("13"));
	ck_assert_int_eq(directory_goes_on(c, &maps, &offset), 1);
	ck_assert_uint_eq(offset, 13);
	read_on(c, "");
	ck_assert_int_eq(directory_goes_on(c, &maps, &offset), 0);
	text_init(&t, line, sizeof(line));
	ck_assert_int_eq(
	    directory_difference(c, &maps, &proto_linux, &proto_linux, &t), 1);
	text_end(&t);
	ck_assert_str_eq(line, "\"cccccccc\" is new");
	call_end(c);
}
END_TEST

START_TEST(seeks_count_entries)
{
	open_directory();
	list_read(NULL, 0, A("100") B("200") C("300"), A("1") B("2") C("3"));
	/* Back to behind the first, and on. */
	ck_assert_uint_eq(
	    list_read(NULL, 100, B("200") C("300"), B("2") C("3")), 1);
	ck_assert_uint_eq(list_read(NULL, 200, C("300"), C("3")), 2);
	ck_assert_str_eq(list_end(300, ""), "");
	/* From the middle of nowhere: nothing can be said. */
	list_read(NULL, 0, A("100"), A("1"));
	ck_assert_uint_eq(list_read(NULL, 777, C("300"), B("2")), 777);
	ck_assert_str_eq(list_end(300, ""), "");
}
END_TEST

START_TEST(changing_directories_are_not_compared)
{
	struct replay_call *c;

	open_directory();
	list_read(NULL, 0, A("1"), B("1"));
	c = call_make(FUSE_OP_UNLINK, 1, "'x", 0);
	ck_assert_int_eq(call_put(c), SKIP_NOT);
	call_end(c);
	ck_assert_str_eq(list_end(1, ""), "");
}
END_TEST

#define PLUS(nodeid, off, name) \
	" " ENTRY(nodeid) ATTR_LINUX("0100644") DIRENT(off, "8", "8", name)

START_TEST(nodes_of_entries)
{
	struct replay_call *c;
	struct call_lookup *l;

	open_directory();
	c = call_make(FUSE_OP_READDIRPLUS, 1, "8:5 8:0 4:4096 4:0 8:0 4:0 4:0",
	    0);
	ck_assert_int_eq(call_put(c), SKIP_NOT);
	call_reply(&c->reply_was,
	    PLUS("10", "1", "aaaaaaaa") PLUS("11", "2", "bbbbbbbb")
		PLUS("12", "3", "cccccccc") PLUS("0", "4", "dddddddd"),
	    0);
	call_reply(&c->reply_is,
	    PLUS("22", "1", "cccccccc") PLUS("20", "2", "aaaaaaaa")
		PLUS("0", "3", "bbbbbbbb"),
	    0);
	ck_assert_int_eq(directory_learn(c, &maps, &proto_linux, &proto_linux),
	    E_OK);
	ck_assert_uint_eq(nodes_find(&maps.nodes, 10)->is, 20);
	ck_assert_uint_eq(nodes_find(&maps.nodes, 12)->is, 22);
	/* Who has no node in the new listing is to be looked up. */
	ck_assert_ptr_null(nodes_find(&maps.nodes, 11));
	l = STAILQ_FIRST(&c->lookups);
	ck_assert_uint_eq(l->was, 11);
	ck_assert_uint_eq(l->len, 8);
	ck_assert_int_eq(memcmp(l->name, "bbbbbbbb", 8), 0);
	ck_assert_ptr_null(STAILQ_NEXT(l, link));
	call_end(c);
}
END_TEST

static void
add(TCase *tc)
{
	tcase_add_test(tc, order_and_offsets_do_not_matter);
	tcase_add_test(tc, entries_that_differ);
	tcase_add_test(tc, reads_on_when_the_recording_does_not);
	tcase_add_test(tc, seeks_count_entries);
	tcase_add_test(tc, changing_directories_are_not_compared);
	tcase_add_test(tc, nodes_of_entries);
}

int
main(void)
{
	return calls_run("replay-directory", add);
}
