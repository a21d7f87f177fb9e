/* SPDX-License-Identifier: ISC */
/* What rows share, and the rows about whole files. */
#include "emulator/rows.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "channel/rng.h"

#define ROW_FILES 20
#define ROW_FILL_FROM (1024u * 1024) /* smaller files are read once */
#define ROW_SMALL 3000		     /* bytes of each of them, about */

int
row_fail(struct rows *w, int r, const char *fmt, ...)
{
	char what[100];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	snprintf(w->why, sizeof(w->why), "%s",
	    r == E_OK ? what : client_why(w->c, r, what));
	return r == E_OK ? E_VALUE : r;
}

/* A number that stands for the contents of a file made under this name. */
static uint64_t
row_seed(const struct rows *w, const char *name)
{
	uint64_t state = w->seed;

	for (; *name != '\0'; name++)
		state = rng_next(&state) ^ (unsigned char)*name;
	return rng_next(&state);
}

static uint64_t
row_parent(const struct rows *w, uint64_t parent)
{
	return parent != 0 ? parent : w->dir;
}

int
row_open(struct rows *w, uint64_t parent, const char *name, uint32_t flags,
    struct calls_file *f)
{
	struct calls_attr a;
	int r;

	memset(f, 0, sizeof(*f));
	r = calls_lookup(w->c, row_parent(w, parent), name, &a);
	if (r != 0)
		return row_fail(w, r, "LOOKUP of %s", name);
	if ((r = calls_open(w->c, a.nodeid, flags, 0, f)) != 0)
		return row_fail(w, r, "OPEN of %s", name);
	return E_OK;
}

static void
row_transfer(const struct rows *w, const char *made, uint64_t size,
    struct transfer *t)
{
	memset(t, 0, sizeof(*t));
	t->seed = row_seed(w, made);
	t->size = size;
	t->window = w->window;
	/* Enough to fill the socket, so that writes to it are cut short. */
	t->laps = 1;
	if (w->fill > size && size > ROW_FILL_FROM)
		t->laps = (unsigned)(w->fill / size);
}

int
row_make(struct rows *w, uint64_t parent, const char *name, uint64_t size)
{
	struct calls_file f;
	struct transfer t;
	int r;

	row_transfer(w, name, size, &t);
	r = calls_create(w->c, row_parent(w, parent), name, O_WRONLY, &f);
	if (r != 0)
		return row_fail(w, r, "CREATE of %s", name);
	if ((r = transfer_write(&t, w->c, &f)) != 0)
		r = row_fail(w, r, "WRITE to %s", name);
	return row_close(w, r, &f, name);
}

int
row_same(struct rows *w, uint64_t parent, const char *name, const char *made,
    uint64_t size)
{
	struct calls_file f;
	struct transfer t;
	int r;

	row_transfer(w, made, size, &t);
	if ((r = row_open(w, parent, name, O_RDONLY, &f)) != 0)
		return r;
	r = transfer_verify(&t, w->c, &f);
	if (r == E_VALUE)
		r = row_fail(w, E_OK, "%s: other contents, first at byte %llu",
		    name, (unsigned long long)t.bad);
	else if (r == E_SHORT)
		r = row_fail(w, E_OK, "%s: ends at byte %llu of %llu", name,
		    (unsigned long long)t.bad, (unsigned long long)size);
	else if (r == E_LONG)
		r = row_fail(w, E_OK, "%s: longer than %llu bytes", name,
		    (unsigned long long)size);
	else if (r != 0)
		r = row_fail(w, r, "READ of %s", name);
	return row_close(w, r, &f, name);
}

int
row_close(struct rows *w, int r, const struct calls_file *f, const char *name)
{
	const int last = calls_close(w->c, f);

	return r == 0 && last != 0 ? row_fail(w, last, "closing %s", name) : r;
}

int
row_absent(struct rows *w, uint64_t parent, const char *name)
{
	struct calls_attr a;
	int r = calls_lookup(w->c, row_parent(w, parent), name, &a);

	if (r == ENOENT)
		return E_OK;
	return row_fail(w, r, "LOOKUP of %s, which is gone", name);
}

int
row_start(struct rows *w)
{
	const struct calls_file root = { .nodeid = WIRE_ROOT_ID,
		.unopened = 1 };
	struct calls_statfs st;
	struct calls_attr a;
	int r;

	/* FUSE-T's first questions. */
	if ((r = calls_statfs(w->c, &st)) < 0)
		return row_fail(w, r, "STATFS");
	if ((r = calls_getattr(w->c, &root, &a)) < 0)
		return row_fail(w, r, "GETATTR of the root");
	snprintf(w->dir_name, sizeof(w->dir_name), "fuserelay-workload-%ld",
	    (long)getpid());
	r = calls_mkdir(w->c, WIRE_ROOT_ID, w->dir_name, &a);
	if (r != 0)
		return row_fail(w, r, "MKDIR of %s", w->dir_name);
	w->dir = a.nodeid;
	return E_OK;
}

int
row_one_file(struct rows *w)
{
	int r;

	if ((r = row_make(w, 0, "one", w->size)) != 0)
		return r;
	return row_same(w, 0, "one", "one", w->size);
}

/* Twenty files under way at once, so that small requests wait together. */
struct row_many {
	struct client_call call[ROW_FILES];
	struct calls_file file[ROW_FILES];
	char name[ROW_FILES][16];
	uint8_t data[ROW_FILES][ROW_SMALL + ROW_FILES];
};

