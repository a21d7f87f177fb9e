/* SPDX-License-Identifier: ISC */
/* The parts of a replay: numbers old and new, directories, races. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/directory.h"
#include "tests/wire_samples.h"
#include "wire/get.h"

static struct replay_maps maps;
static struct wire_buf buf;
static uint64_t record;

static void
setup(void)
{
	ck_assert_int_eq(maps_init(&maps), E_OK);
	wire_buf_init(&buf);
	record = 0;
}

static void
teardown(void)
{
	maps_fini(&maps);
	wire_buf_fini(&buf);
}

/* A recorded request; of its bytes, `lacks` are not in the capture. */
static struct replay_call *
call_make(uint32_t opcode, uint64_t nodeid, const char *body, size_t lacks)
{
	struct span name[2], m;
	struct replay_call *c;

	wire_begin_request(&buf, opcode, 100, nodeid);
	sample_put(&buf, body);
	ck_assert_int_eq(wire_end(&buf, &m), E_OK);
	c = call_new(m, m.len - lacks, ++record);
	ck_assert_ptr_nonnull(c);
	c->names = wire_request_names(&proto_linux, m, name);
	wire_expect_set(&c->expect_was, &proto_linux, m);
	c->expect_is = c->expect_was;
	return c;
}

static enum replay_skip
call_put(struct replay_call *c)
{
	enum replay_skip skip = call_translate(c, &maps, &proto_linux);

	if (skip == SKIP_NOT)
		call_begin_changes(c, &maps, &proto_linux);
	return skip;
}

static void
call_reply(struct call_bytes *b, const char *body, int32_t error)
{
	struct span m;

	wire_begin_reply(&buf, 100, error);
	sample_put(&buf, body);
	ck_assert_int_eq(wire_end(&buf, &m), E_OK);
	ck_assert_int_eq(call_keep(b, m, m.len), E_OK);
}

static void
call_end(struct replay_call *c)
{
	c->answered = ++record;
	call_end_changes(c, &maps);
	call_free(c, &maps);
}

static uint64_t
sent_u64(const struct replay_call *c, size_t off)
{
	return get_u64(call_span(&c->request), off);
}

/* Node 10 of the recording is 20 now, 11 is 21..., one lookup each. */
static void
know_nodes(unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++)
		ck_assert_int_eq(nodes_enter(&maps.nodes, 10 + i, 20 + i),
		    E_OK);
}

START_TEST(nodes_live_as_long_as_recorded)
{
	struct replay_node *n;

	ck_assert_uint_eq(nodes_find(&maps.nodes, 1)->is, 1);
	ck_assert_ptr_null(nodes_find(&maps.nodes, 10));
	know_nodes(1);
	know_nodes(1);
	nodes_forget(&maps.nodes, 10, 1);
	n = nodes_find(&maps.nodes, 10);
	ck_assert_uint_eq(n->is, 20);
	nodes_pin(n);
	nodes_forget(&maps.nodes, 10, 1);
	ck_assert_ptr_eq(nodes_find(&maps.nodes, 10), n);
	nodes_unpin(&maps.nodes, n);
	ck_assert_ptr_null(nodes_find(&maps.nodes, 10));
	/* More than there is, and the root. */
	know_nodes(1);
	nodes_forget(&maps.nodes, 10, UINT64_MAX);
	ck_assert_ptr_null(nodes_find(&maps.nodes, 10));
	nodes_forget(&maps.nodes, 1, 5);
	ck_assert_ptr_nonnull(nodes_find(&maps.nodes, 1));
}
END_TEST

START_TEST(handles_are_counted)
{
	struct replay_handle *h;

	/* One handle for two nodes, and twice for one. */
	ck_assert_int_eq(handles_enter(&maps.handles, 0, 10, 5), E_OK);
	ck_assert_int_eq(handles_enter(&maps.handles, 0, 11, 6), E_OK);
	ck_assert_int_eq(handles_enter(&maps.handles, 0, 10, 7), E_OK);
	h = handles_find(&maps.handles, 0, 10);
	ck_assert_uint_eq(h->is, 7);
	ck_assert_uint_eq(handles_find(&maps.handles, 0, 11)->is, 6);
	handles_close(&maps.handles, h);
	ck_assert_ptr_eq(handles_find(&maps.handles, 0, 10), h);
	handles_close(&maps.handles, h);
	ck_assert_ptr_null(handles_find(&maps.handles, 0, 10));
}
END_TEST

