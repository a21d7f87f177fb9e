/* SPDX-License-Identifier: ISC */
/*
 * A sink that writes a capture file: pcap as libpcap writes it, each record
 * a packet (pdu.h).  The loop copies what is kept of a record into the
 * writer's buffer; a thread makes packets of it and writes whole ones.
 */
#ifndef FR_TRACE_CAPTURE_H
#define FR_TRACE_CAPTURE_H

#include "trace/capture_conf.h"
#include "trace/trace.h"

struct capture;

/* Creates the file and starts the thread.  E_NOMEM, E_SYS. */
int capture_open(struct capture **out,
    const struct capture_conf *conf) ERR_MUSTCHECK;

struct trace_sink *capture_sink(struct capture *c);

struct capture_result {
	uint64_t records, lost;
	int error; /* errno that ended the writing, or 0 */
};

/* Give the writing up to `ms` to end, say how it went, and free. */
void capture_close(struct capture *c, unsigned ms, struct capture_result *res);

/* The same figures while it runs. */
void capture_progress(struct capture *c, struct capture_result *res);

/* How many bytes of r's message a capture with this snaplen keeps. */
uint32_t capture_keeps(const struct trace_record *r, uint32_t snaplen);

#endif
