/* SPDX-License-Identifier: ISC */
#include "passthrough/fhandle.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

#define HANDLE_OWN (-1)

void
fhandle_init(struct fhandle_source *ex, int root_fd)
{
	struct file_handle *h;
	int fd;

	/* O_PATH is not good enough for open_by_handle_at(). */
	ex->mount_fd = openat(root_fd, ".",
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (ex->mount_fd == -1)
		return;
	if (fhandle_make(root_fd, &h) == 0) {
		if (fhandle_open(ex, h, &fd) == 0) {
			close(fd);
			free(h);
			return;
		}
		free(h);
	}
	fhandle_fini(ex);
}

void
fhandle_fini(struct fhandle_source *ex)
{
	file_close(&ex->mount_fd);
}

int
fhandle_can_open(const struct fhandle_source *ex)
{
	return ex->mount_fd != -1;
}

/* A handle of our own: no file system's has that type. */
static int
fhandle_make_own(int fd, struct file_handle *h)
{
	struct statx_timestamp born;
	struct statx st;

	memset(&st, 0, sizeof(st));
	if (statx(fd, "", AT_EMPTY_PATH, STATX_INO | STATX_BTIME, &st) == -1)
		return errno;
	memset(&born, 0, sizeof(born));
	if ((st.stx_mask & STATX_BTIME) != 0) {
		born.tv_sec = st.stx_btime.tv_sec;
		born.tv_nsec = st.stx_btime.tv_nsec;
	}
	h->handle_type = HANDLE_OWN;
	h->handle_bytes = sizeof(st.stx_ino) + sizeof(born);
	memcpy(h->f_handle, &st.stx_ino, sizeof(st.stx_ino));
	memcpy(h->f_handle + sizeof(st.stx_ino), &born, sizeof(born));
	return 0;
}

int
fhandle_make(int fd, struct file_handle **h)
{
	union {
		struct file_handle h;
		char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} u;
	size_t size;
	int mount_id, r = 0;

	*h = NULL;
	u.h.handle_bytes = MAX_HANDLE_SZ;
	if (name_to_handle_at(fd, "", &u.h, &mount_id, AT_EMPTY_PATH) == -1)
		r = errno == EOPNOTSUPP ? fhandle_make_own(fd, &u.h) : errno;
	if (r != 0)
		return r;
	size = sizeof(u.h) + u.h.handle_bytes;
	if ((*h = malloc(size)) == NULL)
		return ENOMEM;
	memcpy(*h, &u.h, size);
	return 0;
}

int
fhandle_is(const struct file_handle *h, int fd)
{
	struct file_handle *now;
	int same;

	if (fhandle_make(fd, &now) != 0)
		return 0;
	same = h->handle_type == now->handle_type &&
	    h->handle_bytes == now->handle_bytes &&
	    memcmp(h->f_handle, now->f_handle, h->handle_bytes) == 0;
	free(now);
	return same;
}

int
fhandle_open(const struct fhandle_source *ex, struct file_handle *h, int *fd)
{
	*fd = open_by_handle_at(ex->mount_fd, h,
	    O_PATH | O_NOFOLLOW | O_CLOEXEC);
	return *fd == -1 ? errno : 0;
}
