/* SPDX-License-Identifier: ISC */
#include "replay/replay.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "replay/directory.h"
#include "replay/player.h"
#include "wire/head.h"

#define LINE_MAX_LEN 4096
#define KEEP_REQUEST 4096 /* bytes that are kept once it is sent */
#define BIT_INTERRUPT 1u  /* in the unique, as on Linux */

/* ---- printing ---- */

static void
replay_tell(struct replay *r, const struct replay_call *c, const char *what)
{
	r->totals.differences++;
	fprintf(r->conf.out, "record %" PRIu64 " unique %" PRIu64 " %s: %s\n",
	    c->record, c->was, c->label, what);
}

const char *
replay_skip_text(enum replay_skip skip)
{
	switch (skip) {
	case SKIP_DATA:
		return "lack data in the capture";
	case SKIP_AFTER:
		return "depend on data that is not in the capture";
	case SKIP_NODE:
		return "name a node which there is not";
	case SKIP_HANDLE:
		return "name a file handle which there is not";
	case SKIP_TARGET:
		return "interrupt what is not in flight";
	case SKIP_NOTIFY:
		return "answer a notification";
	case SKIP_FORGET:
		return "take back what the file system did not give";
	default:
		return "are malformed";
	}
}

int
replay_skip_is_natural(enum replay_skip skip)
{
	return skip == SKIP_TARGET || skip == SKIP_NOTIFY ||
	    skip == SKIP_FORGET;
}

/* ---- sending ---- */

static int
is_answered(const struct replay_call *c)
{
	return c->op == NULL ||
	    (op_flags(c->op) & (OP_NOREPLY | OP_MAYREPLY)) == 0;
}

static void
replay_skip(struct replay *r, struct replay_call *c, enum replay_skip skip)
{
	c->state = CALL_SKIPPED;
	r->totals.skipped[skip]++;
	log_info("record %" PRIu64 " %s: skipped, as those that %s", c->record,
	    c->label, replay_skip_text(skip));
}

/* Write the new unique of the request that c interrupts into c, and give c a
 * unique that is made of it. */
static enum replay_skip
replay_interrupt(struct replay *r, struct replay_call *c, size_t off)
{
	struct span m = call_span(&c->request);
	struct replay_call *target;

	target = script_find(r->script, get_u64(m, off));
	if (target == NULL || target->state != CALL_SENT)
		return SKIP_TARGET;
	target->interrupted = 1;
	c->unique = target->unique | BIT_INTERRUPT;
	put_u64(c->request.p, c->request.len, off, target->unique);
	return SKIP_NOT;
}

static enum replay_skip
replay_translate(struct replay *r, struct replay_call *c)
{
	const struct wire_proto *pr = script_proto(r->script);
	enum replay_skip skip = call_translate(c, &r->maps, pr);
	size_t off = c->op == NULL ?
	    0 :
	    op_in_unique(c->op, pr, call_span(&c->request));

	c->unique = r->unique;
	if (skip == SKIP_NOT && off != 0)
		skip = replay_interrupt(r, c, off);
	if (skip != SKIP_NOT)
		return skip;
	if (off == 0)
		r->unique += PLAYER_UNIQUE_STEP;
	head_set_unique(c->request.p, c->request.len, c->unique);
	wire_expect_set(&c->expect_is, &r->channel.proto,
	    call_span(&c->request));
	return SKIP_NOT;
}

static void
replay_send(struct replay *r, struct replay_call *c)
{
	enum replay_skip skip = replay_translate(r, c);
	int ret;

	r->totals.recorded += !replay_skip_is_natural(skip) && is_answered(c);
	if (skip == SKIP_NOT) {
		ret = channel_ask(&r->channel, call_span(&c->request),
		    is_answered(c) ? c : NULL);
		if (ret != E_OK && ret != E_EOF)
			skip = SKIP_FAULTY;
	}
	if (skip != SKIP_NOT) {
		replay_skip(r, c, skip);
	} else {
		r->totals.requests++;
		c->state = CALL_SENT;
		call_begin_changes(c, &r->maps, script_proto(r->script));
	}
	if (!is_answered(c)) {
		call_end_changes(c, &r->maps);
		script_done(r->script, c, &r->maps);
	} else if (c->request.len > KEEP_REQUEST) {
		free(c->request.p);
		memset(&c->request, 0, sizeof(c->request));
	}
}

