/* SPDX-License-Identifier: ISC */
/* Our captures, through libpcap. */
#include <pcap/pcap.h>
#include <string.h>

#include "trace/capture.h"
#include "trace/pdu.h"
#include "trace/reader_kind.h"

#ifndef DLT_WIRESHARK_UPPER_PDU
#define DLT_WIRESHARK_UPPER_PDU 252
#endif

#define NS_PER_S UINT64_C(1000000000)
#define PCAP_RECORD_HEAD 16

static int
capture_open_file(struct reader *rd, char *why)
{
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *p;

	p = pcap_fopen_offline_with_tstamp_precision(rd->f,
	    PCAP_TSTAMP_PRECISION_NANO, error);
	if (p == NULL) {
		snprintf(why, READER_WHY_MAX, "%s, at byte 0", error);
		return E_VALUE;
	}
	rd->own = p;
	rd->f = NULL;			/* libpcap closes it */
	rd->offset = sizeof(struct pcap_file_header);
	if (pcap_datalink(p) != DLT_WIRESHARK_UPPER_PDU) {
		snprintf(why, READER_WHY_MAX, "link type %d, not %d: not a "
		    "capture of fuserelay", pcap_datalink(p),
		    DLT_WIRESHARK_UPPER_PDU);
		return E_VALUE;
	}
	return E_OK;
}

static const char *
packet_why(int r)
{
	switch (r) {
	case E_VALUE:
		return "not a packet of fuserelay, or one of another version "
		    "or byte order";
	case E_SHORT:
		return "packet too short";
	default:
		return "packet with lengths that can't be";
	}
}

static int
capture_next(struct reader *rd, struct trace_record *r, char *why)
{
	unsigned long long at = rd->offset;
	struct pcap_pkthdr *h;
	const u_char *data;
	uint32_t len;
	int ret;

	ret = pcap_next_ex(rd->own, &h, &data);
	if (ret == PCAP_ERROR_BREAK)
		return 0;
	if (ret != 1) {
		/* The one error that is not about content is a short file. */
		snprintf(why, READER_WHY_MAX, "%s, in the record at byte %llu",
		    pcap_geterr(rd->own), at);
		return feof(pcap_file(rd->own)) ? E_EOF : E_VALUE;
	}
	rd->offset += PCAP_RECORD_HEAD + h->caplen;
	ret = pdu_get((struct span){ data, h->caplen }, r, &len, &rd->proto);
	if (ret != E_OK) {
		snprintf(why, READER_WHY_MAX, "%s, at byte %llu",
		    packet_why(ret), at + PCAP_RECORD_HEAD);
		return E_VALUE;
	}
	r->real_ns = (uint64_t)h->ts.tv_sec * NS_PER_S +
	    (uint64_t)h->ts.tv_usec;
	r->m = inflate_message(&rd->inflate, r->m, len);
	return 1;
}

static void
capture_close_file(struct reader *rd)
{
	if (rd->own != NULL)
		pcap_close(rd->own);
}

const struct reader_ops reader_capture_ops = {
	capture_open_file, capture_next, capture_close_file
};
