/* SPDX-License-Identifier: ISC */
/* What tests have to know, or to set, that a session tells nobody else. */
#include "bed.h"
#include "relay/port_own.h"
#include "relay/session_own.h"
#include "tests/frame_own.h"

uint64_t
bed_progress(void)
{
	const struct session *s = bed.s;
	uint64_t sum = 0;

	sum = sum * 31 + s->front->stats.read + s->dev->stats.read;
	sum = sum * 31 + s->front->stats.in + s->front->stats.out;
	sum = sum * 31 + s->dev->stats.in + s->dev->stats.out;
	sum = sum * 31 + s->front->out.bytes;
	sum = sum * 31 + s->dev->out.bytes;
	sum = sum * 31 + s->front->dead + 2u * s->dev->dead;
	sum = sum * 31 + s->front->paused + 2u * s->dev->paused;
	sum = sum * 31 + (unsigned)s->state;
	sum = sum * 31 + (unsigned)(bed.daemon_gone + bed.front_gone);
	return sum;
}

int
bed_front_fd(void)
{
	return bed.s->front->fd;
}

int
bed_device_fd(void)
{
	return bed.s->dev->fd;
}

int
bed_front_is_held(void)
{
	return bed.s->held;
}

int
bed_device_is_held(void)
{
	return bed.s->dev->paused;
}

size_t
bed_queued_requests(void)
{
	return bed.s->dev->out.count;
}

size_t
bed_queued_for_daemon(void)
{
	return bed.s->dev->out.bytes;
}

size_t
bed_queued_for_front(void)
{
	return bed.s->front->out.bytes;
}

int
bed_is_backing_off(void)
{
	return evtimer_pending(bed.s->front->retry, NULL) ||
	    evtimer_pending(bed.s->dev->retry, NULL);
}

size_t
bed_front_buffer(void)
{
	const struct port_stream *front = (const void *)bed.s->front;

	return frame_own_cap(&front->frame);
}

void
bed_put_request(struct span m)
{
	port_put(bed.s->dev, m);
	port_flush(bed.s->dev);
}

int
bed_is_ready(void)
{
	return bed.s->init_done;
}

int
bed_is_open(void)
{
	return bed.s->state == SESSION_OPEN;
}

int
bed_is_destroying(void)
{
	return bed.s->state == SESSION_DESTROY;
}

size_t
bed_data_max(void)
{
	return bed.s->data_max;
}

size_t
bed_request_max(void)
{
	return bed.s->request_max;
}

size_t
bed_carries(void)
{
	return bed.s->carry_request;
}

void
bed_carry_at_most(size_t bytes)
{
	bed.s->carry_request = bytes;
}

size_t
bed_answered_kept(void)
{
	return bed.s->inflight.nexpired;
}

size_t
bed_kept_of_writes(void)
{
	return bed.s->parts.writes;
}

size_t
bed_kept_for_reads(void)
{
	return bed.s->parts.reads;
}

void
bed_set_part_unique(uint64_t unique)
{
	bed.s->parts.unique = unique;
}
