/* SPDX-License-Identifier: ISC */
#include "tests/trace_feed.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define START_NS UINT64_C(1790000000123456789)
#define STEP_NS 1500

struct feed {
	struct trace_sink *to;
	uint64_t ns, offset;
};

static const struct wire_proto *const protos[] = {
	&proto_linux,
	&proto_linux_ext,
	&proto_linux_old,
	&proto_darwin,
	&proto_darwin_swap,
	&proto_darwin_old,
	&proto_darwin3,
	&proto_linux_first,
};

static void
feed_record(struct feed *f, uint32_t session, enum trace_kind kind,
    struct span m, const struct wire_proto *proto)
{
	struct trace_record r = { .kind = (uint8_t)kind,
		.dir = kind == TRACE_REQUEST ? TRACE_TO_DAEMON :
					       TRACE_TO_FRONT,
		.session = session,
		.real_ns = START_NS + f->ns,
		.mono_ns = f->ns,
		.offset = f->offset,
		.pieces = kind == TRACE_REQUEST ? 2 : 0,
		.first = 40,
		.kept = (uint32_t)m.len,
		.m = m,
		.proto = proto };

	f->ns += STEP_NS;
	if (kind == TRACE_REQUEST)
		f->offset += m.len;
	f->to->record(f->to, &r);
}

static void
feed_reply(struct feed *f, uint32_t session, const struct sample *request,
    const struct sample *reply)
{
	struct trace_record r = { .kind = TRACE_REPLY,
		.dir = TRACE_TO_FRONT,
		.session = session,
		.proto = request->proto };
	struct wire_expect e;
	struct wire_buf b;
	struct span m;

	wire_buf_init(&b);
	m = sample_build(&b, request);
	wire_expect_set(&e, request->proto, m);
	feed_record(f, session, TRACE_REQUEST, m, request->proto);
	m = sample_build(&b, reply);
	r.mono_ns = f->ns;
	r.real_ns = START_NS + f->ns;
	r.expect = &e;
	r.kept = (uint32_t)m.len;
	r.m = m;
	f->ns += STEP_NS;
	f->to->record(f->to, &r);
	wire_buf_fini(&b);
}

/* A request with every reply there is a sample of, or by itself. */
static void
feed_request(struct feed *f, uint32_t session, const struct sample *s)
{
	const struct sample *reply;
	struct wire_buf b;
	size_t i;
	int replies = 0;

	for (i = 0; (reply = sample_at(i)) != NULL; i++) {
		if (reply->kind != SAMPLE_REPLY ||
		    reply->opcode != s->opcode || reply->proto != s->proto)
			continue;
		feed_reply(f, session, s, reply);
		replies++;
	}
	if (replies > 0)
		return;
	wire_buf_init(&b);
	feed_record(f, session, TRACE_REQUEST, sample_build(&b, s), s->proto);
	wire_buf_fini(&b);
}

static void
feed_text_record(struct feed *f, uint32_t session, enum trace_kind kind,
    const char *text, size_t len)
{
	feed_record(f, session, kind,
	    (struct span){ (const uint8_t *)text, len }, NULL);
}

static void
feed_session(struct feed *f, uint32_t session)
{
	static const char caller[] = "\0\0\0\0sample\xff\"";
	const struct wire_proto *proto = protos[session - 1];
	const struct sample *s;
	struct wire_buf b;
	size_t i;

	feed_text_record(f, session, TRACE_BEGIN, "/mnt/\"x", 7);
	feed_text_record(f, session, TRACE_CALLER, caller, sizeof(caller) - 1);
	wire_buf_init(&b);
	for (i = 0; (s = sample_at(i)) != NULL; i++) {
		if (s->proto != proto)
			continue;
		if (s->kind == SAMPLE_REQUEST && s->opcode != FUSE_OP_INIT)
			feed_request(f, session, s);
		else if (s->kind == SAMPLE_NOTIFY)
			feed_record(f, session, TRACE_NOTIFY,
			    sample_build(&b, s), proto);
	}
	wire_buf_fini(&b);
	/* At last, since it settles how all others are read. */
	if ((s = sample_request(FUSE_OP_INIT, proto)) != NULL)
		feed_request(f, session, s);
	feed_text_record(f, session, TRACE_END, "the front is gone", 17);
}

void
feed_samples(struct trace_sink *to)
{
	struct feed f = { .to = to };
	uint64_t lost = 7;
	uint32_t i;

	for (i = 1; i <= sizeof(protos) / sizeof(protos[0]); i++)
		feed_session(&f, i);
	feed_text_record(&f, 0, TRACE_LOST, (const char *)&lost, sizeof(lost));
}

void
feed_put(void *arg, const char *p, size_t n)
{
	struct feed_text *t = arg;

	if ((t->p = realloc(t->p, t->len + n + 1)) == NULL)
		abort();
	memcpy(t->p + t->len, p, n);
	t->len += n;
	t->p[t->len] = '\0';
}

/* ---- RFC 8259, as far as objects of ours need it ---- */

struct json {
	const char *p, *end;
};

static int json_value(struct json *j, int depth);

static int
json_take(struct json *j, char c)
{
	if (j->p == j->end || *j->p != c)
		return 0;
	j->p++;
	return 1;
}

static int
json_escape(struct json *j)
{
	int i;

	if (j->p == j->end)
		return 0;
	if (*j->p != 'u')
		return strchr("\"\\/bfnrt", *j->p++) != NULL;
	j->p++;
	for (i = 0; i < 4; i++)
		if (j->p == j->end || !isxdigit((unsigned char)*j->p++))
			return 0;
	return 1;
}

static int
json_string(struct json *j)
{
	if (!json_take(j, '"'))
		return 0;
	while (j->p < j->end && *j->p != '"') {
		if ((unsigned char)*j->p < 0x20)
			return 0;
		if (*j->p++ == '\\' && !json_escape(j))
			return 0;
	}
	return json_take(j, '"');
}

static int
json_number(struct json *j)
{
	const char *start;

	json_take(j, '-');
	start = j->p;
	while (j->p < j->end && isdigit((unsigned char)*j->p))
		j->p++;
	if (j->p == start || (*start == '0' && j->p > start + 1))
		return 0;
	if (!json_take(j, '.'))
		return 1;
	for (start = j->p; j->p < j->end && isdigit((unsigned char)*j->p);)
		j->p++;
	return j->p > start;
}

static int
json_list(struct json *j, char close, int depth)
{
	j->p++;
	if (json_take(j, close))
		return 1;
	do {
		if (close == '}' && (!json_string(j) || !json_take(j, ':')))
			return 0;
		if (!json_value(j, depth + 1))
			return 0;
	} while (json_take(j, ','));
	return json_take(j, close);
}

static int
json_word(struct json *j, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(j->end - j->p) < n || memcmp(j->p, word, n) != 0)
		return 0;
	j->p += n;
	return 1;
}

static int
json_value(struct json *j, int depth)
{
	if (j->p == j->end || depth > 16)
		return 0;
	switch (*j->p) {
	case '{':
		return json_list(j, '}', depth);
	case '[':
		return json_list(j, ']', depth);
	case '"':
		return json_string(j);
	case 't':
		return json_word(j, "true");
	case 'f':
		return json_word(j, "false");
	case 'n':
		return json_word(j, "null");
	default:
		return json_number(j);
	}
}

int
feed_is_json(const char *line, size_t len)
{
	struct json j = { line, line + len };

	return len > 0 && *line == '{' && json_value(&j, 0) && j.p == j.end;
}
