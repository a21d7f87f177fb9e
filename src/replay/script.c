/* SPDX-License-Identifier: ISC */
#include "replay/script.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "trace/reader.h"
#include "trace/view.h"
#include "wire/head.h"

#define PATHS_MAX (1u << 20)
#define LABEL_MAX 2048
#define AHEAD 4 /* steps that one record can give */

struct script {
	struct model_view view; /* sees requests and replies */
	struct model model;
	struct script_conf conf;
	struct reader *reader;
	struct table_entry *calls;
	uint64_t record, before; /* read; in earlier files */
	struct {
		enum script_step step;
		struct replay_call *call;
	} ahead[AHEAD];
	size_t nahead;
	int ended, failed;
};

static struct script *
script_of(struct model_view *v)
{
	return (struct script *)(void *)v; /* first member */
}

static void
script_fail(struct script *s, const char *why)
{
	log_error("record %" PRIu64 ": %s", s->record, why);
	s->failed = s->ended = 1;
}

static void
script_push(struct script *s, enum script_step step, struct replay_call *c)
{
	if (s->nahead == AHEAD) {
		script_fail(s, "too much at once");
		return;
	}
	s->ahead[s->nahead].step = step;
	s->ahead[s->nahead++].call = c;
}

struct replay_call *
script_find(const struct script *s, uint64_t was)
{
	return table_find(s->calls, &was, sizeof(was));
}

static char *
script_label(const struct call *c, const struct trace_record *r)
{
	char buf[LABEL_MAX];
	struct text t;

	text_init_style(&t, buf, sizeof(buf), TEXT_CALL);
	view_put_call(&t, c, r);
	text_put(&t, ")");
	text_end(&t);
	return strdup(buf);
}

/* Take only requests of the session asked for, as its front sent them. */
static int
script_is_ours(struct script *s, const struct trace_record *r)
{
	if (s->conf.session == 0)
		s->conf.session = r->session;
	return r->session == s->conf.session && !s->ended;
}

static void
script_begin(struct model_view *v, struct call *mc,
    const struct trace_record *r)
{
	struct script *s = script_of(v);
	struct replay_call *c;

	if (!script_is_ours(s, r) || (r->flags & TRACE_OWN))
		return;
	if ((c = script_find(s, mc->key.unique)) != NULL) {
		table_remove(&s->calls, c);
		/* (A reply that has just come is still ahead.) */
		if (c->reply_was.p == NULL)
			script_push(s, SCRIPT_LOST, c);
	}
	c = call_new(r->m, r->kept, s->record);
	if (c != NULL && (c->label = script_label(mc, r)) != NULL) {
		c->names = mc->names;
		c->expect_was = mc->expect;
	}
	if (c == NULL || c->label == NULL ||
	    table_add(&s->calls, c, sizeof(c->was)) != E_OK) {
		if (c != NULL)
			call_free(c, NULL);
		script_fail(s, err_text(E_NOMEM));
		return;
	}
	script_push(s, SCRIPT_SEND, c);
}

static void
script_reply(struct script *s, struct replay_call *c,
    const struct trace_record *r)
{
	c->answered = s->record;
	if (call_keep(&c->reply_was, r->m, r->kept) != E_OK)
		script_fail(s, err_text(E_NOMEM));
}

static void
script_end_call(struct model_view *v, struct call *mc,
    const struct trace_record *r)
{
	struct script *s = script_of(v);
	struct replay_call *c;

	if (r == NULL || !script_is_ours(s, r) ||
	    (c = script_find(s, mc->key.unique)) == NULL)
		return;
	script_reply(s, c, r);
	script_push(s, SCRIPT_REPLY, c);
}

static void
script_other(struct model_view *v, struct conn *conn,
    const struct trace_record *r, struct call *mc)
{
	struct script *s = script_of(v);
	struct replay_call *c;

	(void)conn;
	(void)mc;
	if (r->kind == TRACE_LOST)
		log_warn("record %" PRIu64 ": %" PRIu64 " records were lost "
			 "here: what follows may differ for that",
		    s->record, get_u64(r->m, TRACE_LOST_COUNT));
	/* The reply that came last, as the front got it. */
	if (r->kind != TRACE_REPLY || !(r->flags & TRACE_REWRITTEN) ||
	    s->nahead == 0 || s->ahead[s->nahead - 1].step != SCRIPT_REPLY)
		return;
	c = s->ahead[s->nahead - 1].call;
	if (r->session == s->conf.session && c->was == head_unique(r->m))
		script_reply(s, c, r);
}

/* ---- reading ---- */

