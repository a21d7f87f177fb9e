/* SPDX-License-Identifier: ISC */
/* The parts of a replay: numbers old and new, what is missing, races. */
#include <errno.h>

#include "tests/replay_calls.h"
#include "wire/get.h"

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

/* The recorded handle 0 of node 10 is closed: the one that is sent. */
static uint64_t
handle_closed(uint32_t opcode)
{
	struct replay_call *c;
	uint64_t sent;

	c = call_make(opcode, 10, "8:0 4:0 4:0 8:0", 0);
	ck_assert_int_eq(call_put(c), SKIP_NOT);
	sent = sent_u64(c, 40);
	call_end(c);
	return sent;
}

START_TEST(each_handle_is_closed_once)
{
	struct replay_handle *h;

	know_nodes(2);
	/* One handle for two nodes, and twice for one. */
	ck_assert_int_eq(handles_enter(&maps.handles, 0, 10, 5), E_OK);
	ck_assert_int_eq(handles_enter(&maps.handles, 0, 11, 6), E_OK);
	ck_assert_int_eq(handles_enter(&maps.handles, 0, 10, 7), E_OK);
	h = handles_find(&maps.handles, 0, 10);
	ck_assert_uint_eq(h->is, 7);
	ck_assert_uint_eq(handles_find(&maps.handles, 0, 11)->is, 6);
	ck_assert_uint_eq(handle_closed(FUSE_OP_RELEASE), 5);
	ck_assert_ptr_eq(handles_find(&maps.handles, 0, 10), h);
	ck_assert_int_eq(handles_enter(&maps.handles, 0, 10, 8), E_OK);
	ck_assert_uint_eq(h->is, 8);
	ck_assert_uint_eq(handle_closed(FUSE_OP_RELEASEDIR), 7);
	ck_assert_uint_eq(h->is, 8);
	ck_assert_uint_eq(handle_closed(FUSE_OP_RELEASE), 8);
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
	ck_assert_int_eq(call_put(c), SKIP_FORGET);
	call_free(c, &maps);
}
END_TEST

/* A FORGET of node 10: how many lookups the one that is sent takes back. */
static uint64_t
forgotten(const char *body)
{
	struct replay_call *c = call_make(FUSE_OP_FORGET, 10, body, 0);
	uint64_t sent = 0;

	if (call_put(c) == SKIP_NOT) {
		ck_assert_uint_eq(sent_u64(c, 16), 20);
		sent = sent_u64(c, 40);
		call_end(c);
	} else {
		call_free(c, &maps);
	}
	return sent;
}