static void
row_many_begin(struct rows *w, struct row_many *m)
{
	int i;

	memset(m, 0, sizeof(*m));
	for (i = 0; i < ROW_FILES; i++) {
		snprintf(m->name[i], sizeof(m->name[i]), "many-%02d", i);
		transfer_fill(row_seed(w, m->name[i]), 0, m->data[i],
		    ROW_SMALL + (size_t)i);
	}
}

/* The first result that is not 0 wins; all are waited for. */
static int
row_first(int r, int next)
{
	return r != 0 ? r : next;
}

static int
row_many_close(struct rows *w, struct row_many *m)
{
	int i, r = 0;

	for (i = 0; i < ROW_FILES; i++)
		calls_flush_send(w->c, &m->call[i], &m->file[i]);
	for (i = 0; i < ROW_FILES; i++)
		r = row_first(r, calls_flush_end(w->c, &m->call[i]));
	for (i = 0; i < ROW_FILES; i++)
		calls_release_send(w->c, &m->call[i], &m->file[i], 0);
	for (i = 0; i < ROW_FILES; i++)
		r = row_first(r, calls_release_end(w->c, &m->call[i]));
	return r;
}

static int
row_many_make(struct rows *w, struct row_many *m)
{
	struct client *c = w->c;
	size_t n;
	int i, r = 0;

	for (i = 0; i < ROW_FILES; i++)
		calls_create_send(c, &m->call[i], w->dir, m->name[i],
		    O_WRONLY);
	for (i = 0; i < ROW_FILES; i++)
		r = row_first(r,
		    calls_create_end(c, &m->call[i], O_WRONLY, &m->file[i]));
	if (r == ENOSYS)
		for (i = r = 0; i < ROW_FILES; i++)
			r = row_first(r,
			    calls_create(c, w->dir, m->name[i], O_WRONLY,
				&m->file[i]));
	if (r != 0)
		return row_fail(w, r, "CREATE of 20 files");
	for (i = 0; i < ROW_FILES; i++)
		calls_write_send(c, &m->call[i], &m->file[i], 0, m->data[i],
		    ROW_SMALL + (size_t)i);
	for (i = 0; i < ROW_FILES; i++) {
		n = ROW_SMALL + (size_t)i;
		r = row_first(r, calls_write_end(c, &m->call[i], n));
	}
	if (r != 0)
		row_fail(w, r, "WRITE to 20 files");
	if ((i = row_many_close(w, m)) != 0 && r == 0)
		r = row_fail(w, i, "closing 20 files");
	return r;
}

static int
row_many_open(struct rows *w, struct row_many *m)
{
	struct calls_attr a[ROW_FILES];
	struct client *c = w->c;
	int i, r = 0;

	for (i = 0; i < ROW_FILES; i++)
		calls_lookup_send(c, &m->call[i], w->dir, m->name[i]);
	for (i = 0; i < ROW_FILES; i++)
		r = row_first(r, calls_lookup_end(c, &m->call[i], &a[i]));
	if (r != 0)
		return row_fail(w, r, "LOOKUP of 20 files");
	for (i = 0; i < ROW_FILES; i++)
		calls_open_send(c, &m->call[i], a[i].nodeid, O_RDONLY, 0);
	for (i = 0; i < ROW_FILES; i++)
		r = row_first(r,
		    calls_open_end(c, &m->call[i], a[i].nodeid, O_RDONLY,
			&m->file[i]));
	return r == 0 ? 0 : row_fail(w, r, "OPEN of 20 files");
}

static int
row_many_read(struct rows *w, struct row_many *m)
{
	struct client *c = w->c;
	struct span data;
	size_t n;
	int i, r = 0, each;

	for (i = 0; i < ROW_FILES; i++)
		calls_read_send(c, &m->call[i], &m->file[i], 0, 4096);
	for (i = 0; i < ROW_FILES; i++) {
		n = ROW_SMALL + (size_t)i;
		each = client_wait(c, &m->call[i]);
		if (each != 0)
			each = row_fail(w, each, "READ of %s", m->name[i]);
		data = client_reply(&m->call[i]);
		if (each == 0 &&
		    (data.len != WIRE_REP_HEADER + n ||
			memcmp(data.p + WIRE_REP_HEADER, m->data[i], n) != 0))
			each = row_fail(w, E_OK, "%s has other contents",
			    m->name[i]);
		client_done(c, &m->call[i]);
		r = row_first(r, each);
	}
	return r;
}

int
row_twenty_files(struct rows *w)
{
	struct row_many m;
	int r, last;

	row_many_begin(w, &m);
	if ((r = row_many_make(w, &m)) != 0)
		return r;
	if ((r = row_many_open(w, &m)) != 0)
		return r;
	r = row_many_read(w, &m);
	last = row_many_close(w, &m);
	return r == 0 && last != 0 ? row_fail(w, last, "closing 20 files") : r;
}

static void
row_large_name(char name[32], uint64_t size)
{
	snprintf(name, 32, "large-%llu", (unsigned long long)size);
}

int
row_large_file(struct rows *w)
{
	char name[32];
	int r;

	row_large_name(name, w->size);
	if ((r = row_make(w, 0, name, w->size)) != 0)
		return r;
	return row_same(w, 0, name, name, w->size);
}

/* Delete what row_large_file() made with the same size. */
int
row_delete(struct rows *w)
{
	char name[32];
	int r;

	row_large_name(name, w->size);
	if ((r = calls_remove(w->c, w->dir, name, 0)) != 0)
		return row_fail(w, r, "UNLINK of %s", name);
	return row_absent(w, 0, name);
}
