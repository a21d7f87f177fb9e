/* SPDX-License-Identifier: ISC */
/*
 * The packets that a file of a rotated capture repeats from earlier files, and
 * for each of them the last file that has it.  A part of rotate.c, which alone
 * uses it.
 *
 * Each repeat_*() writes, by put(), what the current file does not have yet.
 * While `counting` is set, they write nothing and add to `size` how many bytes
 * that would be.
 */
#ifndef FR_TRACE_REPEAT_H
#define FR_TRACE_REPEAT_H

#include "trace/caller.h"
#include "trace/notification.h"
#include "trace/pcap_item.h"

#define REPEAT_CALLERS 1024u  /* a power of two */
#define REPEAT_PACKET_HEAD 16 /* bytes, of each packet in a file */

/* A packet that is kept to be repeated, marked TRACE_AGAIN. */
struct repeat_packet {
	struct pcap_item item;
	unsigned file; /* the last one that has it */
	size_t len;
	uint8_t packet[];
};

/* Packets with which a session begins: BEGIN, INIT and its reply, as they came
 * and as they were rewritten. */
#define REPEAT_BEGIN_MAX 8

/* How a session began. */
struct repeat_begin {
	uint32_t session;
	int ended;
	unsigned file; /* the last one that has it */
	uint32_t pid;  /* INIT's caller, and its name */
	char comm[CALLER_NAME_MAX];
	size_t n;
	struct repeat_packet *packets[REPEAT_BEGIN_MAX];
	TAILQ_ENTRY(repeat_begin) link;
};

typedef int repeat_put_fn(void *arg, const struct pcap_item *item,
    struct span p);

struct repeat {
	repeat_put_fn *put;
	void *arg;
	int ret;       /* of put(), once it has failed */
	unsigned file; /* number of the current one, from 1 */
	int counting;
	uint64_t size;
	/* The packet that is being written; what is repeated before it has
	 * its times. */
	const struct pcap_item *item;
	const struct trace_record *record;
	struct span packet;
	TAILQ_HEAD(, repeat_begin) begins; /* oldest first; bounded */
	size_t nbegins;
	size_t kept; /* bytes of requests that are kept */
	/* The names that the files have last; a process may take the place of
	 * another. */
	struct {
		unsigned file;
		uint32_t pid;
		char comm[CALLER_NAME_MAX];
	} named[REPEAT_CALLERS];
};

/* t is zero. */
void repeat_init(struct repeat *t, repeat_put_fn *put, void *arg);
void repeat_fini(struct repeat *t);

/* Write the packet. */
void repeat_put(struct repeat *t, const struct pcap_item *item, struct span p);

/* Keep a copy of the packet that is being written, without most of its data.
 * The caller frees it.  NULL: no memory, or too much is kept. */
struct repeat_packet *repeat_keep(struct repeat *t);

/* Keep that packet as one of those with which the session began. */
void repeat_keep_begin(struct repeat *t, uint32_t session);

/* c is the INIT of its session: note its caller. */
void repeat_init_caller(struct repeat *t, const struct call *c);

/* The session is over. */
void repeat_end_session(struct repeat *t, uint32_t session);

/* The packet that is being written gives the process this name. */
void repeat_note_name(struct repeat *t, uint32_t pid, const char *comm);

/* How the session began. */
void repeat_begin(struct repeat *t, struct repeat_begin *b);
void repeat_session(struct repeat *t, uint32_t session);

/* The node and the directories above it. */
void repeat_node(struct repeat *t, const struct conn *conn, uint64_t nodeid);

/* The names of the nodes and of the caller that c's request has by number. */
void repeat_names(struct repeat *t, const struct call *c);

/* The request c itself, and its names; c's note is a struct repeat_packet, or
 * NULL if the request was not kept.  The same for a notification. */
void repeat_request(struct repeat *t, const struct call *c);
void repeat_notification(struct repeat *t, const struct notification *n);

/* The names of the nodes that the notification m has. */
void repeat_nodes_of(struct repeat *t, const struct conn *conn, struct span m);

#endif