START_TEST(f91_no_more_is_forgotten_than_was_given)
{
	unsigned i;

	/* Five recorded, three given. */
	know_nodes(1);
	for (i = 1; i < 5; i++)
		ck_assert_int_eq(nodes_enter(&maps.nodes, 10, 20), E_OK);
	for (i = 1; i < 3; i++)
		ck_assert_int_eq(nodes_give(&maps.nodes, 20), E_OK);
	/* It is known until the last one is taken back. */
	ck_assert_uint_eq(forgotten("8:4"), 2);
	ck_assert_uint_eq(forgotten("8:1"), 1);
	ck_assert_uint_eq(forgotten("8:1"), 0);
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
	call_reply(&c->reply_was,
	    ENTRY("10") ATTR_LINUX("0100644") " 8:5 4:0 4:0", 0);
	call_reply(&c->reply_is,
	    ENTRY("20") ATTR_LINUX("0100644") " 8:50 4:0 4:0", 0);
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
overlap(struct replay_call *early, struct replay_call *late, const char *reply)
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
	ck_assert_uint_eq(
	    overlap(call_make(FUSE_OP_GETATTR, 10, GETATTR_BODY, 0),
		call_make(FUSE_OP_SETATTR, 10, CHMOD_BODY, 0), "0*104"),
	    AGREE_ANY_DATA | AGREE_ANY_ATTR);
	ck_assert_uint_eq(
	    overlap(call_make(FUSE_OP_GETATTR, 10, GETATTR_BODY, 0),
		call_make(FUSE_OP_SETATTR, 11, CHMOD_BODY, 0), "0*104"),
	    0);
	ck_assert_uint_eq(
	    overlap(call_make(FUSE_OP_GETATTR, 10, GETATTR_BODY, 0),
		call_make(FUSE_OP_GETATTR, 10, GETATTR_BODY, 0), "0*104"),
	    0);
	/* Two changes do not see each other, but each sees itself. */
	ck_assert_uint_eq(
	    overlap(call_make(FUSE_OP_SETATTR, 10, CHMOD_BODY, 0),
		call_make(FUSE_OP_GETATTR, 10, GETATTR_BODY, 0), "0*104"),
	    0);
	/* The node that is found. */
	ck_assert_uint_eq(overlap(call_make(FUSE_OP_LOOKUP, 1, "'x", 0),
			      call_make(FUSE_OP_SETATTR, 10, CHMOD_BODY, 0),
			      ENTRY("10") ATTR_LINUX("0100644")),
	    AGREE_ANY_ATTR);
	/* Names in the directory, in another one. */
	ck_assert_uint_eq(overlap(call_make(FUSE_OP_LOOKUP, 10, "'x", 0),
			      call_make(FUSE_OP_UNLINK, 10, "'x", 0),
			      ENTRY("11") ATTR_LINUX("0100644")),
	    CALL_UNDECIDED);
	ck_assert_uint_eq(overlap(call_make(FUSE_OP_LOOKUP, 10, "'x", 0),
			      call_make(FUSE_OP_UNLINK, 11, "'x", 0),
			      ENTRY("11") ATTR_LINUX("0100644")),
	    AGREE_ANY_LINKS);
	/* A rename within a directory names it twice. */
	ck_assert_uint_eq(
	    overlap(call_make(FUSE_OP_RENAME, 10, "8:10 'a 'b", 0),
		call_make(FUSE_OP_GETATTR, 10, GETATTR_BODY, 0), ""),
	    0);
	/* Locks. */
	ck_assert_uint_eq(overlap(call_make(FUSE_OP_GETLK, 10, "4:0", 0),
			      call_make(FUSE_OP_GETLK, 10, "4:0", 0), "0*24"),
	    0);
	ck_assert_uint_eq(
	    overlap(call_make(FUSE_OP_SETXATTR, 10, "4:3 4:0 'a =abc", 0),
		call_make(FUSE_OP_REMOVEXATTR, 10, "'a", 0), ""),
	    CALL_UNDECIDED);
	/* It began before that and is still under way. */
	c = call_make(FUSE_OP_SETATTR, 10, CHMOD_BODY, 0);
	ck_assert_int_eq(call_put(c), SKIP_NOT);
	ck_assert_uint_eq(
	    overlap(call_make(FUSE_OP_GETATTR, 10, GETATTR_BODY, 0),
		call_make(FUSE_OP_GETATTR, 11, GETATTR_BODY, 0), "0*104"),
	    AGREE_ANY_DATA | AGREE_ANY_ATTR);
	call_end(c);
	/* Over before: no race. */
	ck_assert_uint_eq(
	    overlap(call_make(FUSE_OP_GETATTR, 10, GETATTR_BODY, 0),
		call_make(FUSE_OP_GETATTR, 11, GETATTR_BODY, 0), "0*104"),
	    0);
}
END_TEST

/* An OPENDIR that was not found before, and is now, while `late` is in
 * flight. */
static unsigned
found_now(struct replay_call *late)
{
	struct replay_call *c = call_make(FUSE_OP_OPENDIR, 11, "4:0 4:0", 0);
	unsigned any;

	ck_assert_int_eq(call_put(c), SKIP_NOT);
	ck_assert_int_eq(call_put(late), SKIP_NOT);
	call_end(late);
	call_reply(&c->reply_was, "", -ENOENT);
	call_reply(&c->reply_is, "8:1 4:0 4:0", 0);
	any = call_may_differ(c, &maps);
	call_end(c);
	return any;
}

START_TEST(what_is_being_removed_may_be_found)
{
	know_nodes(2);
	ck_assert_uint_eq(
	    found_now(call_make(FUSE_OP_GETATTR, 10, GETATTR_BODY, 0)), 0);
	ck_assert_uint_eq(found_now(call_make(FUSE_OP_RMDIR, 10, "'x", 0)),
	    CALL_UNDECIDED);
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

static void
add(TCase *tc)
{
	tcase_add_test(tc, nodes_live_as_long_as_recorded);
	tcase_add_test(tc, each_handle_is_closed_once);
	tcase_add_test(tc, numbers_are_translated);
	tcase_add_test(tc, no_handles_where_nothing_is_opened);
	tcase_add_test(tc, forgets_of_what_is_known);
	tcase_add_test(tc, f91_no_more_is_forgotten_than_was_given);
	tcase_add_test(tc, what_lacks_data_and_what_depends_on_it);
	tcase_add_test(tc, entries_and_handles_are_learned);
	tcase_add_test(tc, races_are_not_compared);
	tcase_add_test(tc, what_is_being_removed_may_be_found);
	tcase_add_test(tc, chance_is_not_compared);
}

int
main(void)
{
	return calls_run("replay", add);
}
