/* SPDX-License-Identifier: ISC */
#include "emulator/workload.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "emulator/rows.h"

#define KIB 1024ull
#define MB 1000000ull
#define MIB (1024 * KIB)

struct workload_row {
	const char *name;
	int (*run)(struct rows *w);
	uint64_t size[2]; /* bytes, in basic and in quick */
};

static const struct workload_row workload_rows[] = {
	{ "start", row_start, { 0, 0 } },
	{ "one file", row_one_file, { 1000, 1000 } },
	{ "twenty files", row_twenty_files, { 0, 0 } },
	{ "first large file", row_large_file, { 10 * MB, 64 * KIB } },
	{ "second large file", row_large_file, { 50 * MB, MIB } },
	{ "third large file", row_large_file, { 100 * MB, 4 * MIB } },
	{ "delete", row_delete, { 50 * MB, MIB } },
	{ "mkdir", row_mkdir, { 0, 0 } },
	{ "nested file", row_nested_file, { 0, 0 } },
	{ "rename", row_rename, { 0, 0 } },
	{ "rename over a file", row_rename_over, { 0, 0 } },
	{ "truncate an open file", row_truncate_open, { 0, 0 } },
	{ "append from two handles", row_append_two, { 0, 0 } },
	{ "readdir", row_readdir, { 0, 0 } },
	{ "statfs", row_statfs, { 0, 0 } },
	{ "forget", row_forget, { 0, 0 } },
	{ "clean up", row_clean_up, { 0, 0 } },
};

#define WORKLOAD_ROWS (sizeof(workload_rows) / sizeof(workload_rows[0]))

static const char *const workload_names[2] = { "basic", "quick" };

static int
workload_column(const char *name)
{
	int i;

	for (i = 0; i < 2; i++)
		if (strcmp(name, workload_names[i]) == 0)
			return i;
	return -1;
}

int
workload_exists(const char *name)
{
	return workload_column(name) != -1;
}

static double
workload_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* One line of the report: pass or FAIL, time, name, reason. */
static void
workload_line(int fd, const char *name, uint64_t size, double seconds,
    const char *why)
{
	char what[64];

	snprintf(what, sizeof(what), "%s", name);
	if (size >= MB)
		snprintf(what, sizeof(what), "%s, %.4g MB", name,
		    (double)size / (double)MB);
	if (fd == -1)
		return;
	if (why == NULL)
		dprintf(fd, "pass %8.3f s  %s\n", seconds, what);
	else
		dprintf(fd, "FAIL %8.3f s  %s: %s\n", seconds, what, why);
}

unsigned
workload_run(const struct workload_conf *conf, struct client *c)
{
	const struct workload_row *row;
	int column = workload_column(conf->name), r;
	unsigned failed = 0;
	struct rows w;
	double start;
	size_t i;

	memset(&w, 0, sizeof(w));
	w.c = c;
	w.seed = conf->seed;
	w.window = conf->window;
	w.fill = conf->fill;
	for (i = 0; i < WORKLOAD_ROWS; i++) {
		row = &workload_rows[i];
		w.size = row->size[column];
		start = workload_now();
		r = row->run(&w);
		workload_line(conf->report_fd, row->name, w.size,
		    workload_now() - start, r == 0 ? NULL : w.why);
		if (r == 0)
			continue;
		failed++;
		/* No directory, no daemon: the rest would only repeat it. */
		if (row->run == row_start || c->ended != 0)
			break;
	}
	return failed;
}
