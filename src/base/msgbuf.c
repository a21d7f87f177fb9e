/* SPDX-License-Identifier: ISC */
#include "base/msgbuf.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

uint8_t *
msgbuf_new(size_t n)
{
	void *p;

	if (n > SIZE_MAX - MSGBUF_SHIFT ||
	    posix_memalign(&p, MSGBUF_PAGE, n + MSGBUF_SHIFT) != 0)
		return NULL;
	return (uint8_t *)p + MSGBUF_SHIFT;
}

void
msgbuf_free(void *buf)
{
	if (buf != NULL)
		free((uint8_t *)buf - MSGBUF_SHIFT);
}

ssize_t
msgbuf_read(int fd, void *buf, size_t len)
{
	size_t at = (uintptr_t)buf % MSGBUF_PAGE;
	uint8_t *p = buf;
	ssize_t n;

	if (at == 0 || at >= MSGBUF_SLOW || len <= MSGBUF_SHIFT)
		return read(fd, buf, len);
	n = read(fd, p + MSGBUF_SHIFT, len - MSGBUF_SHIFT);
	if (n > 0)
		memmove(p, p + MSGBUF_SHIFT, (size_t)n);
	return n;
}
