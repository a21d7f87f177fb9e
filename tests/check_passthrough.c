/* SPDX-License-Identifier: ISC */
/*
 * The passthrough as a protocol sees it: references counted exactly, names
 * and numbers that nobody should send, handles used for the wrong thing.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "passthrough_client.h"
#include "tests/suite.h"

#define ROOT 1

static char *
path(const char *name)
{
	static char p[256];

	snprintf(p, sizeof(p), "%s/%s", client_source, name);
	return p;
}

static void
make(const char *name, const char *text)
{
	int fd = open(path(name), O_CREAT | O_TRUNC | O_WRONLY, 0644);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (int)strlen(text));
	close(fd);
}

static const char *
contents(const char *name)
{
	static char text[256];
	int fd = open(path(name), O_RDONLY);
	ssize_t n = read(fd, text, sizeof(text) - 1);

	ck_assert_int_ge(n, 0);
	text[n] = '\0';
	close(fd);
	return text;
}

static void
start(void)
{
	client_start("");
}

static void
start_few(void)
{
	client_start("few");
}

static void
start_readonly(void)
{
	client_start("readonly");
}

/* Requests that answer with an entry of a node they make. */
static const char *const makers[] = { "mknod", "mkdir", "symlink", "link",
	"create" };

static int
maker_call(const char *what, uint64_t dir, const char *name)
{
	struct fuse_mknod_in mknod = { .mode = S_IFIFO | 0644 };
	struct fuse_mkdir_in mkdir = { .mode = 0755 };
	struct fuse_link_in link;
	uint64_t id, fh;

	if (strcmp(what, "mknod") == 0)
		return client_call(FUSE_MKNOD, dir, &mknod, sizeof(mknod),
		    name, NULL);
	if (strcmp(what, "mkdir") == 0)
		return client_call(FUSE_MKDIR, dir, &mkdir, sizeof(mkdir),
		    name, NULL);
	if (strcmp(what, "symlink") == 0)
		return client_call(FUSE_SYMLINK, dir, NULL, 0, name, "to");
	if (strcmp(what, "create") == 0)
		return client_create(dir, name, O_RDWR, &id, &fh);
	if (client_lookup(ROOT, "linked", &id) != 0)
		return -2;
	link.oldnodeid = id;
	return client_call(FUSE_LINK, dir, &link, sizeof(link), name, NULL);
}

START_TEST(each_entry_is_one_reference)
{
	struct fuse_entry_out e;
	uint64_t id, again;
	int i, extra = strcmp(makers[_i], "link") == 0;

	make("linked", "");
	ck_assert_int_eq(maker_call(makers[_i], ROOT, "n"), 0);
	memcpy(&e, client_reply, sizeof(e));
	id = e.nodeid;
	for (i = 0; i < 5; i++) {
		ck_assert_int_eq(client_lookup(ROOT, "n", &again), 0);
		ck_assert_uint_eq(again, id);
	}
	client_forget(id, (uint64_t)(5 + extra));
	ck_assert_int_eq(client_getattr(id), 0);
	client_forget(id, 1);
	ck_assert_int_eq(client_getattr(id), ESTALE);
	ck_assert_uint_eq(client_nodes(), 0);
}
END_TEST

START_TEST(lost_reply_is_no_reference)
{
	uint64_t id;

	make("linked", "");
	if (strcmp(makers[_i], "link") == 0) {
		/* The look for the old name is a reply of its own. */
		struct fuse_link_in in;

		ck_assert_int_eq(client_lookup(ROOT, "linked", &id), 0);
		in.oldnodeid = id;
		client_break_reply();
		client_call(FUSE_LINK, ROOT, &in, sizeof(in), "n", NULL);
		client_forget(id, 1);
	} else {
		client_break_reply();
		maker_call(makers[_i], ROOT, "n");
	}
	ck_assert_uint_eq(client_nodes(), 0);
	ck_assert_uint_eq(client_handles(), 0);
	client_break_reply();
	client_lookup(ROOT, "n", &id);
	ck_assert_uint_eq(client_nodes(), 0);
}
END_TEST

