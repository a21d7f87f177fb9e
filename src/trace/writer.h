/* SPDX-License-Identifier: ISC */
/*
 * A bounded buffer, and a thread that writes out what is in it.
 *
 * The loop that carries messages must not wait for a disk, a terminal or a
 * reader of a pipe.  No call on such a descriptor can be trusted not to
 * block (a regular file always polls ready), and a descriptor that others
 * share, like stderr, can't be made non-blocking for ourselves.  So the
 * loop only copies items in here, and when there is no room, says so.
 *
 * The thread shares nothing with the rest but the buffer under its lock,
 * and has every signal blocked.  It writes when it has slept on news for a
 * moment, so that a busy loop does not wake it for each item; or at once, if
 * somebody wants to read along.
 */
#ifndef FR_TRACE_WRITER_H
#define FR_TRACE_WRITER_H

#include "base/err.h"
#include "base/span.h"

struct writer;

/* Called in the thread only.  Anything but E_OK (E_SYS: errno) ends the
 * writing for good. */
struct writer_ops {
	int (*put)(void *arg, struct span item);
	int (*flush)(void *arg); /* no item waits; also called first */
};

enum writer_pace {
	WRITER_NAPS,   /* sleeps a moment before it writes */
	WRITER_AT_ONCE /* writes each item as soon as those before it */
};

/* cap: bytes of the buffer.  E_NOMEM, E_SYS. */
int writer_new(struct writer **out, size_t cap, enum writer_pace pace,
    const struct writer_ops *ops, void *arg) ERR_MUSTCHECK;

/* Add an item made of head and body.  E_FULL; E_SYS: nothing is written any
 * more, see writer_error(). */
int writer_put(struct writer *w, struct span head,
    struct span body) ERR_MUSTCHECK;

/* errno of what ended the writing, or 0. */
int writer_error(struct writer *w);

/*
 * Write what is left, for at most `ms`, and free.  E_OK; E_SYS: writing had
 * ended before; E_TIMEOUT: it takes longer, so the thread is left behind
 * with what it holds, and arg must live on.
 */
int writer_close(struct writer *w, unsigned ms) ERR_MUSTCHECK;

/* Write all of p to fd, waiting where it is non-blocking.  E_SYS. */
int writer_write(int fd, const void *p, size_t len) ERR_MUSTCHECK;

#endif
