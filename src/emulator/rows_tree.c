/* SPDX-License-Identifier: ISC */
/* The rows about directories, names and open files. */
#include "emulator/rows.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define ROW_LIST 60	  /* names for readdir */
#define ROW_NAMES_MAX 256 /* in one directory of ours */
#define ROW_NAME_LEN 64
#define ROW_DEPTH_MAX 8
#define ROW_READDIR 1024 /* bytes asked at once: several replies */
#define ROW_APPENDS 10	 /* records of each of the two writers */
#define ROW_SMALL_SIZE 5000

int
row_mkdir(struct rows *w)
{
	struct calls_attr made, found;
	int r;

	if ((r = calls_mkdir(w->c, w->dir, "directory", &made)) != 0)
		return row_fail(w, r, "MKDIR of directory");
	if ((r = calls_lookup(w->c, w->dir, "directory", &found)) != 0)
		return row_fail(w, r, "LOOKUP of directory");
	if (!S_ISDIR(found.mode) || found.nodeid != made.nodeid)
		return row_fail(w, E_OK, "directory is another node, mode %o",
		    found.mode);
	r = calls_mkdir(w->c, w->dir, "directory", &made);
	if (r != EEXIST)
		return row_fail(w, r, "second MKDIR of directory");
	return E_OK;
}

int
row_nested_file(struct rows *w)
{
	static const char *const path[] = { "a", "b", "c" };
	struct calls_attr a = { .nodeid = w->dir };
	size_t i;
	int r;

	for (i = 0; i < sizeof(path) / sizeof(path[0]); i++)
		if ((r = calls_mkdir(w->c, a.nodeid, path[i], &a)) != 0)
			return row_fail(w, r, "MKDIR of %s", path[i]);
	if ((r = row_make(w, a.nodeid, "nested", ROW_SMALL_SIZE)) != 0)
		return r;
	return row_same(w, a.nodeid, "nested", "nested", ROW_SMALL_SIZE);
}

int
row_rename(struct rows *w)
{
	struct calls_attr to;
	int r;

	if ((r = row_make(w, 0, "old", ROW_SMALL_SIZE)) != 0)
		return r;
	if ((r = calls_rename(w->c, w->dir, "old", w->dir, "new")) != 0)
		return row_fail(w, r, "RENAME of old to new");
	if ((r = row_absent(w, 0, "old")) != 0 ||
	    (r = row_same(w, 0, "new", "old", ROW_SMALL_SIZE)) != 0)
		return r;
	if ((r = calls_mkdir(w->c, w->dir, "other", &to)) != 0)
		return row_fail(w, r, "MKDIR of other");
	if ((r = calls_rename(w->c, w->dir, "new", to.nodeid, "moved")) != 0)
		return row_fail(w, r, "RENAME of new to other/moved");
	if ((r = row_absent(w, 0, "new")) != 0)
		return r;
	return row_same(w, to.nodeid, "moved", "old", ROW_SMALL_SIZE);
}

int
row_rename_over(struct rows *w)
{
	int r;

	if ((r = row_make(w, 0, "winner", ROW_SMALL_SIZE)) != 0 ||
	    (r = row_make(w, 0, "loser", 2 * ROW_SMALL_SIZE)) != 0)
		return r;
	r = calls_rename(w->c, w->dir, "winner", w->dir, "loser");
	if (r != 0)
		return row_fail(w, r, "RENAME of winner over loser");
	if ((r = row_absent(w, 0, "winner")) != 0)
		return r;
	return row_same(w, 0, "loser", "winner", ROW_SMALL_SIZE);
}

/* Set the size of an open file and see that handle and file agree. */
static int
row_set_size(struct rows *w, const struct calls_file *f, uint64_t size)
{
	struct calls_attr a;
	int r;

	if ((r = calls_truncate(w->c, f, size, &a)) != 0)
		return row_fail(w, r, "SETATTR of size %llu on the handle",
		    (unsigned long long)size);
	if (a.size != size)
		return row_fail(w, E_OK, "SETATTR of size %llu answers %llu",
		    (unsigned long long)size, (unsigned long long)a.size);
	if ((r = calls_getattr(w->c, f, &a)) != 0)
		return row_fail(w, r, "GETATTR on the handle");
	if (a.size != size)
		return row_fail(w, E_OK,
		    "GETATTR answers size %llu, not "
		    "%llu",
		    (unsigned long long)a.size, (unsigned long long)size);
	return E_OK;
}

