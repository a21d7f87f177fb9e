/* SPDX-License-Identifier: ISC */
/*
 * What may have to be told again in a later file of a rotated capture, and
 * in which file it was told last.  A part of seam.c, which alone uses it.
 *
 * Each retell_*() says what was not said in this file yet, by put(); while
 * `counting`, it only adds to `size` how long that would be.
 */
#ifndef FR_TRACE_RETELL_H
#define FR_TRACE_RETELL_H

#include "trace/caller.h"
#include "trace/notice.h"
#include "trace/pcap_item.h"

#define RETELL_CALLERS 1024u  /* a power of two */
#define RETELL_PACKET_HEAD 16 /* bytes, of each packet in a file */

/* A packet that is kept, with TRACE_AGAIN. */
struct retold {
	struct pcap_item item;
	unsigned file; /* where it was written last */
	size_t len;
	uint8_t packet[];
};

#define RETELL_BEGIN_MAX 8 /* packets: BEGIN, INIT as it came and left */

/* How a session began. */
struct begin {
	uint32_t session;
	int ended;
	unsigned file;
	uint32_t pid; /* INIT's */
	char comm[CALLER_NAME_MAX];
	size_t n;
	struct retold *packets[RETELL_BEGIN_MAX];
	TAILQ_ENTRY(begin) link;
};

typedef int retell_put_fn(void *arg, const struct pcap_item *item,
    struct span p);

struct retell {
	retell_put_fn *put;
	void *arg;
	int ret;       /* put()'s, once it has failed */
	unsigned file; /* number of this one, from 1 */
	int counting;
	uint64_t size;
	/* The packet at hand, with which all that is said has its times. */
	const struct pcap_item *item;
	const struct trace_record *record;
	struct span packet;
	TAILQ_HEAD(, begin) begins; /* oldest first; bounded */
	size_t nbegins;
	size_t kept; /* bytes of requests that are kept */
	struct {     /* one's place may be taken by another */
		unsigned file;
		uint32_t pid;
		char comm[CALLER_NAME_MAX];
	} named[RETELL_CALLERS];
};

/* t is zero. */
void retell_init(struct retell *t, retell_put_fn *put, void *arg);
void retell_fini(struct retell *t);

/* Say the packet. */
void retell_say(struct retell *t, const struct pcap_item *item, struct span p);

/* Keep the packet at hand, but for most of its data; NULL: no memory, or
 * too much is kept.  The caller frees it. */
struct retold *retell_keep(struct retell *t);

/* It is a part of how the session began; c is its INIT; it is over. */
void retell_keep_begin(struct retell *t, uint32_t session);
void retell_init_caller(struct retell *t, const struct call *c);
void retell_over(struct retell *t, uint32_t session);

/* The packet at hand gave the process this name. */
void retell_named(struct retell *t, uint32_t pid, const char *comm);

void retell_begin(struct retell *t, struct begin *b);
void retell_session(struct retell *t, uint32_t session);
void retell_path(struct retell *t, const struct conn *conn, uint64_t nodeid);

/* What c's request names only by number. */
void retell_needs(struct retell *t, const struct call *c);

/* The request itself, which is c's note, a struct retold, or NULL; the same
 * for a notification and the nodes that it names. */
void retell_call(struct retell *t, const struct call *c);
void retell_notice(struct retell *t, const struct notice *n);

/* The nodes that the notification m names. */
void retell_notified(struct retell *t, const struct conn *conn, struct span m);

#endif