START_TEST(numbers_are_translated)
{
	struct replay_call *c;

	know_nodes(2);
	ck_assert_int_eq(handles_enter(&maps.handles, 5, 10, 50), E_OK);
	ck_assert_int_eq(handles_enter(&maps.handles, 6, 11, 60), E_OK);

	c = call_make(FUSE_OP_RENAME2, 10, "8:11 4:0 4:0 'a 'b", 0);
	ck_assert_int_eq(call_put(c), SKIP_NOT);
	ck_assert_uint_eq(sent_u64(c, 16), 20);
	ck_assert_uint_eq(sent_u64(c, 40), 21);
	call_end(c);

	c = call_make(FUSE_OP_COPY_FILE_RANGE, 10,
	    "8:5 8:0 8:11 8:6 8:0 8:9 8:0", 0);
	ck_assert_int_eq(call_put(c), SKIP_NOT);
	ck_assert_uint_eq(sent_u64(c, 16), 20);
	ck_assert_uint_eq(sent_u64(c, 40), 50);
	ck_assert_uint_eq(sent_u64(c, 56), 21);
	ck_assert_uint_eq(sent_u64(c, 64), 60);
	call_end(c);

	/* A handle only where the flag says so. */
	c = call_make(FUSE_OP_GETATTR, 10, "4:0 4:0 8:5", 0);
	ck_assert_int_eq(call_put(c), SKIP_NOT);
	ck_assert_uint_eq(sent_u64(c, 48), 5);
	call_end(c);
	c = call_make(FUSE_OP_GETATTR, 10, "4:1 4:0 8:5", 0);
	ck_assert_int_eq(call_put(c), SKIP_NOT);
	ck_assert_uint_eq(sent_u64(c, 48), 50);
	call_end(c);

	c = call_make(FUSE_OP_RELEASE, 10, "8:5 4:0 4:0 8:0", 0);
	ck_assert_int_eq(call_put(c), SKIP_NOT);
	call_end(c);
	c = call_make(FUSE_OP_READ, 10, "8:5 8:0 4:9 4:0 8:0 4:0 4:0", 0);
	ck_assert_int_eq(call_put(c), SKIP_HANDLE);
	call_free(c, &maps);
	c = call_make(FUSE_OP_READLINK, 12, "", 0);
	ck_assert_int_eq(call_put(c), SKIP_NODE);
	call_free(c, &maps);
	c = call_make(FUSE_OP_LINK, 10, "8:12 'x", 0);
	ck_assert_int_eq(call_put(c), SKIP_NODE);
	call_free(c, &maps);
	/* No node at all. */
	c = call_make(FUSE_OP_DESTROY, 0, "", 0);
	ck_assert_int_eq(call_put(c), SKIP_NOT);
	call_end(c);
	c = call_make(FUSE_OP_NOTIFY_REPLY, 10, "0*40", 0);
	ck_assert_int_eq(call_put(c), SKIP_NOTIFY);
	call_free(c, &maps);
}
END_TEST

START_TEST(no_handles_where_nothing_is_opened)
{
	struct replay_call *c;

	know_nodes(1);
	c = call_make(FUSE_OP_READ, 10, "8:0 8:0 4:9 4:0 8:0 4:0 4:0", 0);
	ck_assert_int_eq(call_put(c), SKIP_HANDLE);
	call_free(c, &maps);
	c = call_make(FUSE_OP_OPEN, 10, "4:0 4:0", 0);
	ck_assert_int_eq(call_put(c), SKIP_NOT);
	call_reply(&c->reply_was, "", -ENOSYS);
	call_reply(&c->reply_is, "", -ENOSYS);
	ck_assert_int_eq(call_learn(c, &maps, &proto_linux, &proto_linux),
	    E_OK);
	call_end(c);
	c = call_make(FUSE_OP_READ, 10, "8:0 8:0 4:9 4:0 8:0 4:0 4:0", 0);
	ck_assert_int_eq(call_put(c), SKIP_NOT);
	call_end(c);
}
END_TEST

