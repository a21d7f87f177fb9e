/* SPDX-License-Identifier: ISC */
/*
 * Write a capture of the sample messages, for tests of what reads captures.
 *
 *	sample-capture FILE
 *	sample-capture FILE BROKEN SEED COPIES
 *
 * In the second form BROKEN gets that many copies of each packet, each with
 * a few bytes changed at random or its end cut off: packets that no relay
 * writes, in a file that is whole.
 */
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/trace_feed.h"
#include "trace/capture.h"

#define KEEP 64 /* bytes of data */
#define PATIENCE_MS 10000
#define TAGS 20 /* bytes that lead to the dissector */

static int
write_samples(const char *path)
{
	struct capture_conf conf = { .path = path, .fd = -1, .snaplen = KEEP };
	struct capture_result res;
	struct capture *c;

	if (capture_open(&c, &conf) != E_OK)
		return -1;
	feed_samples(capture_sink(c));
	capture_close(c, PATIENCE_MS, &res);
	return res.error != 0 || res.lost > 0 ? -1 : 0;
}

static uint64_t
rng(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Behind the tags, so that the dissector gets it; the packet's length. */
static bpf_u_int32
mutate(u_char *p, bpf_u_int32 len, uint64_t *state)
{
	static const u_char odd[] = { 0, 1, 0x7f, 0x80, 0xff };
	bpf_u_int32 body = len - TAGS;
	uint64_t n = 1 + rng(state) % 4;
	u_char *at;

	while (n-- > 0) {
		at = p + TAGS + rng(state) % body;
		*at = rng(state) % 2 == 0 ? (u_char)rng(state) :
					    odd[rng(state) % sizeof(odd)];
	}
	return rng(state) % 4 == 0 ? TAGS + (bpf_u_int32)(rng(state) % body) :
				     len;
}

static int
write_broken(const char *from, const char *path, uint64_t state,
    unsigned copies)
{
	char error[PCAP_ERRBUF_SIZE];
	u_char packet[4096];
	struct pcap_pkthdr *h, changed;
	const u_char *data;
	pcap_dumper_t *out;
	unsigned i;
	pcap_t *in;

	in = pcap_open_offline_with_tstamp_precision(from,
	    PCAP_TSTAMP_PRECISION_NANO, error);
	if (in == NULL || (out = pcap_dump_open(in, path)) == NULL)
		return -1;
	while (pcap_next_ex(in, &h, &data) == 1) {
		for (i = 0; i < copies && h->caplen <= sizeof(packet) &&
		     h->caplen > TAGS;
		     i++) {
			memcpy(packet, data, h->caplen);
			changed = *h;
			changed.caplen = mutate(packet, h->caplen, &state);
			pcap_dump((u_char *)out, &changed, packet);
		}
	}
	pcap_close(in);
	if (pcap_dump_flush(out) == -1)
		return -1;
	pcap_dump_close(out);
	return 0;
}

int
main(int argc, char **argv)
{
	if ((argc != 2 && argc != 5) || write_samples(argv[1]) != 0) {
		fprintf(stderr, "sample-capture: cannot write\n");
		return 1;
	}
	if (argc == 2)
		return 0;
	return write_broken(argv[1], argv[2],
		   0x9e3779b97f4a7c15u + strtoull(argv[3], NULL, 10),
		   (unsigned)strtoul(argv[4], NULL, 10)) != 0;
}
