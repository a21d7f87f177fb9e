/* SPDX-License-Identifier: ISC */
#include "base/log_syslog.h"

#include <syslog.h>

void
log_syslog_open(const char *name)
{
	openlog(name, LOG_PID, LOG_DAEMON);
}

void
log_syslog_write(int level, const char *line)
{
	/* (enum log_level has some of the names of <syslog.h>.) */
	static const int priority[] = { LOG_NOTICE, LOG_ERR, LOG_WARNING,
		LOG_INFO, LOG_DEBUG };

	syslog(priority[level], "%s", line);
}
