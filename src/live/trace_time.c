/* SPDX-License-Identifier: ISC */
#include "live/trace_time.h"

#include <ctype.h>
#include <time.h>

#include "base/number.h"

#define NS_PER_S UINT64_C(1000000000)
#define S_MOST (UINT64_MAX / NS_PER_S - 1)

/* A fraction of a second, if there is one; digits behind the ninth are
 * passed over. */
static int
time_fraction(const char **p, uint64_t *ns)
{
	uint64_t unit = NS_PER_S;

	*ns = 0;
	if (**p != '.')
		return E_OK;
	if (!isdigit((unsigned char)*++*p))
		return E_VALUE;
	for (; isdigit((unsigned char)**p); ++*p) {
		unit /= 10;
		*ns += unit * (uint64_t)(**p - '0');
	}
	return E_OK;
}

static int
time_since_1970(struct trace_time *t, const char *text)
{
	const char *end = "";
	uint64_t s, ns;

	if (number_take(text, 0, S_MOST, &s, &end) != E_OK ||
	    time_fraction(&end, &ns) != E_OK || *end != '\0')
		return E_VALUE;
	t->kind = TRACE_TIME_REAL;
	t->ns = s * NS_PER_S + ns;
	return E_OK;
}

/* As strptime(), of text that ends with a number of two digits. */
static const char *
time_take(const char *text, const char *form, struct tm *tm)
{
	const char *end = strptime(text, form, tm);

	return end != NULL && isdigit((unsigned char)end[-2]) ? end : NULL;
}

int
trace_time_parse(struct trace_time *t, const char *text)
{
	static const char *const forms[] = { "%H:%M", "%Y-%m-%d %H:%M",
		"%Y-%m-%dT%H:%M" };
	struct tm tm = { 0 };
	const char *end = NULL;
	uint64_t ns = 0;
	time_t s;
	size_t i;

	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if ((end = time_take(text, forms[i], &tm)) != NULL)
			break;
	if (end == NULL)
		return time_since_1970(t, text);
	if (*end == ':' &&
	    ((end = time_take(end, ":%S", &tm)) == NULL || tm.tm_sec > 60 ||
		time_fraction(&end, &ns) != E_OK))
		return E_VALUE;
	t->kind = i == 0 ? TRACE_TIME_DAY : TRACE_TIME_REAL;
	tm.tm_isdst = -1;
	if (i == 0)
		s = (tm.tm_hour * 60 + tm.tm_min) * 60 + tm.tm_sec;
	else if (*end == 'Z' && *++end == '\0')
		s = timegm(&tm);
	else
		s = mktime(&tm);
	if (*end != '\0' || s < 0)
		return E_VALUE;
	t->ns = (uint64_t)s * NS_PER_S + ns;
	return E_OK;
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