START_TEST(forgets_of_what_is_known)
{
	struct replay_call *c;

	know_nodes(2);
	c = call_make(FUSE_OP_BATCH_FORGET, 0,
	    "4:3 4:0 8:9 8:1 8:10 8:1 8:11 8:1", 0);
	ck_assert_int_eq(call_put(c), SKIP_NOT);
	ck_assert_uint_eq(c->request.len, 48 + 2 * 16);
	ck_assert_uint_eq(get_u32(call_span(&c->request), 0), 48 + 2 * 16);
	ck_assert_uint_eq(get_u32(call_span(&c->request), 40), 2);
	ck_assert_uint_eq(sent_u64(c, 48), 20);
	ck_assert_uint_eq(sent_u64(c, 64), 21);
	call_end(c);
	ck_assert_ptr_null(nodes_find(&maps.nodes, 10));
	c = call_make(FUSE_OP_FORGET, 10, "8:1", 0);
	ck_assert_int_eq(call_put(c), SKIP_NODE);
	call_free(c, &maps);
}
END_TEST

#define WRITE_BODY "8:5 8:0 4:5 4:0 8:0 4:0 4:0 =hello"
#define READ_BODY "8:5 8:0 4:9 4:0 8:0 4:0 4:0"

START_TEST(what_lacks_data_and_what_depends_on_it)
{
	struct replay_call *c;

	know_nodes(2);
	ck_assert_int_eq(handles_enter(&maps.handles, 5, 10, 50), E_OK);
	ck_assert_int_eq(handles_enter(&maps.handles, 5, 11, 51), E_OK);
	c = call_make(FUSE_OP_READ, 10, READ_BODY, 0);
	ck_assert_int_eq(call_put(c), SKIP_NOT);
	call_end(c);
	c = call_make(FUSE_OP_WRITE, 10, WRITE_BODY, 5);
	ck_assert_int_eq(call_put(c), SKIP_DATA);
	call_free(c, &maps);
	c = call_make(FUSE_OP_READ, 10, READ_BODY, 0);
	ck_assert_int_eq(call_put(c), SKIP_AFTER);
	call_free(c, &maps);
	/* Its size is not known either. */
	c = call_make(FUSE_OP_GETATTR, 10, "4:0 4:0 8:0", 0);
	ck_assert_int_eq(call_put(c), SKIP_NOT);
	call_reply(&c->reply_was, "0*104", 0);
	call_reply(&c->reply_is, "0*104", 0);
	ck_assert_uint_eq(call_may_differ(c, &maps), AGREE_ANY_SIZE);
	call_end(c);
	/* Other files are not concerned, until it is copied to them. */
	c = call_make(FUSE_OP_READ, 11, READ_BODY, 0);
	ck_assert_int_eq(call_put(c), SKIP_NOT);
	call_end(c);
	c = call_make(FUSE_OP_COPY_FILE_RANGE, 10,
	    "8:5 8:0 8:11 8:5 8:0 8:9 8:0", 0);
	ck_assert_int_eq(call_put(c), SKIP_AFTER);
	call_free(c, &maps);
	c = call_make(FUSE_OP_READ, 11, READ_BODY, 0);
	ck_assert_int_eq(call_put(c), SKIP_AFTER);
	call_free(c, &maps);

	c = call_make(FUSE_OP_GETXATTR, 10, "4:9 4:0 'user.a", 0);
	ck_assert_int_eq(call_put(c), SKIP_NOT);
	call_end(c);
	c = call_make(FUSE_OP_SETXATTR, 10, "4:3 4:0 'user.a =abc", 3);
	ck_assert_int_eq(call_put(c), SKIP_DATA);
	call_free(c, &maps);
	c = call_make(FUSE_OP_GETXATTR, 10, "4:9 4:0 'user.a", 0);
	ck_assert_int_eq(call_put(c), SKIP_AFTER);
	call_free(c, &maps);
}
END_TEST

