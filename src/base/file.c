/* SPDX-License-Identifier: ISC */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The line that is being read. */
struct file_reading {
	const char *begin;
	char *out;
	size_t want;	  /* bytes of begin */
	size_t at;	  /* of the line so far */
	size_t cap, have; /* of out */
	int differs;	  /* the line begins in another way */
};

int
file_open(const char *path, int flags)
{
	int fd;

	do
		fd = open(path, flags);
	while (fd == -1 && errno == EINTR);
	return fd;
}

void
file_close(int *fd)
{
	int saved = errno;

	if (*fd != -1)
		close(*fd);
	*fd = -1;
	errno = saved;
}

static ssize_t
file_read(int fd, char *buf, size_t cap)
{
	ssize_t n;

	do
		n = read(fd, buf, cap);
	while (n == -1 && errno == EINTR);
	return n;
}

DIR *
file_opendir(const char *path)
{
	DIR *d;

	do
		d = opendir(path);
	while (d == NULL && errno == EINTR);
	return d;
}

int
file_each_number(const char *path, int (*each)(void *arg, int number),
    void *arg)
{
	struct dirent *e;
	int r = 0;
	DIR *d;

	if ((d = file_opendir(path)) == NULL)
		return E_SYS;
	while (r == 0 && (e = readdir(d)) != NULL)
		if (e->d_name[0] >= '0' && e->d_name[0] <= '9')
			r = each(arg, (int)strtol(e->d_name, NULL, 10));
	closedir(d);
	return r;
}

#ifdef __linux__
static ssize_t
file_stream_read(void *fd, char *buf, size_t cap)
{
	return file_read((int)(intptr_t)fd, buf, cap);
}

static int
file_stream_close(void *fd)
{
	return close((int)(intptr_t)fd);
}

static FILE *
file_stream_new(int fd)
{
	const cookie_io_functions_t io = { .read = file_stream_read,
		.close = file_stream_close };

	return fopencookie((void *)(intptr_t)fd, "r", io);
}
#else
static FILE *
file_stream_new(int fd)
{
	return fdopen(fd, "r");
}
#endif

FILE *
file_stream(int fd)
{
	FILE *f;

	if (fd == -1 || (f = file_stream_new(fd)) != NULL)
		return fd == -1 ? NULL : f;
	file_close(&fd);
	return NULL;
}

/* Take the next byte of the file.  1: the wanted line is complete. */
static int
file_take(struct file_reading *r, char c)
{
	if (c == '\n') {
		if (r->at >= r->want && !r->differs)
			return 1;
		r->at = 0;
		r->differs = 0;
		return 0;
	}
	if (r->at < r->want)
		r->differs |= c != r->begin[r->at];
	else if (!r->differs && r->have < r->cap - 1)
		r->out[r->have++] = c;
	r->at++;
	return 0;
}

int
file_line(const char *path, const char *begin, char *out, size_t cap)
{
	struct file_reading r = { .begin = begin,
		.want = strlen(begin),
		.out = out,
		.cap = cap };
	int fd, found = 0;
	char buf[1024];
	ssize_t n, i;

	out[0] = '\0';
	if ((fd = file_open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return E_SYS;
	while (!found && (n = file_read(fd, buf, sizeof(buf))) > 0)
		for (i = 0; i < n && !found; i++)
			found = file_take(&r, buf[i]);
	file_close(&fd);
	out[r.have] = '\0';
	if (found)
		return E_OK;
	return n == -1 ? E_SYS : E_NOTFOUND;
}
