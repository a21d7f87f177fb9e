/* SPDX-License-Identifier: ISC */
#include "passthrough/export.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void
export_init(struct export *ex, int root_fd)
{
	struct file_handle *h;
	int fd;

	/* O_PATH is not good enough for open_by_handle_at(). */
	ex->mount_fd = openat(root_fd, ".",
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (ex->mount_fd == -1)
		return;
	if (export_make(root_fd, &h) == 0) {
		if (export_open(ex, h, &fd) == 0) {
			close(fd);
			free(h);
			return;
		}
		free(h);
	}
	export_fini(ex);
}

void
export_fini(struct export *ex)
{
	if (ex->mount_fd != -1)
		close(ex->mount_fd);
	ex->mount_fd = -1;
}

int
export_make(int fd, struct file_handle **h)
{
	union {
		struct file_handle h;
		char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} u;
	size_t size;
	int mount_id;

	*h = NULL;
	u.h.handle_bytes = MAX_HANDLE_SZ;
	if (name_to_handle_at(fd, "", &u.h, &mount_id, AT_EMPTY_PATH) == -1)
		return errno;
	size = sizeof(u.h) + u.h.handle_bytes;
	if ((*h = malloc(size)) == NULL)
		return ENOMEM;
	memcpy(*h, &u.h, size);
	return 0;
}

int
export_same(const struct file_handle *a, const struct file_handle *b)
{
	return a->handle_type == b->handle_type &&
	    a->handle_bytes == b->handle_bytes &&
	    memcmp(a->f_handle, b->f_handle, a->handle_bytes) == 0;
}

int
export_open(const struct export *ex, struct file_handle *h, int *fd)
{
	*fd = open_by_handle_at(ex->mount_fd, h, O_PATH | O_NOFOLLOW |
	    O_CLOEXEC);
	return *fd == -1 ? errno : 0;
}
