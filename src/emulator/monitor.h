/* SPDX-License-Identifier: ISC */
/*
 * The monitor channel of FUSE-T: the library sends "mount" and is answered
 * with a status word, later perhaps "unmount"; end of file ends the mount.
 */
#ifndef FR_EMULATOR_MONITOR_H
#define FR_EMULATOR_MONITOR_H

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdint.h>

#include "base/err.h"

struct monitor_calls {
	void (*mount)(void *arg);
	/* "unmount", or the library closed its end.  May come twice. */
	void (*unmount)(void *arg);
};

struct monitor {
	int fd; /* owned; -1: there is none */
	struct event in;
	char word[8]; /* letters of an unfinished word */
	unsigned have;
	int asked; /* "mount" waits for its status */
	const struct monitor_calls *calls;
	void *arg;
};

/* Take over fd (-1: no monitor, nothing will ever be called).  E_SYS. */
int monitor_init(struct monitor *m, struct event_base *base, int fd,
    const struct monitor_calls *calls, void *arg) ERR_MUSTCHECK;
void monitor_fini(struct monitor *m);

/* Answer "mount": 0, or an errno.  Nothing is sent unless "mount" came. */
void monitor_answer(struct monitor *m, int32_t status);

/* The same, of a first answer that another one follows. */
void monitor_answer_first(struct monitor *m, int32_t status);

#endif
