/* SPDX-License-Identifier: ISC */
/* Our captures, through libpcap. */
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#include "trace/pdu.h"
#include "trace/reader_kind.h"

#ifndef DLT_WIRESHARK_UPPER_PDU
#define DLT_WIRESHARK_UPPER_PDU 252
#endif

#define NS_PER_S UINT64_C(1000000000)
#define PCAP_RECORD_HEAD 16

struct capture_file {
	pcap_t *pcap;
	/* What was read last: a packet (status 1) or why there is none. */
	int status, held; /* held: not handed on yet */
	struct pcap_pkthdr *head;
	const u_char *data;
	unsigned long long at; /* its first byte in the file */
	uint64_t number;
	char why[READER_WHY_MAX];
};

static int
capture_open_file(struct reader *rd, char *why)
{
	struct capture_file *f = calloc(1, sizeof(*f));
	char error[PCAP_ERRBUF_SIZE];

	if ((rd->own = f) == NULL)
		return E_NOMEM;
	f->pcap = pcap_fopen_offline_with_tstamp_precision(rd->f,
	    PCAP_TSTAMP_PRECISION_NANO, error);
	if (f->pcap == NULL) {
		snprintf(why, READER_WHY_MAX, "%s, at byte 0", error);
		return E_VALUE;
	}
	rd->f = NULL; /* libpcap closes it */
	rd->offset = sizeof(struct pcap_file_header);
	if (pcap_datalink(f->pcap) != DLT_WIRESHARK_UPPER_PDU) {
		snprintf(why, READER_WHY_MAX,
		    "link type %d, not %d: not a "
		    "capture of fuserelay",
		    pcap_datalink(f->pcap), DLT_WIRESHARK_UPPER_PDU);
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
	case E_NOTFOUND:
		return "packet with more of a message that is not before it";
	default:
		return "packet with lengths that can't be";
	}
}

/* Read the next packet, if none is held.  As reader_next(). */
static int
capture_packet(struct reader *rd, struct capture_file *f)
{
	int ret;

	if (f->held) {
		f->held = 0;
		return f->status;
	}
	f->at = rd->offset;
	ret = pcap_next_ex(f->pcap, &f->head, &f->data);
	if (ret == 1) {
		rd->offset += PCAP_RECORD_HEAD + f->head->caplen;
		f->number++;
	} else if (ret == PCAP_ERROR_BREAK) {
		ret = 0;
	} else {
		/* A file that ends early is the one error that is not about
		 * what the file has. */
		snprintf(f->why, sizeof(f->why),
		    "%s, in the record at byte "
		    "%llu",
		    pcap_geterr(f->pcap), f->at);
		ret = feof(pcap_file(f->pcap)) ? E_EOF : E_VALUE;
	}
	return f->status = ret;
}

/* Does the packet go on with r, whose message has `len` bytes? */
static int
capture_is_more(const struct capture_file *f, const struct trace_record *r,
    uint32_t len, struct span *bytes)
{
	struct trace_record more;
	struct wire_proto proto;
	uint32_t same;

	if (pdu_get((struct span){ f->data, f->head->caplen }, &more, &same,
		&proto) != E_OK)
		return 0;
	*bytes = more.m;
	return more.kind == TRACE_MORE && more.session == r->session &&
	    more.offset == r->kept && same == len && more.m.len > 0;
}

static void
capture_more(struct reader *rd, struct capture_file *f, struct trace_record *r,
    uint32_t len)
{
	struct span bytes;

	while (r->kept < len) {
		if (capture_packet(rd, f) != 1 ||
		    !capture_is_more(f, r, len, &bytes)) {
			f->held = 1;
			break;
		}
		padded_more(&rd->padded, bytes, len);
		r->kept += (uint32_t)bytes.len;
	}
}

/* The packet that was read is no record, for reason r. */
static void
capture_skip(struct reader *rd, const struct capture_file *f, int r)
{
	if (rd->skipped++ == 0)
		snprintf(rd->skip_why, sizeof(rd->skip_why),
		    "%s, at byte %llu", packet_why(r),
		    f->at + PCAP_RECORD_HEAD);
}

/* The next packet that is a record.  As reader_next(). */
static int
capture_find(struct reader *rd, struct capture_file *f, struct trace_record *r,
    uint32_t *len)
{
	int ret, bad;

	while ((ret = capture_packet(rd, f)) == 1) {
		rd->number = f->number;
		bad = pdu_get((struct span){ f->data, f->head->caplen }, r,
		    len, &rd->proto);
		/* (More of a message belongs behind it.) */
		if (bad == E_OK && r->kind != TRACE_MORE)
			break;
		capture_skip(rd, f, bad != E_OK ? bad : E_NOTFOUND);
	}
	return ret;
}

static int
capture_next(struct reader *rd, struct trace_record *r, char *why)
{
	struct capture_file *f = rd->own;
	uint32_t len;
	int ret;

	if ((ret = capture_find(rd, f, r, &len)) != 1) {
		memcpy(why, f->why, sizeof(f->why));
		return ret;
	}
	r->real_ns = (uint64_t)f->head->ts.tv_sec * NS_PER_S +
	    (uint64_t)f->head->ts.tv_usec;
	r->m = padded_message(&rd->padded, r->m, len);
	if (f->head->caplen == PDU_PACKET_MAX)
		capture_more(rd, f, r, len);
	return 1;
}

static void
capture_close_file(struct reader *rd)
{
	struct capture_file *f = rd->own;

	if (f != NULL && f->pcap != NULL)
		pcap_close(f->pcap);
	free(f);
}

const struct reader_ops reader_capture_ops = { capture_open_file, capture_next,
	capture_close_file };
