/* SPDX-License-Identifier: ISC */
#include "emulator/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "wire/errors.h"
#include "wire/head.h"
#include "wire/init.h"

#define CLIENT_READAHEAD (128u * 1024)
#define CLIENT_EXT_MINOR 36   /* first with the long INIT */
#define CLIENT_BATCH_MINOR 16 /* first with BATCH_FORGET */
#define CLIENT_BATCH 64	      /* nodes in one */

/* What is offered, and since which minor: an older kernel does not know
 * the bit, and its peer may take the message for another dialect's. */
static const struct {
	int bit;
	unsigned since;
} client_flag[] = {
	{ WIRE_BIT_BOTH_ASYNC_READ, 6 },
	{ WIRE_BIT_BOTH_ATOMIC_O_TRUNC, 9 },
	{ WIRE_BIT_BOTH_BIG_WRITES, 9 },
	{ WIRE_BIT_LINUX_AUTO_INVAL_DATA, 20 },
	{ WIRE_BIT_LINUX_ASYNC_DIO, 22 },
	{ WIRE_BIT_LINUX_NO_OPEN_SUPPORT, 23 },
	{ WIRE_BIT_LINUX_PARALLEL_DIROPS, 25 },
	{ WIRE_BIT_LINUX_MAX_PAGES, 28 },
	{ WIRE_BIT_LINUX_NO_OPENDIR_SUPPORT, 29 },
};

#define CLIENT_FLAGS (sizeof(client_flag) / sizeof(client_flag[0]))

/* A node that the daemon has told of. */
struct client_node {
	struct table_entry entry;
	uint64_t nodeid;
	uint64_t count; /* of its lookups */
};

static uint64_t
client_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* There is nothing to do: the timer only ends a turn of the event loop. */
static void
client_timer_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

int
client_init(struct client *c, struct event_base *base, struct channel *channel,
    unsigned timeout)
{
	memset(c, 0, sizeof(*c));
	c->base = base;
	c->channel = channel;
	c->timeout = timeout;
	wire_buf_init(&c->buf);
	if (evtimer_assign(&c->timer, base, client_timer_cb, c) != 0)
		return E_SYS;
	return E_OK;
}

void
client_fini(struct client *c)
{
	if (event_initialized(&c->timer))
		event_del(&c->timer);
	table_free(&c->nodes);
	wire_buf_fini(&c->buf);
}

void
client_begin(struct client *c, uint32_t opcode, uint64_t nodeid)
{
	/* Linux numbers by 2; odd numbers are for interrupts. */
	c->unique += 2;
	wire_begin_request(&c->buf, opcode, c->unique, nodeid);
	if (opcode != FUSE_OP_INIT && opcode != FUSE_OP_RELEASE &&
	    opcode != FUSE_OP_RELEASEDIR)
		wire_set_caller(&c->buf, (uint32_t)getuid(),
		    (uint32_t)getgid(), (uint32_t)getpid());
}

void
client_fit(struct client *c, uint32_t opcode)
{
	size_t want = WIRE_REQ_HEADER +
	    op_in_size(op_find(opcode), &c->channel->proto);

	if (c->buf.len > want)
		c->buf.len = want;
	else
		wire_put_zero(&c->buf, want - c->buf.len);
}

/* Finish the request and give it to the channel. */
static int
client_pass(struct client *c, struct client_call *call, struct span *m)
{
	int r;

	if ((r = wire_end(&c->buf, m)) != E_OK)
		return r;
	if (c->ended != 0)
		return c->ended;
	return channel_ask(c->channel, *m, call);
}

void
client_send(struct client *c, struct client_call *call)
{
	struct span m;
	int r;

	memset(call, 0, sizeof(*call));
	call->r = E_AGAIN;
	call->deadline = client_now() + c->timeout * 1000ull;
	if ((r = client_pass(c, call, &m)) != E_OK)
		call->r = r;
	call->opcode = head_opcode(m);
	call->unique = head_unique(m);
}

int
client_tell(struct client *c)
{
	struct span m;

	return client_pass(c, NULL, &m);
}

void
client_answer(struct client *c, struct client_call *call, struct span m)
{
	(void)c;
	if (call == NULL)
		return;
	call->r = -head_error(m);
	if ((call->reply = malloc(m.len)) == NULL) {
		call->r = E_NOMEM;
		return;
	}
	memcpy(call->reply, m.p, m.len);
	call->len = m.len;
}

int
client_wait(struct client *c, struct client_call *call)
{
	char name[OP_NAME_MAX];
	struct timeval tv;
	uint64_t now;

	while (call->r == E_AGAIN) {
		if (c->ended != 0) {
			call->r = c->ended;
			break;
		}
		now = client_now();
		if (now >= call->deadline) {
			call->r = E_TIMEOUT;
			snprintf(c->why, sizeof(c->why),
			    "no reply to %s unique=%llu within %u s",
			    op_name_of(call->opcode, name),
			    (unsigned long long)call->unique, c->timeout);
			break;
		}
		tv.tv_sec = (time_t)((call->deadline - now) / 1000);
		tv.tv_usec = (suseconds_t)((call->deadline - now) % 1000) *
		    1000;
		event_add(&c->timer, &tv);
		if (event_base_loop(c->base, EVLOOP_ONCE) == -1)
			c->ended = E_SYS;
	}
	event_del(&c->timer);
	return call->r;
}