START_TEST(lost_open_is_no_handle)
{
	uint64_t id, fh;

	make("f", "");
	ck_assert_int_eq(client_lookup(ROOT, "f", &id), 0);
	client_break_reply();
	client_open(id, O_RDWR, &fh);
	ck_assert_uint_eq(client_handles(), 0);
	client_break_reply();
	client_open(ROOT, O_RDONLY | O_DIRECTORY, &fh);
	ck_assert_uint_eq(client_handles(), 0);
}
END_TEST

/* The entries of the last READDIR reply: how many, and the last offset. */
static int
entries(int plus, uint64_t *off)
{
	struct fuse_direntplus p;
	struct fuse_dirent d;
	size_t at, head;
	int n = 0;

	head = plus ? FUSE_NAME_OFFSET_DIRENTPLUS : FUSE_NAME_OFFSET;
	for (at = 0; at < client_reply_len; n++) {
		ck_assert_uint_le(head, client_reply_len - at);
		memset(&p, 0, sizeof(p));
		if (plus) {
			memcpy(&p, client_reply + at, head);
			d = p.dirent;
		} else
			memcpy(&d, client_reply + at, head);
		ck_assert_uint_le(d.namelen, client_reply_len - at - head);
		if (p.entry_out.nodeid != 0)
			client_forget(p.entry_out.nodeid, 1);
		*off = d.off;
		at += FUSE_DIRENT_ALIGN(head + d.namelen);
	}
	return n;
}

#define LISTED 40

/* Whatever the size of the pieces, all names come, and once. */
START_TEST(readdir_in_pieces)
{
	uint32_t size;
	uint64_t fh, off;
	char name[32];
	int i, n, r, plus = _i;

	for (i = 0; i < LISTED; i++) {
		snprintf(name, sizeof(name), "%.*s%d", i % 20,
		    "xxxxxxxxxxxxxxxxxxxxx", i);
		make(name, "");
	}
	ck_assert_int_eq(client_open(ROOT, O_RDONLY | O_DIRECTORY, &fh), 0);
	for (size = 0; size < 3000; size += size < 300 ? 1 : 97) {
		off = 0;
		n = 0;
		while ((r = client_readdir(ROOT, fh, off, size, plus)) == 0 &&
		    client_reply_len > 0) {
			ck_assert_uint_le(client_reply_len, size);
			n += entries(plus, &off);
		}
		/* One entry must fit. */
		if (r == 0)
			ck_assert_int_eq(n, LISTED + 2);
		else
			ck_assert_int_eq(r, EINVAL);
		ck_assert(r == 0 || size < 200);
		ck_assert_uint_eq(client_nodes(), 0);
	}
	client_release(ROOT, fh);
}
END_TEST

START_TEST(lost_readdirplus_is_no_reference)
{
	uint64_t fh;

	make("a", "");
	make("longer name", "");
	ck_assert_int_eq(client_open(ROOT, O_RDONLY | O_DIRECTORY, &fh), 0);
	client_break_reply();
	client_readdir(ROOT, fh, 0, 4096, 1);
	ck_assert_uint_eq(client_nodes(), 0);
	/* Offsets that no directory gave do no harm. */
	client_readdir(ROOT, fh, 12345, 4096, 0);
	client_readdir(ROOT, fh, UINT64_MAX, 4096, 0);
	client_readdir(ROOT, fh, (uint64_t)1 << 62, 4096, 1);
	ck_assert_int_eq(client_readdir(ROOT, fh, 0, 4096, 0), 0);
	client_release(ROOT, fh);
}
END_TEST

static const char *const bad_names[] = { "", ".", "..", "a/b", "/", "../x",
	"/etc/passwd" };

