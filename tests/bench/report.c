/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#define MIB (1024.0 * 1024)
#define GIB (1024.0 * MIB)

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(const double *v, unsigned n)
{
	double sorted[REPORT_ROUNDS_MAX];

	memcpy(sorted, v, n * sizeof(*v));
	qsort(sorted, n, sizeof(*sorted), compare);
	if (n % 2 == 1)
		return sorted[n / 2];
	return (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

/* Of a rate in messages per second, what the row shows. */
static double
unit(const struct row *row, double rate)
{
	if (row->kind->data == 0)
		return rate;
	return rate * row->kind->data / MIB;
}

static const char *
unit_name(const struct row *row)
{
	return row->kind->data == 0 ? "msg/s" : "MiB/s";
}

double
report_ratio(const struct report *rep, const struct row *row)
{
	double base = median(row->base.rate, rep->rounds);

	return base > 0 ? median(row->relay.rate, rep->rounds) / base : 0;
}

/* Compiler and processor do not show here: only ratios travel. */
static void
head_print(const struct report *rep)
{
	struct utsname u;

	if (uname(&u) == -1)
		memset(&u, 0, sizeof(u));
	printf("fuserelay %s, %s %s, %ld CPUs; %u rounds of %.2f s, medians; "
	       "base: %s%s%s",
	    PACKAGE_VERSION, u.sysname, u.release,
	    sysconf(_SC_NPROCESSORS_ONLN), rep->rounds, rep->seconds,
	    rep->base_name, rep->relay_args[0] != '\0' ? "; relay with" : "",
	    rep->relay_args);
	if (rep->sndbuf > 0)
		printf("; front's send buffer %d", rep->sndbuf);
	if (rep->shift != NULL)
		printf("; the daemon's buffers at %s", rep->shift);
	printf(
	    "\nothers used %.2f CPUs meanwhile (%u measurements repeated)\n\n",
	    rep->foreign, rep->repeated);
}

void
report_print(const struct report *rep)
{
	const struct row *row;
	double cpu, ratio;
	size_t i;

	head_print(rep);
	printf("%-7s %5s  %-5s %10s %10s %7s %6s   %9s %9s %9s\n", "kind",
	    "depth", "unit", "base", "relay", "ratio", "floor", "CPU us/msg",
	    "CPU s/GiB", "calls/msg");
	for (i = 0; i < rep->count; i++) {
		row = &rep->rows[i];
		if (!row->wanted)
			continue;
		ratio = report_ratio(rep, row);
		printf("%-7s %5u  %-5s %10.0f %10.0f %7.2f %6.2f %c ",
		    row->kind->name, row->depth, unit_name(row),
		    unit(row, median(row->base.rate, rep->rounds)),
		    unit(row, median(row->relay.rate, rep->rounds)), ratio,
		    row->floor, ratio < row->floor ? '<' : ' ');
		cpu = median(row->relay.cpu, rep->rounds);
		printf("%10.2f ", cpu * 1e6);
		if (row->kind->data > 0)
			printf("%9.3f ", cpu * GIB / row->kind->data);
		else
			printf("%9s ", "-");
		if (row->relay.calls >= 0)
			printf("%9.2f\n", row->relay.calls);
		else
			printf("%9s\n", "-");
	}
}

static void
json_values(FILE *f, const char *name, const struct row *row,
    const double *rate, unsigned n)
{
	unsigned i;

	fprintf(f, ", \"%s\": %.6g, \"%s_rounds\": [", name,
	    unit(row, median(rate, n)), name);
	for (i = 0; i < n; i++)
		fprintf(f, "%s%.6g", i > 0 ? ", " : "", unit(row, rate[i]));
	fprintf(f, "]");
}

/* Text between quotes; control bytes become blanks. */
static void
json_text(FILE *f, const char *name, const char *text)
{
	fprintf(f, "  \"%s\": \"", name);
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', f);
		fputc((unsigned char)*text < ' ' ? ' ' : *text, f);
	}
	fprintf(f, "\",\n");
}

static void
json_row(FILE *f, const struct report *rep, const struct row *row)
{
	double cpu = median(row->relay.cpu, rep->rounds);

	fprintf(f, "    {\"kind\": \"%s\", \"depth\": %u, \"unit\": \"%s\"",
	    row->kind->name, row->depth, unit_name(row));
	json_values(f, "base", row, row->base.rate, rep->rounds);
	json_values(f, "relay", row, row->relay.rate, rep->rounds);
	fprintf(f,
	    ", \"ratio\": %.4f, \"floor\": %.2f, "
	    "\"relay_cpu_us_per_message\": %.3f",
	    report_ratio(rep, row), row->floor, cpu * 1e6);
	if (row->kind->data > 0)
		fprintf(f, ", \"relay_cpu_s_per_gib\": %.4f",
		    cpu * GIB / row->kind->data);
	if (row->relay.calls >= 0)
		fprintf(f, ", \"relay_calls_per_message\": %.3f",
		    row->relay.calls);
	fprintf(f, "}");
}

int
report_write_json(const struct report *rep, const char *path)
{
	time_t t = time(NULL);
	struct utsname u;
	struct tm tm;
	char date[32];
	size_t i;
	int first = 1, bad;
	FILE *f;

	if (uname(&u) == -1 || gmtime_r(&t, &tm) == NULL)
		return E_SYS;
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", &tm);
	if ((f = fopen(path, "we")) == NULL)
		return E_SYS;
	fprintf(f, "{\n");
	json_text(f, "version", PACKAGE_VERSION);
	json_text(f, "date", date);
	json_text(f, "system", u.sysname);
	json_text(f, "kernel", u.release);
	json_text(f, "machine", u.machine);
	fprintf(f, "  \"cpus\": %ld,\n", sysconf(_SC_NPROCESSORS_ONLN));
	json_text(f, "base", rep->base_name);
	json_text(f, "relay_args", rep->relay_args);
	json_text(f, "shift", rep->shift != NULL ? rep->shift : "");
	fprintf(f,
	    "  \"rounds\": %u,\n  \"seconds\": %.3g,\n"
	    "  \"front_sndbuf\": %d,\n  \"foreign_cpus\": %.3f,\n"
	    "  \"repeated\": %u,\n  \"rows\": [\n",
	    rep->rounds, rep->seconds, rep->sndbuf, rep->foreign,
	    rep->repeated);
	for (i = 0; i < rep->count; i++) {
		if (!rep->rows[i].wanted)
			continue;
		if (!first)
			fprintf(f, ",\n");
		json_row(f, rep, &rep->rows[i]);
		first = 0;
	}
	fprintf(f, "\n  ]\n}\n");
	bad = ferror(f);
	return fclose(f) == 0 && !bad ? E_OK : E_SYS;
}
