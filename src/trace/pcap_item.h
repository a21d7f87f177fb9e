/* SPDX-License-Identifier: ISC */
/* A packet on its way from the loop to a capture file. */
#ifndef FR_TRACE_PCAP_ITEM_H
#define FR_TRACE_PCAP_ITEM_H

#include <stdint.h>

/* What the loop puts before each packet. */
struct pcap_item {
	uint64_t real_ns;
	uint32_t len;	  /* of the whole packet, had nothing been cut */
	uint32_t preface; /* later files have to begin with it, too */
	uint32_t more;	  /* its message began in a packet before */
	uint32_t left;	  /* bytes of its message in packets to come */
};

#endif
