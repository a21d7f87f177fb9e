/* SPDX-License-Identifier: ISC */
/*
 * The capture's file side, in the writer's thread: packets to pcap files,
 * one after the other if they are to be rotated.
 */
#ifndef FR_TRACE_PCAP_OUT_H
#define FR_TRACE_PCAP_OUT_H

#include "trace/capture_conf.h"
#include "trace/writer.h"

struct pcap_out;

/* E_NOMEM, E_SYS. */
int pcap_out_new(struct pcap_out **out,
    const struct capture_conf *conf) ERR_MUSTCHECK;
void pcap_out_free(struct pcap_out *o);

/* For the thread; arg is a struct pcap_out. */
extern const struct writer_ops pcap_out_ops;

#endif
