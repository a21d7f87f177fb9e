/* SPDX-License-Identifier: ISC */
/*
 * What each file of a rotated capture has to tell again, so that it can be
 * read alone: how its sessions began, the requests that wait for a reply,
 * and of what its messages name only by number, nodes and callers, the names.
 *
 * Names are told where they are needed, before the message that needs them.
 * So a file has those of what happens in it and no others, however much was
 * looked up before, and none is left out because there was no room at its
 * head.  Whatever was in an earlier file has TRACE_AGAIN.
 *
 * In the writer's thread; it knows what was written from the packets alone.
 */
#ifndef FR_TRACE_SEAM_H
#define FR_TRACE_SEAM_H

#include "base/err.h"
#include "base/span.h"
#include "trace/pcap_item.h"

struct seam;

/* Where packets go, and when another file begins. */
struct seam_ops {
	/* Are there `size` bytes left in this file? */
	int (*room)(void *arg, uint64_t size);
	uint64_t (*limit)(void *arg); /* bytes of a file */
	/* E_NOMEM, E_SYS. */
	int (*next)(void *arg); /* begin the next file */
	int (*put)(void *arg, const struct pcap_item *item, struct span p);
};

/* E_NOMEM. */
int seam_new(struct seam **out, const struct seam_ops *ops,
    void *arg) ERR_MUSTCHECK;
void seam_free(struct seam *s);

/* Put the packet, in this file or the next, behind what it needs.  As the
 * ops fail. */
int seam_put(struct seam *s, const struct pcap_item *item,
    struct span p) ERR_MUSTCHECK;

#endif
