/* SPDX-License-Identifier: ISC */
#include "foreign.h"

#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

/* Long against the tick that processor time is counted in. */
#define LOOK_NSEC 200000000

static double
wall_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Of all processors together; 0 if /proc/stat can't be read. */
static double
busy_seconds(void)
{
	unsigned long long user, nice, system, idle, wait, irq, softirq;
	FILE *f = fopen("/proc/stat", "re");
	int n;

	if (f == NULL)
		return 0;
	n = fscanf(f, "cpu %llu %llu %llu %llu %llu %llu %llu", &user, &nice,
	    &system, &idle, &wait, &irq, &softirq);
	fclose(f);
	if (n != 7)
		return 0;
	return (double)(user + nice + system + irq + softirq) /
	    (double)sysconf(_SC_CLK_TCK);
}

static double
usage_seconds(int who)
{
	struct rusage u;

	if (getrusage(who, &u) == -1)
		return 0;
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	    (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e-6;
}

static double
own_seconds(void)
{
	return usage_seconds(RUSAGE_SELF) + usage_seconds(RUSAGE_CHILDREN);
}

void
foreign_begin(struct foreign *f)
{
	f->wall = wall_seconds();
	f->busy = busy_seconds();
	f->own = own_seconds();
}

double
foreign_end(const struct foreign *f)
{
	double wall = wall_seconds() - f->wall;
	double others = busy_seconds() - f->busy - (own_seconds() - f->own);

	return others > 0 && wall > 0 ? others / wall : 0;
}

void
foreign_wait(double limit, time_t deadline)
{
	const struct timespec look = { .tv_nsec = LOOK_NSEC };
	struct foreign f;

	do {
		foreign_begin(&f);
		nanosleep(&look, NULL);
	} while (foreign_end(&f) > limit && time(NULL) < deadline);
}
