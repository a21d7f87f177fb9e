/* SPDX-License-Identifier: ISC */
#include "cli/decode_files.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COPY_AT_ONCE 65536

void
decode_files_init(struct decode_files *f, char *const *names,
    enum reader_format format)
{
	f->names = names;
	f->format = format;
	f->spool = NULL;
	f->opened = 0;
}

void
decode_files_fini(struct decode_files *f)
{
	if (f->spool != NULL)
		fclose(f->spool);
	f->spool = NULL;
}

static int
is_stdin(const char *name)
{
	return strcmp(name, "-") == 0;
}

static int
spool_fill(FILE *spool)
{
	char buf[COPY_AT_ONCE];
	size_t n;

	while ((n = fread(buf, 1, sizeof(buf), stdin)) > 0)
		if (fwrite(buf, 1, n, spool) != n)
			return E_SYS;
	return ferror(stdin) || fflush(spool) != 0 ? E_SYS : E_OK;
}

int
decode_files_keep(struct decode_files *f)
{
	char *const *name;

	for (name = f->names; *name != NULL && !is_stdin(*name); name++)
		;
	if (*name == NULL || f->spool != NULL)
		return E_OK;
	if ((f->spool = tmpfile()) == NULL)
		return E_SYS;
	return spool_fill(f->spool);
}

static FILE *
files_open(const struct decode_files *f, const char *name)
{
	int fd;

	if (!is_stdin(name))
		return fopen(name, "rbe");
	if (f->spool == NULL)
		return fdopen(dup(0), "rb");
	fd = fileno(f->spool);
	if (lseek(fd, 0, SEEK_SET) == -1)
		return NULL;
	return fdopen(dup(fd), "rb");
}

/* Say it behind what was printed of the file. */
static void
files_tell(const char *name, const char *why)
{
	fflush(NULL);
	fprintf(stderr, "fuserelay: %s: %s\n", name, why);
}

static int
files_records(struct reader *rd, const char *name, int tell,
    decode_record_fn *fn, void *arg, int *enough)
{
	char why[READER_WHY_MAX];
	struct trace_record r;
	uint64_t skipped;
	int ret;

	while ((ret = reader_next(rd, &r, why)) == 1)
		if ((*enough = fn(arg, &r)) != 0)
			return E_OK;
	if (ret != 0 && tell)
		files_tell(name, why);
	fflush(NULL);
	if ((skipped = reader_skipped(rd, why)) > 0 && tell)
		fprintf(stderr,
		    "fuserelay: %s: packets passed over: %" PRIu64
		    ", the first: %s\n",
		    name, skipped, why);
	return ret == 0 && skipped == 0 ? E_OK : E_VALUE;
}

static int
files_read_one(struct decode_files *f, const char *name, int tell,
    decode_record_fn *fn, void *arg, int *enough)
{
	char why[READER_WHY_MAX];
	struct reader *rd;
	FILE *file;
	int r;

	if ((file = files_open(f, name)) == NULL) {
		if (tell)
			files_tell(name, strerror(errno));
		return E_VALUE;
	}
	if ((r = reader_open(&rd, file, f->format, why)) != E_OK) {
		if (tell)
			files_tell(name, r == E_NOMEM ? err_text(r) : why);
		return E_VALUE;
	}
	f->opened = 1;
	r = files_records(rd, name, tell, fn, arg, enough);
	reader_free(rd);
	return r;
}

int
decode_files_read(struct decode_files *f, int tell, decode_record_fn *fn,
    void *arg)
{
	int r = E_OK, enough = 0;
	char *const *name;

	for (name = f->names; *name != NULL && !enough; name++)
		if (files_read_one(f, *name, tell, fn, arg, &enough) != E_OK)
			r = E_VALUE;
	return r;
}

const char *
decode_files_same(const struct decode_files *f, const char *path)
{
	struct stat out, in;
	char *const *name;

	if (stat(path, &out) == -1)
		return NULL;
	for (name = f->names; *name != NULL; name++)
		if (!is_stdin(*name) && stat(*name, &in) == 0 &&
		    in.st_dev == out.st_dev && in.st_ino == out.st_ino)
			return *name;
	return NULL;
}
