/* SPDX-License-Identifier: ISC */
/* The system's log as a sink for log lines.  <syslog.h> and base/log.h define
 * some of the same names, so that no file can include both. */
#ifndef FR_BASE_LOG_SYSLOG_H
#define FR_BASE_LOG_SYSLOG_H

/* Open it; name is borrowed for the life of the program. */
void log_syslog_open(const char *name);

/* For log_set_sink(). */
void log_syslog_write(int level, const char *line);

#endif
