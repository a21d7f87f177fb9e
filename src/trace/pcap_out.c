/* SPDX-License-Identifier: ISC */
#include "trace/pcap_out.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "trace/outfile.h"
#include "trace/pdu.h"
#include "trace/repeat.h"
#include "trace/rotate.h"

#ifndef DLT_WIRESHARK_UPPER_PDU
#define DLT_WIRESHARK_UPPER_PDU 252
#endif

#define NS_PER_S UINT64_C(1000000000)
#define FLUSH_AT (256u * 1024) /* bytes */

/*
 * libpcap writes packets into memory; from there whole ones go to the file
 * with one write().
 */
struct pcap_out {
	struct outfile file;
	int fd;
	unsigned number, kept; /* of the file; files to leave, 0: all */
	uint64_t limit;	       /* bytes of a file, 0: none */
	uint64_t written, waiting;
	pcap_t *pcap;
	pcap_dumper_t *dumper;
	char *memory; /* the stream's */
	size_t memory_len;
	struct rotate *rotate; /* NULL: one file */
};

/* Begin a pcap file in memory: its header. */
static int
out_begin(struct pcap_out *o)
{
	FILE *f;

	if (o->dumper != NULL)
		pcap_dump_close(o->dumper);
	free(o->memory);
	o->memory = NULL;
	o->dumper = NULL;
	if ((f = open_memstream(&o->memory, &o->memory_len)) == NULL)
		return E_NOMEM;
	if ((o->dumper = pcap_dump_fopen(o->pcap, f)) == NULL) {
		fclose(f);
		return E_NOMEM;
	}
	o->written = 0;
	o->waiting = sizeof(struct pcap_file_header);
	return E_OK;
}

/* How many of the first n waiting bytes are whole packets. */
static size_t
out_whole(const struct pcap_out *o, size_t n)
{
	size_t at = o->written == 0 ? sizeof(struct pcap_file_header) : 0;
	uint32_t len;

	if (n < at)
		return 0;
	while (n - at >= REPEAT_PACKET_HEAD) {
		memcpy(&len, o->memory + at + 8, sizeof(len));
		if (n - at - REPEAT_PACKET_HEAD < len)
			break;
		at += REPEAT_PACKET_HEAD + len;
	}
	return at;
}

/* After a failed write, cut the file behind its last whole packet. */
static int
out_cut(const struct pcap_out *o)
{
	struct stat st;
	uint64_t took;

	if (fstat(o->fd, &st) == -1 || !S_ISREG(st.st_mode))
		return 0;
	took = (uint64_t)st.st_size - o->written;
	if (took > o->memory_len)
		return 0;
	return ftruncate(o->fd,
	    (off_t)(o->written + out_whole(o, (size_t)took)));
}

static int
out_flush(void *arg)
{
	struct pcap_out *o = arg;
	int saved;

	if (o->waiting == 0)
		return E_OK;
	if (pcap_dump_flush(o->dumper) == -1) {
		errno = ENOMEM;
		return E_SYS;
	}
	if (writer_write(o->fd, o->memory, o->memory_len) != E_OK) {
		saved = errno;
		if (out_cut(o) == -1)
			saved = errno;
		errno = saved;
		return E_SYS;
	}
	o->written += o->memory_len;
	o->waiting = 0;
	rewind(pcap_dump_file(o->dumper));
	return E_OK;
}

static int
out_packet(void *arg, const struct pcap_item *item, struct span p)
{
	struct pcap_pkthdr h = { .caplen = (uint32_t)p.len, .len = item->len };
	struct pcap_out *o = arg;

	/* With this precision the second field has nanoseconds. */
	h.ts.tv_sec = (time_t)(item->real_ns / NS_PER_S);
	h.ts.tv_usec = (suseconds_t)(item->real_ns % NS_PER_S);
	pcap_dump((u_char *)o->dumper, &h, p.p);
	o->waiting += REPEAT_PACKET_HEAD + p.len;
	return o->waiting >= FLUSH_AT ? out_flush(o) : E_OK;
}

static int
out_next_file(void *arg)
{
	struct pcap_out *o = arg;
	int r;

	if ((r = out_flush(o)) != E_OK)
		return r;
	close(o->fd);
	if ((r = outfile_create(&o->file, ++o->number, &o->fd)) != E_OK)
		return r;
	if (o->kept > 0 && o->number >= o->kept)
		outfile_remove(&o->file, o->number - o->kept);
	return out_begin(o);
}

static int
out_has_room(void *arg, uint64_t size)
{
	const struct pcap_out *o = arg;

	return o->written + o->waiting + size <= o->limit;
}

static uint64_t
out_limit(void *arg)
{
	const struct pcap_out *o = arg;

	return o->limit;
}

static const struct rotate_ops out_rotate_ops = { out_has_room, out_limit,
	out_next_file, out_packet };

static int
out_put(void *arg, struct span bytes)
{
	struct pcap_out *o = arg;
	struct pcap_item item;
	struct span p;

	memcpy(&item, bytes.p, sizeof(item));
	p.p = bytes.p + sizeof(item);
	p.len = bytes.len - sizeof(item);
	return o->rotate != NULL ? rotate_put(o->rotate, &item, p) :
				   out_packet(o, &item, p);
}

const struct writer_ops pcap_out_ops = { out_put, out_flush };

int
pcap_out_new(struct pcap_out **out, const struct capture_conf *conf)
{
	struct pcap_out *o;
	int r = E_NOMEM;

	*out = NULL;
	if ((o = calloc(1, sizeof(*o))) == NULL)
		return E_NOMEM;
	o->fd = -1;
	o->file.dir = -1;
	o->limit = conf->rotate_size;
	o->kept = conf->rotate_count;
	o->pcap = pcap_open_dead_with_tstamp_precision(DLT_WIRESHARK_UPPER_PDU,
	    (int)PDU_PACKET_MAX, PCAP_TSTAMP_PRECISION_NANO);
	if (o->pcap == NULL)
		goto fail;
	if (strcmp(conf->path, "-") == 0) {
		o->fd = conf->fd;
		o->limit = 0;
	} else if ((r = outfile_init(&o->file, conf->path)) != E_OK ||
	    (r = outfile_create(&o->file, 0, &o->fd)) != E_OK) {
		goto fail;
	}
	/* (Its head waits for the thread: the file may be a pipe.) */
	if ((r = out_begin(o)) != E_OK)
		goto fail;
	if (o->limit != 0 &&
	    (r = rotate_new(&o->rotate, &out_rotate_ops, o)) != E_OK)
		goto fail;
	*out = o;
	return E_OK;
fail:
	pcap_out_free(o);
	return r;
}

void
pcap_out_free(struct pcap_out *o)
{
	int saved = errno;

	if (o == NULL)
		return;
	if (o->dumper != NULL)
		pcap_dump_close(o->dumper);
	free(o->memory);
	if (o->pcap != NULL)
		pcap_close(o->pcap);
	rotate_free(o->rotate);
	file_close(&o->fd);
	outfile_fini(&o->file);
	free(o);
	errno = saved;
}