/* ---- comparing ---- */

static void
replay_compare(struct replay *r, const struct replay_call *c)
{
	struct wire_answer was = { script_proto(r->script), &c->expect_was,
		call_span(&c->reply_was), c->reply_was.kept };
	struct wire_answer is = { &r->channel.proto, &c->expect_is,
		call_span(&c->reply_is), c->reply_is.kept };
	unsigned any = call_may_differ(c, &r->maps);
	char line[LINE_MAX_LEN];
	struct text t;

	if (any & CALL_UNDECIDED) {
		r->totals.undecided++;
		return;
	}
	r->totals.compared++;
	r->totals.in_part += c->reply_was.kept < c->reply_was.len;
	text_init(&t, line, sizeof(line));
	if (!wire_put_difference(&t, &was, &is, any))
		return;
	text_end(&t);
	replay_tell(r, c, line);
}

static void
replay_compare_listings(struct replay *r, const struct replay_call *c)
{
	char line[LINE_MAX_LEN];
	struct text t;

	text_init(&t, line, sizeof(line));
	if (!directory_difference(c, &r->maps, script_proto(r->script),
		&r->channel.proto, &t))
		return;
	text_end(&t);
	replay_tell(r, c, line);
}

/* Compare, now that both replies are here. */
static void
replay_both(struct replay *r, struct replay_call *c)
{
	const struct wire_proto *pr_was = script_proto(r->script);
	const struct wire_proto *pr_is = &r->channel.proto;
	int ret;

	replay_compare(r, c);
	ret = call_learn(c, &r->maps, pr_was, pr_is);
	if (ret == E_OK && head_error(call_span(&c->reply_was)) == 0 &&
	    head_error(call_span(&c->reply_is)) == 0)
		ret = directory_learn(c, &r->maps, pr_was, pr_is);
	if (ret != E_OK)
		log_warn("record %" PRIu64 " %s: %s", c->record, c->label,
		    err_text(ret));
}

/* Done with the call that is due: 1; 0: it waits for a reply. */
static int
replay_settle(struct replay *r)
{
	struct replay_call *c = r->due;
	char line[64];

	if (c->state == CALL_SENT && !r->gone)
		return 0;
	if (c->state == CALL_ANSWERED) {
		if (c->asks == 0)
			replay_both(r, c);
		else if (player_asked(r, c) != E_OK)
			log_info("record %" PRIu64 " %s: can't read on",
			    c->record, c->label);
		if (player_asks(r, c))
			return 0;
		replay_compare_listings(r, c);
	} else if (c->state == CALL_LATE) {
		snprintf(line, sizeof(line), "no reply in %g s",
		    r->conf.timeout_ms / 1000.0);
		replay_tell(r, c, line);
	}
	call_end_changes(c, &r->maps);
	script_done(r->script, c, &r->maps);
	r->due = NULL;
	return 1;
}

/* ---- the steps of the script ---- */

static void
replay_lost(struct replay *r, struct replay_call *c)
{
	channel_forget(&r->channel, c);
	c->answered = script_record(r->script);
	call_end_changes(c, &r->maps);
	script_done(r->script, c, &r->maps);
}

/* One step of the script.  0 at its end. */
static int
replay_step(struct replay *r)
{
	struct replay_call *c;

	switch (script_next(r->script, &c)) {
	case SCRIPT_SEND:
		r->held = c;
		return 1;
	case SCRIPT_REPLY:
		r->due = c;
		return 1;
	case SCRIPT_LOST:
		replay_lost(r, c);
		return 1;
	case SCRIPT_END:
	default:
		return 0;
	}
}

static void
replay_wait(struct replay *r)
{
	struct timeval tv;

	tv.tv_sec = (time_t)(r->conf.timeout_ms / 1000);
	tv.tv_usec = (suseconds_t)(r->conf.timeout_ms % 1000) * 1000;
	event_add(r->timer, &tv);
}