static int
script_open_file(struct script *s)
{
	const char *name = *s->conf.files;
	char why[READER_WHY_MAX];
	FILE *f;
	int r;

	if ((f = fopen(name, "rbe")) == NULL) {
		log_error("%s: %s", name, strerror(errno));
		return E_SYS;
	}
	r = reader_open(&s->reader, f, READER_CAPTURE, why);
	if (r != E_OK)
		log_error("%s: %s", name, r == E_NOMEM ? err_text(r) : why);
	return r;
}

/* Hand the next record to the model, whose view this is. */
static void
script_read(struct script *s)
{
	char why[READER_WHY_MAX];
	struct trace_record r;
	uint64_t skipped;
	int ret;

	if (s->reader == NULL && script_open_file(s) != E_OK) {
		s->failed = s->ended = 1;
		return;
	}
	if ((ret = reader_next(s->reader, &r, why)) == 1) {
		s->record = s->before + reader_number(s->reader);
		s->model.sink.record(&s->model.sink, &r);
		return;
	}
	/* The writer of a capture may have been killed. */
	if (ret == E_EOF)
		log_warn("%s: %s", *s->conf.files, why);
	else if (ret != 0)
		log_error("%s: %s", *s->conf.files, why);
	s->failed |= ret != 0 && ret != E_EOF;
	if ((skipped = reader_skipped(s->reader, why)) > 0) {
		log_error("%s: packets passed over: %" PRIu64 ", the first: "
			  "%s",
		    *s->conf.files, skipped, why);
		s->failed = 1;
	}
	reader_free(s->reader);
	s->reader = NULL;
	s->before = s->record;
	if (*++s->conf.files == NULL)
		s->ended = 1;
}

/* A reply is final when the record after it has been read. */
static int
script_is_sure(const struct script *s)
{
	return s->ended || s->nahead > 1 ||
	    (s->nahead == 1 && s->ahead[0].step != SCRIPT_REPLY);
}

enum script_step
script_next(struct script *s, struct replay_call **c)
{
	enum script_step step;

	*c = NULL;
	while (!script_is_sure(s))
		script_read(s);
	if (s->nahead == 0)
		return SCRIPT_END;
	*c = s->ahead[0].call;
	step = s->ahead[0].step;
	memmove(s->ahead, s->ahead + 1, --s->nahead * sizeof(s->ahead[0]));
	return step;
}

void
script_done(struct script *s, struct replay_call *c, struct replay_maps *maps)
{
	if (script_find(s, c->was) == c)
		table_remove(&s->calls, c);
	call_free(c, maps);
}

/* The first request must be INIT: without it the layouts are not known. */
static int
script_check(struct script *s)
{
	while (!script_is_sure(s))
		script_read(s);
	if (s->failed)
		return E_VALUE;
	if (s->nahead == 0) {
		log_error("there is no request in this capture%s",
		    s->conf.session != 0 ? ", or not of that session" : "");
		return E_VALUE;
	}
	if (s->ahead[0].call->opcode != FUSE_OP_INIT) {
		log_error("session %" PRIu32 " does not begin in this "
			  "capture: its first request is %s",
		    s->conf.session, s->ahead[0].call->label);
		return E_VALUE;
	}
	return E_OK;
}

int
script_open(struct script **out, const struct script_conf *conf)
{
	struct script *s = calloc(1, sizeof(*s));
	char *const *file;
	int r;

	*out = NULL;
	if (s == NULL) {
		log_error("replay: out of memory");
		return E_NOMEM;
	}
	s->conf = *conf;
	s->view.begin = script_begin;
	s->view.end = script_end_call;
	s->view.other = script_other;
	model_init(&s->model, PATHS_MAX);
	model_add(&s->model, &s->view);
	for (file = conf->files; *file != NULL; file++) {
		if (access(*file, R_OK) == 0)
			continue;
		log_error("%s: %s", *file, strerror(errno));
		script_free(s, NULL);
		return E_SYS;
	}
	if ((r = script_check(s)) != E_OK) {
		script_free(s, NULL);
		return r;
	}
	*out = s;
	return E_OK;
}

void
script_free(struct script *s, struct replay_maps *maps)
{
	struct replay_call *c;
	size_t i;

	if (s == NULL)
		return;
	s->ended = 1;
	for (i = 0; i < s->nahead; i++)
		if (script_find(s, s->ahead[i].call->was) != s->ahead[i].call)
			call_free(s->ahead[i].call, maps);
	while ((c = (void *)s->calls) != NULL) {
		table_remove(&s->calls, c);
		call_free(c, maps);
	}
	model_fini(&s->model);
	reader_free(s->reader);
	free(s);
}

const struct wire_proto *
script_proto(struct script *s)
{
	const struct conn *conn = model_conn(&s->model, s->conf.session);

	return conn == NULL ? &wire_proto_unknown : &conn->proto;
}

uint64_t
script_record(const struct script *s)
{
	return s->record;
}

int
script_failed(const struct script *s)
{
	return s->failed;
}
