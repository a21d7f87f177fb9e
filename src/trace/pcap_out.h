/* SPDX-License-Identifier: ISC */
/*
 * The capture's file side, in the writer's thread: packets to pcap files,
 * one after the other if they are to be rotated.
 */
#ifndef FR_TRACE_PCAP_OUT_H
#define FR_TRACE_PCAP_OUT_H

#include "trace/capture.h"
#include "trace/pdu.h"
#include "trace/writer.h"

/* What the loop puts before each packet. */
struct pcap_item {
	uint64_t real_ns;
	uint32_t len;	  /* of the whole packet, had nothing been cut */
	uint32_t preface; /* later files have to begin with it too */
	uint32_t more;	  /* it goes on from the packet before */
	uint32_t left;	  /* bytes of its message in packets to come */
};

struct pcap_out;

/* E_NOMEM, E_SYS. */
int pcap_out_new(struct pcap_out **out,
    const struct capture_conf *conf) ERR_MUSTCHECK;
void pcap_out_free(struct pcap_out *o);

/* For the thread; arg is a struct pcap_out. */
extern const struct writer_ops pcap_out_ops;

#endif
