/* SPDX-License-Identifier: ISC */
/*
 * A record as a packet of a capture file: the tag by which Wireshark finds
 * the dissector, a fixed header, the kept bytes of the message.  The
 * manual page fuserelay-capture(5) has it byte by byte.
 */
#ifndef FR_TRACE_PDU_H
#define FR_TRACE_PDU_H

#include "base/err.h"
#include "trace/record.h"

#define PDU_DISSECTOR "fuserelay"
#define PDU_TAGS 20		/* bytes of the tags */
#define PDU_FIXED 56		/* bytes of version 1's header */
#define PDU_HEAD (PDU_TAGS + PDU_FIXED)
#define PDU_VERSION 1

/* Write the tags and the header of r, without its real time. */
void pdu_put(uint8_t head[PDU_HEAD], const struct trace_record *r);

/*
 * Read a packet; r->m are the kept bytes that are in it, *len is the
 * message's own length; real_ns and expect are zero, proto is `proto` or
 * NULL.  E_SHORT, E_VALUE (another dissector's, another version, another
 * byte order), E_LEN (lengths that can't be).
 */
int pdu_get(struct span packet, struct trace_record *r, uint32_t *len,
    struct wire_proto *proto) ERR_MUSTCHECK;

#endif