START_TEST(entries_and_handles_are_learned)
{
	struct replay_call *c;

	c = call_make(FUSE_OP_CREATE, 1, "4:2 4:0644 4:022 4:0 'x", 0);
	ck_assert_int_eq(call_put(c), SKIP_NOT);
	call_reply(&c->reply_was, ENTRY("10") ATTR_LINUX("0100644")
	    " 8:5 4:0 4:0", 0);
	call_reply(&c->reply_is, ENTRY("20") ATTR_LINUX("0100644")
	    " 8:50 4:0 4:0", 0);
	ck_assert_int_eq(call_learn(c, &maps, &proto_linux, &proto_linux),
	    E_OK);
	call_end(c);
	ck_assert_uint_eq(nodes_find(&maps.nodes, 10)->is, 20);
	ck_assert_uint_eq(handles_find(&maps.handles, 5, 10)->is, 50);

	/* Nothing is learned from a failure, or from what was not found. */
	c = call_make(FUSE_OP_LOOKUP, 1, "'y", 0);
	ck_assert_int_eq(call_put(c), SKIP_NOT);
	call_reply(&c->reply_was, ENTRY("11") ATTR_LINUX("0100644"), 0);
	call_reply(&c->reply_is, "", -ENOENT);
	ck_assert_int_eq(call_learn(c, &maps, &proto_linux, &proto_linux),
	    E_OK);
	call_reply(&c->reply_is, ENTRY("0") ATTR_LINUX("0"), 0);
	ck_assert_int_eq(call_learn(c, &maps, &proto_linux, &proto_linux),
	    E_OK);
	call_end(c);
	ck_assert_ptr_null(nodes_find(&maps.nodes, 11));
}
END_TEST

/* What `early` is asked while `late` is in flight. */
static unsigned
overlap(struct replay_call *early, struct replay_call *late,
    const char *reply)
{
	unsigned any;

	ck_assert_int_eq(call_put(early), SKIP_NOT);
	ck_assert_int_eq(call_put(late), SKIP_NOT);
	call_end(late);
	call_reply(&early->reply_was, reply, 0);
	call_reply(&early->reply_is, reply, 0);
	any = call_may_differ(early, &maps);
	call_end(early);
	return any;
}

#define GETATTR_BODY "4:0 4:0 8:0"
#define CHMOD_BODY "4:1 0*64 4:0600 0*16"

START_TEST(races_are_not_compared)
{
	struct replay_call *c;

	know_nodes(2);
	/* A change of the node itself, of another one. */
	ck_assert_uint_eq(overlap(
	    call_make(FUSE_OP_GETATTR, 10, GETATTR_BODY, 0),
	    call_make(FUSE_OP_SETATTR, 10, CHMOD_BODY, 0), "0*104"),
	    AGREE_ANY_DATA | AGREE_ANY_ATTR);
	ck_assert_uint_eq(overlap(
	    call_make(FUSE_OP_GETATTR, 10, GETATTR_BODY, 0),
	    call_make(FUSE_OP_SETATTR, 11, CHMOD_BODY, 0), "0*104"), 0);
	ck_assert_uint_eq(overlap(
	    call_make(FUSE_OP_GETATTR, 10, GETATTR_BODY, 0),
	    call_make(FUSE_OP_GETATTR, 10, GETATTR_BODY, 0), "0*104"), 0);
	/* Two changes do not see each other, but each sees itself. */
	ck_assert_uint_eq(overlap(
	    call_make(FUSE_OP_SETATTR, 10, CHMOD_BODY, 0),
	    call_make(FUSE_OP_GETATTR, 10, GETATTR_BODY, 0), "0*104"), 0);
	/* The node that is found. */
	ck_assert_uint_eq(overlap(
	    call_make(FUSE_OP_LOOKUP, 1, "'x", 0),
	    call_make(FUSE_OP_SETATTR, 10, CHMOD_BODY, 0),
	    ENTRY("10") ATTR_LINUX("0100644")), AGREE_ANY_ATTR);
	/* Names in the directory, in another one. */
	ck_assert_uint_eq(overlap(
	    call_make(FUSE_OP_LOOKUP, 10, "'x", 0),
	    call_make(FUSE_OP_UNLINK, 10, "'x", 0),
	    ENTRY("11") ATTR_LINUX("0100644")), CALL_UNDECIDED);
	ck_assert_uint_eq(overlap(
	    call_make(FUSE_OP_LOOKUP, 10, "'x", 0),
	    call_make(FUSE_OP_UNLINK, 11, "'x", 0),
	    ENTRY("11") ATTR_LINUX("0100644")), AGREE_ANY_LINKS);
	/* A rename within a directory names it twice. */
	ck_assert_uint_eq(overlap(
	    call_make(FUSE_OP_RENAME, 10, "8:10 'a 'b", 0),
	    call_make(FUSE_OP_GETATTR, 10, GETATTR_BODY, 0), ""), 0);
	/* Locks. */
	ck_assert_uint_eq(overlap(
	    call_make(FUSE_OP_GETLK, 10, "4:0", 0),
	    call_make(FUSE_OP_GETLK, 10, "4:0", 0), "0*24"), 0);
	ck_assert_uint_eq(overlap(
	    call_make(FUSE_OP_SETXATTR, 10, "4:3 4:0 'a =abc", 0),
	    call_make(FUSE_OP_REMOVEXATTR, 10, "'a", 0), ""),
	    CALL_UNDECIDED);
	/* It began before that and is still under way. */
	c = call_make(FUSE_OP_SETATTR, 10, CHMOD_BODY, 0);
	ck_assert_int_eq(call_put(c), SKIP_NOT);
	ck_assert_uint_eq(overlap(
	    call_make(FUSE_OP_GETATTR, 10, GETATTR_BODY, 0),
	    call_make(FUSE_OP_GETATTR, 11, GETATTR_BODY, 0), "0*104"),
	    AGREE_ANY_DATA | AGREE_ANY_ATTR);
	call_end(c);
	/* Over before: no race. */
	ck_assert_uint_eq(overlap(
	    call_make(FUSE_OP_GETATTR, 10, GETATTR_BODY, 0),
	    call_make(FUSE_OP_GETATTR, 11, GETATTR_BODY, 0), "0*104"), 0);
}
END_TEST

