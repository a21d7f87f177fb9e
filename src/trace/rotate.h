/* SPDX-License-Identifier: ISC */
/*
 * A capture in several files, each of which can be read alone.
 *
 * So a file repeats what it needs of the files before it: how its sessions
 * began, the requests that wait for a reply, and the names of the nodes and
 * callers that its messages have only by number.  Records that are repeated
 * have TRACE_AGAIN.
 *
 * A name is repeated right before the first message of the file that needs it.
 * So a file has the names of what happens in it and no others, however many
 * nodes were looked up before, and none is missing because the file's head was
 * full.
 *
 * All of it happens in the writer's thread, which learns what a capture has
 * from its packets alone.
 */
#ifndef FR_TRACE_ROTATE_H
#define FR_TRACE_ROTATE_H

#include "base/err.h"
#include "base/span.h"
#include "trace/pcap_item.h"

struct rotate;

/* What the owner of the files does. */
struct rotate_ops {
	/* Does the current file have `size` bytes left? */
	int (*room)(void *arg, uint64_t size);
	uint64_t (*limit)(void *arg); /* bytes of a file */
	/* E_NOMEM, E_SYS. */
	int (*next)(void *arg); /* begin the next file */
	/* Append a packet to the current file. */
	int (*put)(void *arg, const struct pcap_item *item, struct span p);
};

/* E_NOMEM. */
int rotate_new(struct rotate **out, const struct rotate_ops *ops,
    void *arg) ERR_MUSTCHECK;
void rotate_free(struct rotate *s);

/* Write the packet to the current file, or begin the next one with it; what
 * it needs is written before it.  Fails as the ops do. */
int rotate_put(struct rotate *s, const struct pcap_item *item,
    struct span p) ERR_MUSTCHECK;

#endif