START_TEST(bad_names_are_refused)
{
	const char *bad = bad_names[_i];
	struct fuse_rename2_in rename = { .newdir = ROOT };
	uint64_t id;
	size_t i;

	make("linked", "");
	make("f", "");
	ck_assert_int_eq(client_lookup(ROOT, bad, &id), EINVAL);
	for (i = 0; i < sizeof(makers) / sizeof(makers[0]); i++)
		ck_assert_int_eq(maker_call(makers[i], ROOT, bad), EINVAL);
	ck_assert_int_eq(client_call(FUSE_UNLINK, ROOT, NULL, 0, bad, NULL),
	    EINVAL);
	ck_assert_int_eq(client_call(FUSE_RMDIR, ROOT, NULL, 0, bad, NULL),
	    EINVAL);
	ck_assert_int_eq(
	    client_call(FUSE_RENAME2, ROOT, &rename, sizeof(rename), bad, "n"),
	    EINVAL);
	ck_assert_int_eq(
	    client_call(FUSE_RENAME2, ROOT, &rename, sizeof(rename), "f", bad),
	    EINVAL);
	ck_assert_int_eq(client_lookup(ROOT, "f", &id), 0);
}
END_TEST

START_TEST(unknown_nodes_are_stale)
{
	static const uint64_t ids[] = { 0, 2, 3, 1ull << 32, UINT64_MAX,
		0x600000000, 0x7fffffffffffffff };
	uint64_t bad = ids[_i], id, fh;
	char room[256] = { 0 };

	ck_assert_int_eq(client_lookup(bad, "f", &id), ESTALE);
	ck_assert_int_eq(client_getattr(bad), ESTALE);
	ck_assert_int_eq(client_open(bad, O_RDWR, &fh), ESTALE);
	ck_assert_int_eq(client_open(bad, O_DIRECTORY, &fh), ESTALE);
	ck_assert_int_eq(client_create(bad, "f", O_RDWR, &id, &fh), ESTALE);
	ck_assert_int_eq(client_call(FUSE_MKDIR, bad, room,
			     sizeof(struct fuse_mkdir_in), "d", NULL),
	    ESTALE);
	ck_assert_int_eq(client_call(FUSE_SETATTR, bad, room,
			     sizeof(struct fuse_setattr_in), NULL, NULL),
	    ESTALE);
	ck_assert_int_eq(client_call(FUSE_READLINK, bad, NULL, 0, NULL, NULL),
	    ESTALE);
	ck_assert_int_eq(client_call(FUSE_UNLINK, bad, NULL, 0, "f", NULL),
	    ESTALE);
	ck_assert_int_eq(client_call(FUSE_STATFS, bad, NULL, 0, NULL, NULL),
	    ESTALE);
	ck_assert_int_eq(client_call(FUSE_GETXATTR, bad, room,
			     sizeof(struct fuse_getxattr_in), "user.a", NULL),
	    ESTALE);
	client_forget(bad, 5);
}
END_TEST

START_TEST(handles_are_for_what_they_were_opened)
{
	static const uint64_t forged[] = { 0, 1, UINT64_MAX, 1ull << 32 };
	uint64_t f, g, rd, wr, dir;
	size_t i;

	make("f", "text");
	make("g", "");
	ck_assert_int_eq(client_lookup(ROOT, "f", &f), 0);
	ck_assert_int_eq(client_lookup(ROOT, "g", &g), 0);
	ck_assert_int_eq(client_open(f, O_RDONLY, &rd), 0);
	ck_assert_int_eq(client_open(f, O_WRONLY, &wr), 0);
	ck_assert_int_eq(client_open(ROOT, O_DIRECTORY, &dir), 0);
	ck_assert_int_eq(client_read(f, rd), 0);
	ck_assert_int_eq(client_read(f, wr), EBADF);
	ck_assert_int_eq(client_write(f, rd, 0, O_WRONLY, 0, "x"), EBADF);
	ck_assert_int_eq(client_write(f, wr, 0, O_WRONLY, 0, "x"), 0);
	ck_assert_int_eq(client_read(g, rd), EBADF);
	ck_assert_int_eq(client_read(ROOT, dir), EBADF);
	ck_assert_int_eq(client_readdir(f, rd, 0, 4096, 0), EBADF);
	for (i = 0; i < 4; i++) {
		ck_assert_int_eq(client_read(f, forged[i]), EBADF);
		ck_assert_int_eq(client_release(f, forged[i]), EBADF);
	}
	ck_assert_int_eq(client_release(g, rd), EBADF);
	ck_assert_int_eq(client_release(f, rd), 0);
	ck_assert_int_eq(client_release(f, rd), EBADF);
	ck_assert_int_eq(client_read(f, rd), EBADF);
	ck_assert_int_eq(client_release(f, wr), 0);
	ck_assert_int_eq(client_release(ROOT, dir), 0);
	ck_assert_uint_eq(client_handles(), 0);
}
END_TEST

