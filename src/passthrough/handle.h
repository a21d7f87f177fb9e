/* SPDX-License-Identifier: ISC */
/*
 * The file-handle table: what open() and opendir() leave behind.
 *
 * A handle keeps the descriptor that the open made, with the flags it was
 * made with, until the release.  All I/O of the client goes through that
 * very descriptor: nothing is opened a second time, so it keeps working
 * after a chmod, a rename or an unlink.
 *
 * Handles are named by ids that never come back (slot.h).  A handle is
 * borrowed for one operation by handle_get() and handle_put(); the lock of
 * the table is held for neither the I/O nor the close.  A release while an
 * operation still runs only takes the id away; the descriptor is closed
 * when the last borrower returns it.
 *
 * Functions here answer 0 or the errno value that the client should see.
 */
#ifndef FR_PASSTHROUGH_HANDLE_H
#define FR_PASSTHROUGH_HANDLE_H

#include <dirent.h>
#include <pthread.h>
#include <sys/types.h>

#include "passthrough/slot.h"

/* Open files at most, unless the caller of handle_table_init() says less. */
#define HANDLE_MAX (1u << 20)

/* A directory stream; its lock orders the readers of one handle. */
struct handle_dir {
	pthread_mutex_t lock;
	DIR *stream;	     /* owned */
	struct dirent *next; /* read, but it did not fit any more */
	off_t offset;	     /* where the stream stands */
};

struct handle {
	uint64_t id, ino;	/* node the handle was opened on */
	int fd;			/* owned; of dir->stream if dir */
	int flags;		/* that the client opened it with */
	unsigned refs;		/* under the table's lock */
	struct handle_dir *dir; /* NULL for files */
};

struct handle_table {
	pthread_mutex_t lock;
	struct slot_table slots;
};

/* What an operation is about to do with a handle. */
enum handle_use {
	HANDLE_ANY, /* fsync, flush, locks, getattr */
	HANDLE_READ,
	HANDLE_WRITE,
	HANDLE_DIR
};

void handle_table_init(struct handle_table *t, uint32_t max, uint32_t seed);

/* Closes what was never released; answers how many that were. */
unsigned handle_table_fini(struct handle_table *t);

/* Handles that are open now. */
unsigned handle_table_used(struct handle_table *t);

/*
 * Enters an open descriptor of node ino.  On success the table owns fd and
 * *id names it; else (ENFILE, ENOMEM) fd stays the caller's.
 */
int handle_open(struct handle_table *t, int fd, int flags, uint64_t ino,
    uint64_t *id) __attribute__((warn_unused_result));

/* The same for a directory stream. */
int handle_open_dir(struct handle_table *t, DIR *stream, uint64_t ino,
    uint64_t *id) __attribute__((warn_unused_result));

/*
 * Borrows a handle in *h for one operation.  EBADF: the id names no open
 * file, or one of another node, or one that was not opened for that use.
 */
int handle_get(struct handle_table *t, uint64_t id, uint64_t ino,
    enum handle_use use, struct handle **h)
    __attribute__((warn_unused_result));
void handle_put(struct handle_table *t, struct handle *h);

/* Ends the id.  EBADF as above. */
int handle_release(struct handle_table *t, uint64_t id, uint64_t ino);

#endif
