/* SPDX-License-Identifier: ISC */
#include "trace/filter.h"

#include <string.h>
#include <strings.h>

#include "trace/notification.h"
#include "wire/head.h"
#include "wire/ops.h"

enum op_class {
	IN_file = 1 << 0,
	IN_data = 1 << 1,
	IN_dir = 1 << 2,
	IN_xattr = 1 << 3,
	IN_lock = 1 << 4,
	IN_attr = 1 << 5,
	IN_forget = 1 << 6,
	IN_session = 1 << 7
};

static const struct {
	const char *name;
	unsigned mask;
} classes[] = {
	{ "%file", IN_file },
	{ "%data", IN_data },
	{ "%dir", IN_dir },
	{ "%xattr", IN_xattr },
	{ "%lock", IN_lock },
	{ "%attr", IN_attr },
	{ "%forget", IN_forget },
	{ "%session", IN_session },
};

static const struct {
	uint32_t opcode;
	unsigned mask;
} members[] = {
#define CLASS(op, mask) { FUSE_OP_##op, mask },
#include "trace/classes.def"
#undef CLASS
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

void
filter_init(struct filter *f)
{
	memset(f, 0, sizeof(*f));
	f->want_failed = f->want_successful = f->want_unfinished = 1;
}

static void
filter_set(struct filter *f, uint32_t opcode, int hidden)
{
	uint8_t bit = (uint8_t)(1 << opcode % 8);

	if (opcode >= FILTER_OPCODES)
		return;
	if (hidden)
		f->hidden[opcode / 8] |= bit;
	else
		f->hidden[opcode / 8] &= (uint8_t)~bit;
}

static void
filter_all(struct filter *f, int hidden)
{
	memset(f->hidden, hidden ? 0xff : 0, sizeof(f->hidden));
	f->others_hidden = f->notify_hidden = (uint8_t)hidden;
}

static int
word_is(const char *word, size_t len, const char *name)
{
	return strlen(name) == len && strncasecmp(word, name, len) == 0;
}

static int
filter_class(struct filter *f, const char *word, size_t len, int hidden)
{
	size_t i, k;

	for (i = 0; i < COUNT(classes); i++) {
		if (!word_is(word, len, classes[i].name))
			continue;
		for (k = 0; k < COUNT(members); k++)
			if (members[k].mask & classes[i].mask)
				filter_set(f, members[k].opcode, hidden);
		return E_OK;
	}
	return E_NOTFOUND;
}

static int
filter_word(struct filter *f, const char *word, size_t len, int hidden)
{
	const struct op *op;
	size_t i;

	if (word_is(word, len, "all") || word_is(word, len, "none")) {
		filter_all(f, hidden ^ word_is(word, len, "none"));
		return E_OK;
	}
	if (word_is(word, len, "notify")) {
		f->notify_hidden = (uint8_t)hidden;
		return E_OK;
	}
	if (*word == '%')
		return filter_class(f, word, len, hidden);
	for (i = 0; (op = op_row(i)) != NULL; i++) {
		if (!word_is(word, len, op_name(op)))
			continue;
		filter_set(f, op_code(op), hidden);
		return E_OK;
	}
	return E_NOTFOUND;
}

static int
filter_ops(struct filter *f, const char *set, const char **bad)
{
	int whole = *set == '!', hidden;
	size_t len;

	/* A set that begins with '!' has all but its words. */
	filter_all(f, !whole);
	for (; *set != '\0'; set += len + (set[len] == ',')) {
		hidden = whole;
		if (*set == '!') {
			hidden = 1;
			set++;
		}
		len = strcspn(set, ",");
		*bad = set;
		if (filter_word(f, set, len, hidden) != E_OK)
			return E_VALUE;
	}
	return E_OK;
}

static int
filter_status(struct filter *f, const char *set, const char **bad)
{
	int want = *set != '!';
	size_t len;

	f->want_failed = f->want_successful = f->want_unfinished =
	    (uint8_t)!want;
	for (set += !want; *set != '\0'; set += len + (set[len] == ',')) {
		len = strcspn(set, ",");
		*bad = set;
		if (word_is(set, len, "failed"))
			f->want_failed = (uint8_t)want;
		else if (word_is(set, len, "successful"))
			f->want_successful = (uint8_t)want;
		else if (word_is(set, len, "unfinished"))
			f->want_unfinished = (uint8_t)want;
		else
			return E_VALUE;
	}
	return E_OK;
}

int
filter_parse(struct filter *f, const char *expr, const char **bad)
{
	*bad = expr;
	if (strncmp(expr, "status=", 7) == 0)
		return filter_status(f, expr + 7, bad);
	if (strncmp(expr, "trace=", 6) == 0)
		expr += 6;
	return filter_ops(f, expr, bad);
}

/* Does the path begin with an unknown node, "#NODEID"? */
static int
is_node(const char *path)
{
	size_t n = path[0] == '#' ? strspn(path + 1, "0123456789") : 0;

	return n > 0 && (path[n + 1] == '\0' || path[n + 1] == '/');
}

int
filter_path_tidy(const char *path, char *buf)
{
	int node = is_node(path);
	size_t at = 0, len;

	buf[0] = '\0';
	if (*path == '\0')
		return E_VALUE;
	for (; *path != '\0'; path += len) {
		while (*path == '/')
			path++;
		len = strcspn(path, "/");
		if (len == 2 && memcmp(path, "..", 2) == 0)
			return E_VALUE;
		if (len == 0 || (len == 1 && *path == '.'))
			continue;
		if (len + 2 > PATHS_TEXT_MAX - at)
			return E_BIG;
		if (at > 0 || !node)
			buf[at++] = '/';
		memcpy(buf + at, path, len);
		at += len;
	}
	if (at == 0)
		buf[at++] = '/';
	buf[at] = '\0';
	return E_OK;
}

/* Is text the directory at `top`, or something below it? */
static int
is_below(const char *text, const char *top)
{
	size_t n = strlen(top);

	while (n > 0 && top[n - 1] == '/')
		n--;
	return strncmp(text, top, n) == 0 &&
	    (text[n] == '\0' || text[n] == '/' ||
		strcmp(text + n, PATHS_GONE) == 0);
}

/* Compare with the path within the mount, and with the path outside it. */
static int
filter_text(const struct filter *f, const struct conn *conn, const char *path)
{
	const char *target = conn->target;
	size_t n;

	if (is_below(path, f->path))
		return 1;
	if (target == NULL || path[0] != '/')
		return 0;
	n = strlen(target);
	if (strncmp(f->path, target, n) != 0)
		return is_below(target, f->path);
	if (f->path[n] != '\0' && f->path[n] != '/')
		return 0;
	return is_below(path, f->path + n);
}

static int
filter_path(const struct filter *f, const struct call *c, int nth)
{
	char path[PATHS_TEXT_MAX];

	return call_path(c, nth, path) > 0 && filter_text(f, c->conn, path);
}

int
filter_op(const struct filter *f, uint32_t opcode)
{
	if (opcode >= FILTER_OPCODES)
		return !f->others_hidden;
	return (f->hidden[opcode / 8] >> opcode % 8 & 1) == 0;
}

/* Is every outcome asked for? */
static int
filter_any_end(const struct filter *f)
{
	return f->want_failed && f->want_successful && f->want_unfinished &&
	    f->slower_ns == 0;
}

/* Is its time within since_ns and until_ns? */
static int
filter_time(const struct filter *f, uint64_t real_ns)
{
	return real_ns >= f->since_ns &&
	    (f->until_ns == 0 || real_ns < f->until_ns);
}

int
filter_stream(const struct filter *f, const struct trace_record *r)
{
	size_t i;

	for (i = 0; i < sizeof(f->hidden); i++)
		if (f->hidden[i] != 0)
			return 0;
	return !f->others_hidden && filter_any_end(f) && f->path == NULL &&
	    !f->has_pid && filter_time(f, r->real_ns);
}

int
filter_other(const struct filter *f, const struct conn *conn,
    const struct trace_record *r, const struct call *c)
{
	const struct wire_expect *e;

	if (r->kind != TRACE_REQUEST && r->kind != TRACE_REPLY)
		return r->kind == TRACE_BEGIN || r->kind == TRACE_END ||
		    r->kind == TRACE_LOST || r->kind == TRACE_CHUNK;
	if (!filter_any_end(f) || !filter_time(f, r->real_ns))
		return 0;
	if (c != NULL)
		return filter_begin(f, c);
	if (f->path != NULL || f->has_pid)
		return 0;
	e = model_expect(conn, c, r);
	return e == NULL || filter_op(f, e->opcode);
}

/* Is the call of the process `pid`, or an INTERRUPT of such a call? */
static int
filter_caller(const struct filter *f, const struct call *c)
{
	return !f->has_pid || c->pid == f->pid ||
	    (c->target != NULL && c->target->pid == f->pid);
}

int
filter_begin(const struct filter *f, const struct call *c)
{
	if (!filter_op(f, c->opcode) || !filter_caller(f, c) ||
	    !filter_time(f, c->real_ns))
		return 0;
	if (f->path == NULL)
		return 1;
	if (!filter_path(f, c, 0) && !filter_path(f, c, 1))
		return 0;
	if (f->path_met != NULL)
		*f->path_met = 1;
	return 1;
}

int
filter_end(const struct filter *f, const struct call *c,
    const struct trace_record *r)
{
	/* (A call without a reply counts as one that took long.) */
	if (f->slower_ns != 0 &&
	    (r == NULL ? !c->slow : r->mono_ns - c->mono_ns < f->slower_ns))
		return 0;
	if (r == NULL)
		return c->alone ? f->want_successful : f->want_unfinished;
	return head_error(r->m) == 0 && (r->flags & TRACE_SPOILT) == 0 ?
	    f->want_successful :
	    f->want_failed;
}

int
filter_notification(const struct filter *f, const struct notification *n)
{
	if (f->notify_hidden || f->has_pid || !filter_time(f, n->real_ns))
		return 0;
	return f->path == NULL ||
	    (n->path != NULL && filter_text(f, n->conn, n->path));
}

int
filter_notification_end(const struct filter *f, const struct notification *n,
    const struct trace_record *r)
{
	if (f->slower_ns != 0 &&
	    (r == NULL ? !n->slow : r->mono_ns - n->mono_ns < f->slower_ns))
		return 0;
	if (r == NULL)
		return f->want_unfinished;
	if (r->kind == TRACE_RESULT)
		return r->index == 0 ? f->want_successful : f->want_failed;
	return r->flags & TRACE_DROPPED ? f->want_failed : filter_any_end(f);
}