START_TEST(appends_as_each_write_says)
{
	uint64_t f, fh;

	make("f", "hello");
	ck_assert_int_eq(client_lookup(ROOT, "f", &f), 0);
	ck_assert_int_eq(client_open(f, O_RDWR | O_APPEND, &fh), 0);
	client_write(f, fh, 0, O_RDWR | O_APPEND, 0, "1");
	ck_assert_str_eq(contents("f"), "hello1");
	/* Flags without an access mode are none: as it was opened. */
	client_write(f, fh, 0, 0, 0, "2");
	ck_assert_str_eq(contents("f"), "hello12");
	/* The client switched O_APPEND off. */
	client_write(f, fh, 0, O_RDWR, 0, "J");
	ck_assert_str_eq(contents("f"), "Jello12");
	/* A page of a mapping. */
	client_write(f, fh, 0, O_RDWR | O_APPEND, FUSE_WRITE_CACHE, "h");
	client_write(f, fh, 1, 0, FUSE_WRITE_CACHE, "E");
	ck_assert_str_eq(contents("f"), "hEllo12");
	client_release(f, fh);
}
END_TEST

/* The handle's own descriptor is cut, whatever became of the name. */
START_TEST(truncate_by_handle)
{
	struct fuse_setattr_in in = { .valid = FATTR_SIZE | FATTR_FH,
		.size = 2 };
	uint64_t f, fh, rd;

	make("f", "hello");
	ck_assert_int_eq(client_lookup(ROOT, "f", &f), 0);
	ck_assert_int_eq(client_open(f, O_WRONLY | O_APPEND, &fh), 0);
	ck_assert_int_eq(client_open(f, O_RDONLY, &rd), 0);
	ck_assert_int_eq(rename(path("f"), "/tmp/check_passthrough.moved"), 0);
	in.fh = fh;
	ck_assert_int_eq(
	    client_call(FUSE_SETATTR, f, &in, sizeof(in), NULL, NULL), 0);
	in.fh = rd;
	ck_assert_int_eq(
	    client_call(FUSE_SETATTR, f, &in, sizeof(in), NULL, NULL), EBADF);
	client_read(f, rd);
	ck_assert_uint_eq(client_reply_len, 2);
	ck_assert_int_eq(unlink("/tmp/check_passthrough.moved"), 0);
	client_release(f, fh);
	in.fh = fh;
	ck_assert_int_eq(
	    client_call(FUSE_SETATTR, f, &in, sizeof(in), NULL, NULL), EBADF);
}
END_TEST

START_TEST(full_table_is_ENFILE)
{
	uint64_t f, id, fh[5];
	int i;

	make("f", "");
	ck_assert_int_eq(client_lookup(ROOT, "f", &f), 0);
	for (i = 0; i < 4; i++)
		ck_assert_int_eq(client_open(f, O_RDONLY, &fh[i]), 0);
	ck_assert_int_eq(client_open(f, O_RDONLY, &fh[4]), ENFILE);
	ck_assert_int_eq(client_open(ROOT, O_DIRECTORY, &fh[4]), ENFILE);
	ck_assert_int_eq(client_create(ROOT, "g", O_RDWR, &id, &fh[4]),
	    ENFILE);
	ck_assert_uint_eq(client_nodes(), 1);
	client_release(f, fh[0]);
	ck_assert_int_eq(client_open(f, O_RDONLY, &fh[0]), 0);
}
END_TEST