/* The file's contents must be exactly these. */
static int
row_holds(struct rows *w, const struct calls_file *f, const char *want,
    size_t len)
{
	char got[512];
	size_t n;
	int r;

	if ((r = calls_read(w->c, f, 0, got, sizeof(got), &n)) != 0)
		return row_fail(w, r, "READ back");
	if (n != len || memcmp(got, want, len) != 0)
		return row_fail(w, E_OK,
		    "other contents, %zu bytes, %zu "
		    "expected",
		    n, len);
	return E_OK;
}

static int
row_truncate_steps(struct rows *w, const struct calls_file *f)
{
	static const char text[] = "0123456789 of an open file";
	static const char zeros[] = "01234abc\0\0\0\0\0\0\0\0\0\0\0\0";
	int r;

	r = calls_write(w->c, f, 0, text, sizeof(text) - 1);
	if (r != 0)
		return row_fail(w, r, "WRITE");
	if ((r = row_set_size(w, f, 5)) != 0 ||
	    (r = row_holds(w, f, text, 5)) != 0)
		return r;
	if ((r = calls_write(w->c, f, 5, "abc", 3)) != 0)
		return row_fail(w, r, "WRITE after SETATTR");
	if ((r = row_holds(w, f, "01234abc", 8)) != 0 ||
	    (r = row_set_size(w, f, 20)) != 0 ||
	    (r = row_holds(w, f, zeros, 20)) != 0)
		return r;
	return row_set_size(w, f, 0);
}

int
row_truncate_open(struct rows *w)
{
	struct calls_file f;
	int r;

	r = calls_create(w->c, w->dir, "truncated", O_RDWR, &f);
	if (r != 0)
		return row_fail(w, r, "CREATE");
	r = row_truncate_steps(w, &f);
	return row_close(w, r, &f, "truncated");
}

/* Two writers in turn; as in a kernel, each appends at the file's end. */
static int
row_append_steps(struct rows *w, const struct calls_file f[2])
{
	char all[512], record[16];
	size_t end = 0, n;
	int i, r;

	for (i = 0; i < 2 * ROW_APPENDS; i++) {
		n = (size_t)snprintf(record, sizeof(record), "%s %d\n",
		    i % 2 == 0 ? "left" : "right", i);
		r = calls_write(w->c, &f[i % 2], end, record, n);
		if (r != 0)
			return row_fail(w, r, "WRITE of record %d", i);
		memcpy(all + end, record, n);
		end += n;
	}
	return row_holds(w, &f[0], all, end);
}

int
row_append_two(struct rows *w)
{
	const uint32_t flags = O_RDWR | O_APPEND;
	struct calls_file f[2];
	int r;

	r = calls_create(w->c, w->dir, "appended", flags, &f[0]);
	if (r != 0)
		return row_fail(w, r, "CREATE");
	if ((r = row_open(w, 0, "appended", flags, &f[1])) == 0) {
		r = row_append_steps(w, f);
		r = row_close(w, r, &f[1], "appended");
	}
	return row_close(w, r, &f[0], "appended");
}

struct row_names {
	unsigned count;
	char name[ROW_NAMES_MAX][ROW_NAME_LEN];
};

static int
row_collect(void *arg, const char *name, uint32_t type)
{
	struct row_names *list = arg;

	(void)type;
	if (list->count == ROW_NAMES_MAX || strlen(name) >= ROW_NAME_LEN)
		return E_FULL;
	strcpy(list->name[list->count++], name);
	return 0;
}

static void
row_list_name(char name[ROW_NAME_LEN], int i)
{
	snprintf(name, ROW_NAME_LEN, "a-name-of-some-length-%d", i);
}

