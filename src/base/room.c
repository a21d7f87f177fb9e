/* SPDX-License-Identifier: ISC */
#include "base/room.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

uint8_t *
room_new(size_t n)
{
	void *p;

	if (n > SIZE_MAX - ROOM_SHIFT ||
	    posix_memalign(&p, ROOM_PAGE, n + ROOM_SHIFT) != 0)
		return NULL;
	return (uint8_t *)p + ROOM_SHIFT;
}

void
room_free(void *room)
{
	if (room != NULL)
		free((uint8_t *)room - ROOM_SHIFT);
}

ssize_t
room_read(int fd, void *buf, size_t len)
{
	size_t at = (uintptr_t)buf % ROOM_PAGE;
	uint8_t *p = buf;
	ssize_t n;

	if (at == 0 || at >= ROOM_SLOW || len <= ROOM_SHIFT)
		return read(fd, buf, len);
	n = read(fd, p + ROOM_SHIFT, len - ROOM_SHIFT);
	if (n > 0)
		memmove(p, p + ROOM_SHIFT, (size_t)n);
	return n;
}