START_TEST(chance_is_not_compared)
{
	struct replay_call *c;

	know_nodes(1);
	ck_assert_int_eq(handles_enter(&maps.handles, 5, 10, 50), E_OK);
	c = call_make(FUSE_OP_READ, 10, READ_BODY, 0);
	ck_assert_int_eq(call_put(c), SKIP_NOT);
	call_reply(&c->reply_was, "=abc", 0);
	call_reply(&c->reply_is, "", -EINTR);
	ck_assert_uint_eq(call_may_differ(c, &maps), 0);
	c->interrupted = 1;
	ck_assert_uint_eq(call_may_differ(c, &maps), CALL_UNDECIDED);
	call_reply(&c->reply_is, "", -EIO);
	ck_assert_uint_eq(call_may_differ(c, &maps), 0);
	call_end(c);
	/* SEEK_HOLE, SEEK_END. */
	c = call_make(FUSE_OP_LSEEK, 10, "8:5 8:0 4:4 4:0", 0);
	ck_assert_int_eq(call_put(c), SKIP_NOT);
	ck_assert_uint_eq(call_may_differ(c, &maps), CALL_UNDECIDED);
	call_end(c);
	c = call_make(FUSE_OP_LSEEK, 10, "8:5 8:0 4:2 4:0", 0);
	ck_assert_int_eq(call_put(c), SKIP_NOT);
	ck_assert_uint_eq(call_may_differ(c, &maps), 0);
	call_end(c);
}
END_TEST

/* ---- directories ---- */

#define DIRENT(off, type, len, name) " 8:1 8:" off " 4:" len " 4:" type \
	" =" name
#define A(off) DIRENT(off, "8", "8", "aaaaaaaa")
#define B(off) DIRENT(off, "8", "8", "bbbbbbbb")
#define C(off) DIRENT(off, "8", "8", "cccccccc")
#define C_DIR(off) DIRENT(off, "4", "8", "cccccccc")
#define DOTS DIRENT("1", "4", "1", ".") " 0*7" \
	DIRENT("2", "4", "2", "..") " 0*6"
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
	ck_assert_int_eq(directory_learn(c, &maps, &proto_linux,
	    &proto_linux), E_OK);
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
	ck_assert_uint_eq(list_read(NULL, 0, DOTS A("30") B("40"),
	    C("7") DOTS A("8")), 0);
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
	list_read(NULL, 0, A("1") B("2") C("3"), A("1") C_DIR("2")
	    DIRENT("3", "8", "8", "dddddddd"));
	ck_assert_str_eq(list_end(3, ""), "\"bbbbbbbb\" is missing; "
	    "\"cccccccc\" is of type 4, not 8; \"dddddddd\" is new");
	/* Nobody knows the type. */
	list_read(NULL, 0, C("3"), DIRENT("2", "0", "8", "cccccccc"));
	ck_assert_str_eq(list_end(3, ""), "");
}
END_TEST