/* Exactly the names that were made, each once. */
static int
row_compare(struct rows *w, const struct row_names *list)
{
	char name[ROW_NAME_LEN];
	unsigned j, times;
	int i;

	if (list->count != ROW_LIST)
		return row_fail(w, E_OK, "READDIR gives %u names, not %d",
		    list->count, ROW_LIST);
	for (i = 0; i < ROW_LIST; i++) {
		row_list_name(name, i);
		for (j = times = 0; j < list->count; j++)
			times += strcmp(list->name[j], name) == 0;
		if (times != 1)
			return row_fail(w, E_OK, "READDIR gives %s %u times",
			    name, times);
	}
	return E_OK;
}

int
row_readdir(struct rows *w)
{
	char name[ROW_NAME_LEN];
	struct row_names *list;
	struct calls_attr dir;
	struct calls_file f;
	int i, r;

	if ((r = calls_mkdir(w->c, w->dir, "list", &dir)) != 0)
		return row_fail(w, r, "MKDIR of list");
	for (i = 0; i < ROW_LIST; i++) {
		row_list_name(name, i);
		r = calls_create(w->c, dir.nodeid, name, O_WRONLY, &f);
		if (r == 0)
			r = calls_close(w->c, &f);
		if (r != 0)
			return row_fail(w, r, "making %s", name);
	}
	if ((list = calloc(1, sizeof(*list))) == NULL)
		return row_fail(w, E_NOMEM, "READDIR");
	r = calls_readdir(w->c, dir.nodeid, ROW_READDIR, row_collect, list);
	if (r != 0)
		r = row_fail(w, r, "READDIR");
	else
		r = row_compare(w, list);
	free(list);
	return r;
}

int
row_statfs(struct rows *w)
{
	struct calls_statfs st;
	int r;

	if ((r = calls_statfs(w->c, &st)) != 0)
		return row_fail(w, r, "STATFS");
	if (st.bsize == 0)
		return row_fail(w, E_OK, "STATFS gives block size 0");
	return E_OK;
}

/* Give every node back; the names must still lead to the files. */
int
row_forget(struct rows *w)
{
	struct calls_attr a;
	int r;

	if ((r = client_forget_all(w->c)) != 0)
		return row_fail(w, r, "FORGET");
	if ((r = calls_lookup(w->c, WIRE_ROOT_ID, w->dir_name, &a)) != 0)
		return row_fail(w, r, "LOOKUP of %s after FORGET",
		    w->dir_name);
	w->dir = a.nodeid;
	return row_same(w, 0, "loser", "winner", ROW_SMALL_SIZE);
}

static int row_empty(struct rows *w, uint64_t dir, int depth);

static int
row_remove(struct rows *w, uint64_t dir, const char *name, int depth)
{
	struct calls_attr a;
	int r;

	if ((r = calls_lookup(w->c, dir, name, &a)) != 0)
		return row_fail(w, r, "LOOKUP of %s", name);
	if (S_ISDIR(a.mode) && (r = row_empty(w, a.nodeid, depth)) != 0)
		return r;
	r = calls_remove(w->c, dir, name, S_ISDIR(a.mode));
	return r == 0 ? 0 : row_fail(w, r, "removing %s", name);
}

/* Remove all in a directory: names first, since removing moves them. */
static int
row_empty(struct rows *w, uint64_t dir, int depth)
{
	struct row_names *list;
	unsigned i;
	int r;

	if (depth == ROW_DEPTH_MAX)
		return row_fail(w, E_OK, "directories too deep");
	if ((list = calloc(1, sizeof(*list))) == NULL)
		return row_fail(w, E_NOMEM, "READDIR");
	r = calls_readdir(w->c, dir, 4096, row_collect, list);
	if (r != 0)
		r = row_fail(w, r, "READDIR");
	for (i = 0; r == 0 && i < list->count; i++)
		r = row_remove(w, dir, list->name[i], depth + 1);
	free(list);
	return r;
}

int
row_clean_up(struct rows *w)
{
	int r;

	if ((r = row_remove(w, WIRE_ROOT_ID, w->dir_name, 0)) != 0)
		return r;
	if ((r = row_absent(w, WIRE_ROOT_ID, w->dir_name)) != 0)
		return r;
	if ((r = client_forget_all(w->c)) != 0)
		return row_fail(w, r, "FORGET");
	return E_OK;
}
