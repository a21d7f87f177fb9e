/* SPDX-License-Identifier: ISC */
/*
 * Log lines for people: one write(2) per line, to stderr or a file, never
 * payload bytes.  Each program sets the sink up once, before its loop.
 */
#ifndef FR_BASE_LOG_H
#define FR_BASE_LOG_H

enum log_level {
	LOG_SAY,
	LOG_ERROR,
	LOG_WARN,
	LOG_INFO,
	LOG_DEBUG
};

/*
 * Lines up to `level` go to fd, each led by "name: ".  The name is borrowed
 * for the life of the program; the descriptor stays the caller's and may be
 * -1 (no log).  Without a call: warnings and errors to descriptor 2.
 */
void log_init(const char *name, enum log_level level, int fd);

/*
 * Hand lines (with no name and no newline) to write() instead of to a
 * descriptor; level is one of enum log_level.
 */
void log_set_sink(void (*write)(int level, const char *line));

/* Is this level shown?  To be asked before a message that is costly to
 * make. */
int log_shows(enum log_level level);

/* Log what a user asked for: it is shown at every level. */
void log_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Log a line, as printf(3) makes it; a newline is added, control bytes are
 * escaped, errno is kept.  Where the descriptor takes no more, as a pipe that
 * nobody reads, the first line waits for 100 ms at most; it and those behind
 * it are dropped and counted until a line can be written again. */
void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * Rate limit for a call site that a peer can trigger at will: true for at
 * most 10 calls a second per `state`, which the caller keeps (static or in
 * its object, zeroed).  The first call after a silent stretch logs how many
 * were left out.
 */
struct log_limit {
	long long sec;	  /* second of CLOCK_MONOTONIC the count is for */
	unsigned count;	  /* calls in that second */
	unsigned dropped; /* not shown since the last one shown */
};
int log_allow(struct log_limit *state);

#endif
