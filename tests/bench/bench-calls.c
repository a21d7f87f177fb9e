/* SPDX-License-Identifier: ISC */
/*
 * File system calls against the clock: what a mounted directory can do.
 *
 *	bench-calls DIRECTORY SECONDS [NAME...]
 *
 * prints a line per measurement, or for those named, "name unit value".  Page cache of the
 * files is dropped before it could answer in place of the file system;
 * names looked up are never the same twice.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define KIB 1024u
#define MIB (1024u * 1024)
#define FILE_SIZE (64u * MIB)
#define SMALL (4u * KIB)
#define CHUNK (128u * KIB)
#define PAGE 4096u
#define PAGES (FILE_SIZE / SMALL)
#define LISTED 100

struct run {
	int fd;		 /* the data file */
	unsigned long n; /* calls so far */
	uint32_t *order; /* pages of the file in random order */
	void *buf;	 /* CHUNK bytes at the start of a page, as dd's,
				 * cat's and cp's are */
};

static void __attribute__((noreturn)) die(const char *what)
{
	fprintf(stderr, "bench-calls: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void
drop_cache(int fd)
{
	if (posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) != 0)
		die("posix_fadvise");
}

/* Each step does one unit of work and counts itself in r->n. */

static void
lookup_step(struct run *r)
{
	struct stat st;
	char name[32];

	snprintf(name, sizeof(name), "none-%lu", r->n);
	if (stat(name, &st) == 0 || errno != ENOENT)
		die(name);
}

static void
create_step(struct run *r)
{
	char name[32];
	int fd;

	snprintf(name, sizeof(name), "new-%lu", r->n);
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd == -1 || close(fd) == -1 || unlink(name) == -1)
		die(name);
}

static void
open_step(struct run *r)
{
	int fd = open("data", O_RDONLY | O_CLOEXEC);

	(void)r;
	if (fd == -1 || close(fd) == -1)
		die("data");
}

static void
list_step(struct run *r)
{
	DIR *d = opendir("list");
	int n = 0;

	(void)r;
	if (d == NULL)
		die("list");
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	if (n != LISTED + 2)
		die("list");
}

static void
write4k_step(struct run *r)
{
	if (pwrite(r->fd, r->buf, SMALL,
		(off_t)r->order[r->n % PAGES] * SMALL) != SMALL)
		die("pwrite");
}

static void
read4k_step(struct run *r)
{
	unsigned long i = r->n % PAGES;

	if (i == 0)
		drop_cache(r->fd);
	if (pread(r->fd, r->buf, SMALL, (off_t)r->order[i] * SMALL) != SMALL)
		die("pread");
}

static void
seqread_step(struct run *r)
{
	unsigned long i = r->n % (FILE_SIZE / CHUNK);

	if (i == 0)
		drop_cache(r->fd);
	if (pread(r->fd, r->buf, CHUNK, (off_t)(i * CHUNK)) != CHUNK)
		die("pread");
}

static void
seqwrite_step(struct run *r)
{
	unsigned long i = r->n % (FILE_SIZE / CHUNK);

	if (pwrite(r->fd, r->buf, CHUNK, (off_t)(i * CHUNK)) != CHUNK)
		die("pwrite");
}

static const struct row {
	const char *name;
	size_t bytes; /* of a step; 0: steps count, not bytes */
	void (*step)(struct run *r);
	int advice; /* for the data file */
} rows[] = {
	{ "lookup", 0, lookup_step, POSIX_FADV_NORMAL },
	{ "create", 0, create_step, POSIX_FADV_NORMAL },
	{ "open", 0, open_step, POSIX_FADV_NORMAL },
	{ "list", 0, list_step, POSIX_FADV_NORMAL },
	{ "read4k", 0, read4k_step, POSIX_FADV_RANDOM },
	{ "write4k", 0, write4k_step, POSIX_FADV_RANDOM },
	{ "seqread", CHUNK, seqread_step, POSIX_FADV_NORMAL },
	{ "seqwrite", CHUNK, seqwrite_step, POSIX_FADV_NORMAL },
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static void
measure(struct run *r, const struct row *row, double seconds)
{
	double start, t;

	posix_fadvise(r->fd, 0, 0, row->advice);
	r->n = 0;
	start = now();
	do {
		row->step(r);
		r->n++;
		t = now();
	} while (t - start < seconds);
	if (row->bytes > 0)
		printf("%s MiB/s %.1f\n", row->name,
		    (double)r->n * (double)row->bytes / MIB / (t - start));
	else
		printf("%s op/s %.1f\n", row->name,
		    (double)r->n / (t - start));
	fflush(stdout);
}

/* Is the row among those named, if any are? */
static int
wanted(const struct row *row, char **names)
{
	if (*names == NULL)
		return 1;
	for (; *names != NULL; names++)
		if (strcmp(*names, row->name) == 0)
			return 1;
	return 0;
}

/* The same order each time: runs compare. */
static void
shuffle(uint32_t *v, uint32_t n)
{
	uint32_t i, j, t, seed = 1;

	for (i = 0; i < n; i++)
		v[i] = i;
	for (i = n - 1; i > 0; i--) {
		seed = seed * 1664525u + 1013904223u;
		j = (seed >> 8) % (i + 1);
		t = v[i];
		v[i] = v[j];
		v[j] = t;
	}
}

static void
fill_file(struct run *r)
{
	size_t done;

	r->fd = open("data", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (r->fd == -1)
		die("data");
	for (done = 0; done < FILE_SIZE; done += CHUNK)
		if (write(r->fd, r->buf, CHUNK) != CHUNK)
			die("data");
	if (fsync(r->fd) == -1)
		die("fsync");
}

/* Makes a directory of files, or with make 0 removes it. */
static void
fill_list(int make)
{
	char name[32];
	int i, fd;

	if (make && mkdir("list", 0700) == -1)
		die("list");
	for (i = 0; i < LISTED; i++) {
		snprintf(name, sizeof(name), "list/%d", i);
		if (!make && unlink(name) == -1)
			die(name);
		if (!make)
			continue;
		fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		if (fd == -1 || close(fd) == -1)
			die(name);
	}
	if (!make && rmdir("list") == -1)
		die("list");
}

int
main(int argc, char **argv)
{
	struct run r;
	double seconds;
	size_t i;

	if (argc < 3 || (seconds = strtod(argv[2], NULL)) <= 0) {
		fprintf(stderr,
		    "usage: bench-calls DIRECTORY SECONDS "
		    "[NAME...]\n");
		return 2;
	}
	if (chdir(argv[1]) == -1)
		die(argv[1]);
	r.order = malloc(PAGES * sizeof(*r.order));
	r.buf = aligned_alloc(PAGE, CHUNK);
	if (r.order == NULL || r.buf == NULL)
		die("malloc");
	memset(r.buf, 'd', CHUNK);
	shuffle(r.order, PAGES);
	fill_file(&r);
	fill_list(1);
	for (i = 0; i < ROWS; i++)
		if (wanted(&rows[i], argv + 3))
			measure(&r, &rows[i], seconds);
	close(r.fd);
	fill_list(0);
	if (unlink("data") == -1)
		die("unlink");
	free(r.order);
	free(r.buf);
	return 0;
}
