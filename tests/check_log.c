/* SPDX-License-Identifier: ISC */
/* What reaches the system's log, and as what. */
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/log_syslog.h"
#include "tests/suite.h"

/* Those of RFC 5424, which <syslog.h> has names for that log.h has, too. */
enum {
	ERROR = 3,
	WARNING = 4,
	NOTICE = 5,
	INFO = 6,
	DEBUG = 7
};

static int last_priority;
static char last[256];

/* In the place of the C library's, and of what a fortified caller calls. */
void syslog(int priority, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void __syslog_chk(int priority, int flag, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

__attribute__((format(printf, 2, 0))) static void
keep(int priority, const char *fmt, va_list ap)
{
	vsnprintf(last, sizeof(last), fmt, ap);
	last_priority = priority;
}

void
syslog(int priority, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	keep(priority, fmt, ap);
	va_end(ap);
}

void
__syslog_chk(int priority, int flag, const char *fmt, ...)
{
	va_list ap;

	(void)flag;
	va_start(ap, fmt);
	keep(priority, fmt, ap);
	va_end(ap);
}

START_TEST(levels_keep_their_meaning)
{
	static const struct {
		void (*log)(const char *fmt, ...);
		int priority;
	} rows[] = {
		{ log_say, NOTICE },
		{ log_error, ERROR },
		{ log_warn, WARNING },
		{ log_info, INFO },
		{ log_debug, DEBUG },
	};
	size_t i;

	log_init("check", LOG_DEBUG, -1);
	log_set_sink(log_syslog_write);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		last_priority = -1;
		rows[i].log("row %zu", i);
		ck_assert_int_eq(last_priority, rows[i].priority);
		ck_assert(strncmp(last, "row ", 4) == 0);
	}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("log");
	TCase *tc = tcase_create("syslog");

	tcase_add_test(tc, levels_keep_their_meaning);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