START_TEST(readonly_refuses_changes)
{
	struct fuse_setattr_in in = { .valid = FATTR_MODE, .mode = 0600 };
	struct fuse_rename2_in rename = { .newdir = ROOT };
	struct fuse_setxattr_in set = { .size = 1 };
	uint64_t f, fh;
	size_t i;

	make("linked", "");
	make("f", "");
	ck_assert_int_eq(client_lookup(ROOT, "f", &f), 0);
	for (i = 0; i < sizeof(makers) / sizeof(makers[0]); i++)
		ck_assert_int_eq(maker_call(makers[i], ROOT, "n"), EROFS);
	ck_assert_int_eq(client_open(f, O_RDWR, &fh), EROFS);
	ck_assert_int_eq(client_open(f, O_RDONLY | O_TRUNC, &fh), EROFS);
	ck_assert_int_eq(client_open(f, O_RDONLY, &fh), 0);
	ck_assert_int_eq(
	    client_call(FUSE_SETATTR, f, &in, sizeof(in), NULL, NULL), EROFS);
	ck_assert_int_eq(client_call(FUSE_UNLINK, ROOT, NULL, 0, "f", NULL),
	    EROFS);
	ck_assert_int_eq(client_call(FUSE_RMDIR, ROOT, NULL, 0, "f", NULL),
	    EROFS);
	ck_assert_int_eq(
	    client_call(FUSE_RENAME2, ROOT, &rename, sizeof(rename), "f", "n"),
	    EROFS);
	ck_assert_int_eq(client_call(FUSE_SETXATTR, f, &set,
			     FUSE_COMPAT_SETXATTR_IN_SIZE, "user.a", "x"),
	    EROFS);
	ck_assert_int_eq(
	    client_call(FUSE_REMOVEXATTR, f, NULL, 0, "user.a", NULL), EROFS);
}
END_TEST

/* A pipe, a device or a link is never opened here. */
START_TEST(only_files_are_opened)
{
	uint64_t id, fh;

	ck_assert_int_eq(mkfifo(path("p"), 0644), 0);
	ck_assert_int_eq(symlink("/etc/passwd", path("l")), 0);
	ck_assert_int_eq(client_lookup(ROOT, "p", &id), 0);
	ck_assert_int_eq(client_open(id, O_RDONLY, &fh), ENXIO);
	ck_assert_int_eq(client_create(ROOT, "p", O_RDONLY, &id, &fh), ENXIO);
	ck_assert_int_eq(client_lookup(ROOT, "l", &id), 0);
	ck_assert_int_eq(client_open(id, O_RDONLY, &fh), ENXIO);
	ck_assert_int_eq(client_create(ROOT, "l", O_RDONLY, &id, &fh), ELOOP);
	ck_assert_int_eq(client_open(ROOT, O_RDONLY, &fh), EISDIR);
}
END_TEST

START_TEST(creates_what_has_just_gone)
{
	uint64_t id, fh;

	make("f", "old");
	client_lose("f");
	ck_assert_int_eq(client_create(ROOT, "f", O_RDWR, &id, &fh), 0);
	ck_assert_str_eq(contents("f"), "");
}
END_TEST

static TCase *
tcase_make(Suite *s, const char *name, void (*begin)(void))
{
	TCase *tc = tcase_create(name);

	tcase_add_checked_fixture(tc, begin, client_stop);
	suite_add_tcase(s, tc);
	return tc;
}

int
main(void)
{
	Suite *s = suite_create("passthrough");
	TCase *tc = tcase_make(s, "usual", start);

	tcase_add_loop_test(tc, each_entry_is_one_reference, 0, 5);
	tcase_add_loop_test(tc, lost_reply_is_no_reference, 0, 5);
	tcase_add_test(tc, lost_open_is_no_handle);
	tcase_add_loop_test(tc, readdir_in_pieces, 0, 2);
	tcase_add_test(tc, lost_readdirplus_is_no_reference);
	tcase_add_loop_test(tc, bad_names_are_refused, 0, 7);
	tcase_add_loop_test(tc, unknown_nodes_are_stale, 0, 7);
	tcase_add_test(tc, handles_are_for_what_they_were_opened);
	tcase_add_test(tc, appends_as_each_write_says);
	tcase_add_test(tc, truncate_by_handle);
	tcase_add_test(tc, only_files_are_opened);
	tcase_add_test(tc, creates_what_has_just_gone);
	tcase_add_test(tcase_make(s, "few", start_few), full_table_is_ENFILE);
	tcase_add_test(tcase_make(s, "readonly", start_readonly),
	    readonly_refuses_changes);
	return suite_run(s);
}
