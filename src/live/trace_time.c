/* SPDX-License-Identifier: ISC */
#include "live/trace_time.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define NS_PER_S UINT64_C(1000000000)
#define S_MOST (UINT64_MAX / NS_PER_S - 1)

/* Digits to *v, at most `most` of them; how many there are. */
static unsigned
take_digits(const char **p, unsigned most, uint64_t *v)
{
	unsigned n = 0;

	for (*v = 0; n < most && isdigit((unsigned char)**p); n++)
		*v = *v * 10 + (uint64_t)(*(*p)++ - '0');
	return n;
}

/* A fraction of a second, if there is one. */
static int
take_fraction(const char **p, uint64_t *ns)
{
	unsigned n;

	*ns = 0;
	if (**p != '.')
		return E_OK;
	(*p)++;
	if ((n = take_digits(p, 9, ns)) == 0)
		return E_VALUE;
	for (; n < 9; n++)
		*ns *= 10;
	while (isdigit((unsigned char)**p)) /* finer than a nanosecond */
		(*p)++;
	return E_OK;
}

/* HH:MM[:SS[.FRACTION]]. */
static int
take_day_time(const char **p, struct tm *tm, uint64_t *ns)
{
	uint64_t h, m, s = 0;

	*ns = 0;
	if (take_digits(p, 2, &h) == 0 || *(*p)++ != ':' ||
	    take_digits(p, 2, &m) != 2 || h > 23 || m > 59)
		return E_VALUE;
	if (**p == ':') {
		(*p)++;
		if (take_digits(p, 2, &s) != 2 || s > 60 ||
		    take_fraction(p, ns) != E_OK)
			return E_VALUE;
	}
	tm->tm_hour = (int)h;
	tm->tm_min = (int)m;
	tm->tm_sec = (int)s;
	return E_OK;
}

static int
take_date(const char **p, struct tm *tm)
{
	uint64_t y, m, d;

	if (take_digits(p, 4, &y) != 4 || *(*p)++ != '-' ||
	    take_digits(p, 2, &m) != 2 || *(*p)++ != '-' ||
	    take_digits(p, 2, &d) != 2 || y < 1970 || m < 1 || m > 12 ||
	    d < 1 || d > 31 || (**p != ' ' && **p != 'T'))
		return E_VALUE;
	(*p)++;
	tm->tm_year = (int)y - 1900;
	tm->tm_mon = (int)m - 1;
	tm->tm_mday = (int)d;
	return E_OK;
}

static int
parse_epoch(struct trace_time *t, const char *p)
{
	uint64_t s, ns;

	if (take_digits(&p, 19, &s) == 0 || s > S_MOST ||
	    take_fraction(&p, &ns) != E_OK || *p != '\0')
		return E_VALUE;
	t->kind = TRACE_TIME_REAL;
	t->ns = s * NS_PER_S + ns;
	return E_OK;
}

static int
parse_date(struct trace_time *t, const char *p)
{
	struct tm tm = { .tm_isdst = -1 };
	uint64_t ns;
	time_t s;
	int utc;

	if (take_date(&p, &tm) != E_OK || take_day_time(&p, &tm, &ns) != E_OK)
		return E_VALUE;
	utc = *p == 'Z';
	if (p[utc] != '\0')
		return E_VALUE;
	s = utc ? timegm(&tm) : mktime(&tm);
	if (s < 0)
		return E_VALUE;
	t->kind = TRACE_TIME_REAL;
	t->ns = (uint64_t)s * NS_PER_S + ns;
	return E_OK;
}

static int
parse_day_time(struct trace_time *t, const char *p)
{
	struct tm tm = { 0 };
	uint64_t ns;

	if (take_day_time(&p, &tm, &ns) != E_OK || *p != '\0')
		return E_VALUE;
	t->kind = TRACE_TIME_DAY;
	t->ns = ((uint64_t)tm.tm_hour * 3600 + (uint64_t)tm.tm_min * 60 +
		    (uint64_t)tm.tm_sec) *
		NS_PER_S +
	    ns;
	return E_OK;
}

int
trace_time_parse(struct trace_time *t, const char *text)
{
	if (strchr(text, '-') != NULL)
		return parse_date(t, text);
	if (strchr(text, ':') != NULL)
		return parse_day_time(t, text);
	return parse_epoch(t, text);
}

/* The given time of the day of begin_ns, or of a day later. */
static uint64_t
day_time(uint64_t of_day, uint64_t begin_ns, int later)
{
	time_t s = (time_t)(begin_ns / NS_PER_S);
	struct tm tm;

	if (localtime_r(&s, &tm) == NULL)
		return 0;
	tm.tm_hour = (int)(of_day / NS_PER_S / 3600);
	tm.tm_min = (int)(of_day / NS_PER_S / 60 % 60);
	tm.tm_sec = (int)(of_day / NS_PER_S % 60);
	tm.tm_mday += later;
	tm.tm_isdst = -1;
	s = mktime(&tm);
	return s < 0 ? 0 : (uint64_t)s * NS_PER_S + of_day % NS_PER_S;
}

uint64_t
trace_time_real(const struct trace_time *t, uint64_t begin_ns, int is_end)
{
	uint64_t ns;

	if (t->kind != TRACE_TIME_DAY)
		return t->kind == TRACE_TIME_ANY ? 0 : t->ns;
	ns = day_time(t->ns, begin_ns, 0);
	return is_end && ns <= begin_ns ? day_time(t->ns, begin_ns, 1) : ns;
}