/* Take steps until a reply has to be waited for. */
static void
replay_run(struct replay *r)
{
	event_del(r->timer);
	while (!r->gone) {
		if (r->due != NULL && !replay_settle(r)) {
			replay_wait(r);
			return;
		}
		if (r->held != NULL) {
			if (sender_is_full(&r->channel.sender))
				return;
			replay_send(r, r->held);
			r->held = NULL;
		}
		if (!replay_step(r)) {
			r->done = 1;
			break;
		}
	}
	/* The last request must have been sent. */
	if (r->gone || sender_is_idle(&r->channel.sender))
		event_active(r->finish, EV_TIMEOUT, 0);
}

static void
replay_reply_cb(void *arg, void *user, uint32_t opcode, struct span reply)
{
	struct replay_call *c = user;
	struct replay *r = arg;

	(void)opcode;
	if (c == NULL)
		return;
	if (call_keep(&c->reply_is, reply, reply.len) != E_OK) {
		log_error("%s", err_text(E_NOMEM));
		r->gone = 1;
	}
	c->state = CALL_ANSWERED;
	if (c == r->due || r->gone)
		replay_run(r);
}

static void
replay_room_cb(void *arg)
{
	struct replay *r = arg;

	if (r->held != NULL || r->done)
		replay_run(r);
}

static void
replay_end_cb(void *arg, int ret)
{
	struct replay *r = arg;

	if (ret != E_EOF)
		log_error("replay: %s", err_text(ret));
	r->gone = 1;
	replay_run(r);
}

static const struct channel_calls replay_channel_calls = {
	.reply = replay_reply_cb,
	.room = replay_room_cb,
	.end = replay_end_cb,
};

static void
replay_timer_cb(evutil_socket_t fd, short what, void *arg)
{
	struct replay *r = arg;

	(void)fd;
	(void)what;
	channel_forget(&r->channel, r->due);
	r->due->state = CALL_LATE;
	replay_run(r);
}

/* (The channel is not closed within one of its own events.) */
static void
replay_finish_cb(evutil_socket_t fd, short what, void *arg)
{
	struct replay *r = arg;

	(void)fd;
	(void)what;
	if (r->open)
		channel_fini(&r->channel);
	r->open = 0;
}

int
replay_start(struct replay *r, struct event_base *base, int fd)
{
	struct channel_conf conf = { .shape = r->conf.shaping.shape,
		.delay = r->conf.shaping.delay,
		.slow = r->conf.shaping.short_writes,
		.patience = r->conf.timeout_ms };
	int ret;

	ret = channel_init(&r->channel, base, fd, &conf, &replay_channel_calls,
	    r);
	r->open = 1;
	if (ret != E_OK)
		return ret;
	r->timer = evtimer_new(base, replay_timer_cb, r);
	r->finish = evtimer_new(base, replay_finish_cb, r);
	if (r->timer == NULL || r->finish == NULL)
		return E_NOMEM;
	replay_run(r);
	return E_OK;
}

void
replay_stop(struct replay *r)
{
	replay_finish_cb(-1, 0, r);
	if (r->timer != NULL)
		event_free(r->timer);
	if (r->finish != NULL)
		event_free(r->finish);
	r->timer = r->finish = NULL;
}

int
replay_result(const struct replay *r, struct replay_totals *totals)
{
	*totals = r->totals;
	if (script_failed(r->script))
		return E_VALUE;
	return r->done ? E_OK : E_EOF;
}

int
replay_new(struct replay **out, const struct replay_conf *conf)
{
	struct replay *r = calloc(1, sizeof(*r));
	int ret;

	*out = NULL;
	if (r == NULL) {
		log_error("replay: out of memory");
		return E_NOMEM;
	}
	r->conf = *conf;
	r->unique = PLAYER_UNIQUE_STEP;
	wire_buf_init(&r->buf);
	if ((ret = maps_init(&r->maps)) != E_OK)
		log_error("replay: %s", err_text(ret));
	else
		ret = script_open(&r->script, &conf->script);
	if (ret != E_OK) {
		replay_free(r);
		return ret;
	}
	*out = r;
	return E_OK;
}

void
replay_free(struct replay *r)
{
	if (r == NULL)
		return;
	replay_stop(r);
	/* (The script may not have it any more.) */
	if (r->due != NULL)
		script_done(r->script, r->due, &r->maps);
	script_free(r->script, &r->maps);
	maps_fini(&r->maps);
	wire_buf_fini(&r->buf);
	free(r);
}
