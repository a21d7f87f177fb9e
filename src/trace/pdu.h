/* SPDX-License-Identifier: ISC */
/*
 * A record as a packet of a capture file: the tag by which Wireshark finds
 * the dissector, a fixed header, the kept bytes of the message.  The
 * manual page fuserelay-capture(5) has it byte by byte.
 */
#ifndef FR_TRACE_PDU_H
#define FR_TRACE_PDU_H

#include "base/err.h"
#include "trace/paths.h"
#include "trace/record.h"

#define PDU_DISSECTOR "fuserelay"
#define PDU_TAGS 20  /* bytes of the tags */
#define PDU_FIXED 56 /* bytes of version 1's header */
#define PDU_HEAD (PDU_TAGS + PDU_FIXED)
#define PDU_VERSION 1
/* Longest packet: readers of pcap files refuse longer ones. */
#define PDU_PACKET_MAX 262144u

/* In the fixed header: the low byte of the flags. */
#define PDU_FLAGS_LOW 7

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

/*
 * The message of a TRACE_NODE, in the byte order of this machine: the node,
 * its directory, its lookups, 8 bytes each; 4 bytes: 1 if the name does not
 * lead to it any more; 4 bytes 0; the name.
 */
#define PDU_NODE_HEAD 32
enum pdu_node {
	PDU_NODE_ID = 0,
	PDU_NODE_PARENT = 8,
	PDU_NODE_LOOKUPS = 16,
	PDU_NODE_GONE = 24,
	PDU_NODE_ZERO = 28
};

/* The length: PDU_NODE_HEAD and the name's. */
size_t pdu_node_put(uint8_t *m, const struct paths_node *n);

/* The name is borrowed from m.  E_SHORT; E_VALUE: no name. */
int pdu_node_get(struct span m, struct paths_node *n) ERR_MUSTCHECK;

#endif