void
client_done(struct client *c, struct client_call *call)
{
	/* A reply after its deadline must not find the call. */
	if (call->reply == NULL)
		channel_forget(c->channel, call);
	free(call->reply);
	call->reply = NULL;
	call->len = 0;
}

struct span
client_reply(const struct client_call *call)
{
	return (struct span){ call->reply, call->len };
}

void
client_stop(struct client *c, int r)
{
	if (c->ended == 0)
		c->ended = r;
	event_active(&c->timer, EV_TIMEOUT, 0);
}

const char *
client_why(struct client *c, int r, const char *what)
{
	const char *name;

	if (r > 0) {
		name = wire_errno_name(WIRE_ON_HOST, r);
		snprintf(c->why, sizeof(c->why), "%s: error %d %s", what, r,
		    name != NULL ? name : "");
	} else if (r != E_TIMEOUT) {
		snprintf(c->why, sizeof(c->why), "%s: %s", what,
		    r == E_EOF ? "the daemon closed the channel" :
			r == E_PROTO || r == E_DESYNC ?
				 "bad reply, see the log" :
				 err_text(r));
	}
	return c->why;
}

static uint32_t
client_offer(unsigned minor)
{
	uint32_t flags = 0;
	size_t i;

	for (i = 0; i < CLIENT_FLAGS; i++)
		if (client_flag[i].since <= minor)
			flags |= 1u << client_flag[i].bit;
	return flags;
}

/* What INIT settled: how much fits in one message. */
static void
client_agree(struct client *c, size_t max_data)
{
	const struct wire_proto *pr = &c->channel->proto;
	size_t max_write = pr->max_write;

	c->minor = pr->minor;
	c->max_read = pr->max_read;
	if (c->max_read > max_data || (c->quirks & CLIENT_IGNORES_MAX))
		c->max_read = max_data;
	if (c->quirks & CLIENT_IGNORES_MAX)
		max_write = max_data;
	c->max_write = max_write < c->max_read ? max_write : c->max_read;
}

int
client_start(struct client *c, unsigned minor, size_t max_data)
{
	struct client_call call;
	int r;

	client_begin(c, FUSE_OP_INIT, 0);
	wire_put_u32(&c->buf, WIRE_MAJOR);
	wire_put_u32(&c->buf, minor);
	wire_put_u32(&c->buf, CLIENT_READAHEAD);
	wire_put_u32(&c->buf, client_offer(minor));
	if (minor >= CLIENT_EXT_MINOR)
		client_fit(c, FUSE_OP_INIT);
	client_send(c, &call);
	if ((r = client_wait(c, &call)) == 0)
		client_agree(c, max_data);
	client_done(c, &call);
	return r;
}

int
client_ref(struct client *c, uint64_t nodeid)
{
	struct client_node *node;

	if (nodeid == 0 || nodeid == WIRE_ROOT_ID)
		return E_OK;
	node = table_get(&c->nodes, &nodeid, sizeof(nodeid), sizeof(*node));
	if (node == NULL)
		return E_NOMEM;
	node->count++;
	return E_OK;
}

/* Remove the first node from the table; returns its number of lookups. */
static uint64_t
client_take_node(struct client *c, uint64_t *nodeid)
{
	struct client_node *node = (void *)c->nodes;
	uint64_t count = node->count;

	*nodeid = node->nodeid;
	table_drop(&c->nodes, node);
	return count;
}

static int
client_forget_one(struct client *c)
{
	uint64_t nodeid, count = client_take_node(c, &nodeid);

	client_begin(c, FUSE_OP_FORGET, nodeid);
	wire_put_u64(&c->buf, count);
	return client_tell(c);
}

/* Give back up to CLIENT_BATCH nodes in one message. */
static int
client_forget_batch(struct client *c)
{
	uint32_t n = (uint32_t)table_count(c->nodes);
	uint64_t nodeid, count;

	if (n > CLIENT_BATCH)
		n = CLIENT_BATCH;
	client_begin(c, FUSE_OP_BATCH_FORGET, 0);
	wire_put_u32(&c->buf, n);
	wire_put_u32(&c->buf, 0);
	while (n-- > 0) {
		count = client_take_node(c, &nodeid);
		wire_put_u64(&c->buf, nodeid);
		wire_put_u64(&c->buf, count);
	}
	return client_tell(c);
}

int
client_forget_all(struct client *c)
{
	int r = E_OK, single = 0;

	/* Some one by one, as a kernel with little to forget does. */
	for (; r == E_OK && c->nodes != NULL; single++)
		r = c->minor >= CLIENT_BATCH_MINOR && single >= 2 ?
		    client_forget_batch(c) :
		    client_forget_one(c);
	return r;
}
