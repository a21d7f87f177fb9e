/* SPDX-License-Identifier: ISC */
#include "base/log.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define LOG_LINE_MAX 1024
#define LOG_PER_SECOND 10
#define LOG_WAIT_MS 100 /* for a reader that is slow */

static const char *log_name = "fuserelay";
static enum log_level log_level = LOG_WARN;
static int log_fd = 2;
static void (*log_sink)(int level, const char *line);

void
log_init(const char *name, enum log_level level, int fd)
{
	log_name = name;
	log_level = level;
	log_fd = fd;
}

void
log_set_sink(void (*sink)(int level, const char *line))
{
	log_sink = sink;
}

int
log_shows(enum log_level level)
{
	return level <= log_level && (log_sink != NULL || log_fd != -1);
}

/* Copies src to dst with control bytes as \xNN; returns the length. */
static size_t
log_escape(char *dst, size_t cap, const char *src)
{
	static const char hex[] = "0123456789abcdef";
	size_t n = 0;
	unsigned char c;

	for (; (c = (unsigned char)*src) != '\0'; src++) {
		if (c >= ' ' && c != 0x7f) {
			if (cap - n < 2)
				break;
			dst[n++] = (char)c;
			continue;
		}
		if (cap - n < 5)
			break;
		dst[n++] = '\\';
		dst[n++] = 'x';
		dst[n++] = hex[c >> 4];
		dst[n++] = hex[c & 15];
	}
	return n;
}

/* Can a line be written without waiting for somebody who does not read? */
static int
log_is_taken(void)
{
	static int stuck;
	struct pollfd pfd = { .fd = log_fd, .events = POLLOUT };
	int r;

	do
		r = poll(&pfd, 1, stuck ? 0 : LOG_WAIT_MS);
	while (r == -1 && errno == EINTR);
	stuck = r == 0;
	return !stuck;
}

/* A log that can't be written is not worth failing or waiting for. */
static void
log_write(const char *line, size_t n)
{
	static unsigned lost;
	char note[96];
	int len;

	if (!log_is_taken()) {
		lost++;
		return;
	}
	if (lost > 0) {
		len = snprintf(note, sizeof(note),
		    "%.32s: %u lines were lost, "
		    "nobody read them\n",
		    log_name, lost);
		lost = 0;
		if (write(log_fd, note, (size_t)len) == -1)
			return;
	}
	if (write(log_fd, line, n) == -1)
		return;
}

static void __attribute__((format(printf, 2, 0)))
log_line(enum log_level level, const char *fmt, va_list ap)
{
	static const char *const word[] = { "", "error: ", "warning: ", "",
		"debug: " };
	char text[LOG_LINE_MAX], line[2 * LOG_LINE_MAX];
	int saved = errno, head;
	size_t n;

	if (!log_shows(level))
		return;
	vsnprintf(text, sizeof(text), fmt, ap);
	head = log_sink != NULL ?
	    0 :
	    snprintf(line, sizeof(line), "%.64s: %s", log_name, word[level]);
	n = (size_t)head;
	n += log_escape(line + n, sizeof(line) - n - 1, text);
	if (log_sink != NULL) {
		line[n] = '\0';
		log_sink((int)level, line);
		errno = saved;
		return;
	}
	line[n++] = '\n';
	log_write(line, n);
	errno = saved;
}

#define LOG_FUNCTION(function, level)       \
	void function(const char *fmt, ...) \
	{                                   \
		va_list ap;                 \
                                            \
		va_start(ap, fmt);          \
		log_line(level, fmt, ap);   \
		va_end(ap);                 \
	}

LOG_FUNCTION(log_say, LOG_SAY)
LOG_FUNCTION(log_error, LOG_ERROR)
LOG_FUNCTION(log_warn, LOG_WARN)
LOG_FUNCTION(log_info, LOG_INFO)
LOG_FUNCTION(log_debug, LOG_DEBUG)

int
log_allow(struct log_limit *state)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec != state->sec) {
		state->sec = now.tv_sec;
		state->count = 0;
		if (state->dropped != 0) {
			log_warn("%u more lines like the next were left out",
			    state->dropped);
			state->dropped = 0;
		}
	}
	if (state->count >= LOG_PER_SECOND) {
		state->dropped++;
		return 0;
	}
	state->count++;
	return 1;
}