START_TEST(reads_on_when_the_recording_does_not)
{
	struct replay_call *c;
	uint64_t offset = 0;
	char line[256];
	struct span m;
	struct text t;

	open_directory();
	list_read(&c, 0, A("1") B("2"), A("11"));
	ck_assert_int_eq(directory_goes_on(c, &maps, &offset), 0);
	call_end(c);
	list_read(&c, 2, "", B("12"));
	ck_assert_int_eq(directory_goes_on(c, &maps, &offset), 1);
	ck_assert_uint_eq(offset, 12);
	wire_begin_reply(&buf, 7, 0);
	sample_put(&buf, C("13"));
	ck_assert_int_eq(wire_end(&buf, &m), E_OK);
	ck_assert_int_eq(directory_read_on(c, &maps, &proto_linux, m), E_OK);
	ck_assert_int_eq(directory_goes_on(c, &maps, &offset), 1);
	ck_assert_uint_eq(offset, 13);
	wire_begin_reply(&buf, 7, 0);
	ck_assert_int_eq(wire_end(&buf, &m), E_OK);
	ck_assert_int_eq(directory_read_on(c, &maps, &proto_linux, m), E_OK);
	ck_assert_int_eq(directory_goes_on(c, &maps, &offset), 0);
	text_init(&t, line, sizeof(line));
	ck_assert_int_eq(directory_difference(c, &maps, &proto_linux,
	    &proto_linux, &t), 1);
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
	ck_assert_uint_eq(list_read(NULL, 100, B("200") C("300"),
	    B("2") C("3")), 1);
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

#define PLUS(nodeid, off, name) " " ENTRY(nodeid) ATTR_LINUX("0100644") \
	DIRENT(off, "8", "8", name)

START_TEST(nodes_of_entries)
{
	struct replay_call *c;
	struct call_lookup *l;

	open_directory();
	c = call_make(FUSE_OP_READDIRPLUS, 1,
	    "8:5 8:0 4:4096 4:0 8:0 4:0 4:0", 0);
	ck_assert_int_eq(call_put(c), SKIP_NOT);
	call_reply(&c->reply_was, PLUS("10", "1", "aaaaaaaa")
	    PLUS("11", "2", "bbbbbbbb") PLUS("12", "3", "cccccccc")
	    PLUS("0", "4", "dddddddd"), 0);
	call_reply(&c->reply_is, PLUS("22", "1", "cccccccc")
	    PLUS("20", "2", "aaaaaaaa") PLUS("0", "3", "bbbbbbbb"), 0);
	ck_assert_int_eq(directory_learn(c, &maps, &proto_linux,
	    &proto_linux), E_OK);
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

int
main(void)
{
	Suite *suite = suite_create("replay");
	TCase *t = tcase_create("parts");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, nodes_live_as_long_as_recorded);
	tcase_add_test(t, handles_are_counted);
	tcase_add_test(t, numbers_are_translated);
	tcase_add_test(t, no_handles_where_nothing_is_opened);
	tcase_add_test(t, forgets_of_what_is_known);
	tcase_add_test(t, what_lacks_data_and_what_depends_on_it);
	tcase_add_test(t, entries_and_handles_are_learned);
	tcase_add_test(t, races_are_not_compared);
	tcase_add_test(t, chance_is_not_compared);
	tcase_add_test(t, order_and_offsets_do_not_matter);
	tcase_add_test(t, entries_that_differ);
	tcase_add_test(t, reads_on_when_the_recording_does_not);
	tcase_add_test(t, seeks_count_entries);
	tcase_add_test(t, changing_directories_are_not_compared);
	tcase_add_test(t, nodes_of_entries);
	suite_add_tcase(suite, t);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
