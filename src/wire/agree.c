/* SPDX-License-Identifier: ISC */
#include "wire/agree.h"

#include <string.h>
#include <sys/stat.h>

#include "wire/body.h"
#include "wire/errors.h"
#include "wire/field_row.h"
#include "wire/head.h"

#define DEPTH_MAX 3

/* What the functions here share, while they compare two structs. */
struct pair {
	struct text *t;
	const struct wire_proto *pr_was, *pr_is;
	unsigned any;
	int found; /* something differs */
};

static void
pair_key(struct pair *p)
{
	text_put(p->t, "%s", p->found ? "; " : "");
	p->found = 1;
}

/* The field of the same name in the other message, which may have another
 * layout. */
static const struct field *
field_same(const struct field *f, const struct wire_proto *pr,
    struct span bytes)
{
	const struct field *g = NULL;

	while ((g = field_next(g, f->of, pr, bytes)) != NULL)
		if (strcmp(g->name, f->name) == 0)
			break;
	return g;
}

static int
is_directory(enum wire_struct s, const struct wire_proto *pr,
    struct span bytes)
{
	const struct field *f = NULL;

	while ((f = field_next(f, s, pr, bytes)) != NULL)
		if (strcmp(f->name, "mode") == 0)
			return S_ISDIR((mode_t)field_word(bytes, f));
	return 0;
}

/* Is the field to be compared at all? */
static int
is_compared(const struct field *f, unsigned any, int dir)
{
	switch (f->mark) {
	case MARK_SAME:
	case MARK_NODE:
		return 1;
	case MARK_SIZE:
		return !dir && !(any & AGREE_ANY_SIZE);
	case MARK_LINKS:
		return !dir && !(any & AGREE_ANY_LINKS);
	default:
		return f->show == SHOW_SUB &&
		    !((any & AGREE_ANY_ATTR) &&
			(f->arg == STRUCT_fuse_attr ||
			    f->arg == STRUCT_fuse_statx));
	}
}

static void
agree_field(struct pair *p, const struct field *f, struct span was,
    const struct field *g, struct span is)
{
	pair_key(p);
	text_put(p->t, "%s is ", f->name);
	field_put(p->t, g, p->pr_is, is);
	text_put(p->t, ", not ");
	field_put(p->t, f, p->pr_was, was);
}

/* An entry with node 0 says that there is no such name.  1: there is nothing
 * more to compare. */
static int
agree_node(struct pair *p, uint64_t was, uint64_t is)
{
	if ((was == 0) == (is == 0))
		return was == 0;
	pair_key(p);
	text_put(p->t, "the entry is %sfound, was %s", is == 0 ? "not " : "",
	    was == 0 ? "not" : "found");
	return 1;
}

static void
agree_struct(struct pair *p, enum wire_struct s, struct span was,
    struct span is, int depth)
{
	const struct field *f = NULL, *g;
	uint64_t a, b;
	int dir;

	if (depth == DEPTH_MAX)
		return;
	dir = is_directory(s, p->pr_was, was) || is_directory(s, p->pr_is, is);
	while ((f = field_next(f, s, p->pr_was, was)) != NULL) {
		if (!is_compared(f, p->any, dir) ||
		    (g = field_same(f, p->pr_is, is)) == NULL)
			continue;
		if (f->show == SHOW_SUB) {
			agree_struct(p, f->arg, span_from(was, f->off),
			    span_from(is, g->off), depth + 1);
			continue;
		}
		a = field_word(was, f);
		b = field_word(is, g);
		if (f->mark == MARK_NODE && agree_node(p, a, b))
			return;
		if (f->mark != MARK_NODE && a != b)
			agree_field(p, f, was, g, is);
	}
}

/* Bytes of which the first `kept` of `was` are known. */
static void
agree_bytes(struct pair *p, struct span was, size_t kept, struct span is)
{
	size_t i, n = was.len < is.len ? was.len : is.len;

	if (was.len != is.len) {
		pair_key(p);
		text_put(p->t, "%zu bytes, not %zu", is.len, was.len);
	}
	if (n > kept)
		n = kept;
	if (n == 0 || memcmp(was.p, is.p, n) == 0)
		return;
	for (i = 0; was.p[i] == is.p[i]; i++)
		;
	pair_key(p);
	text_put(p->t, "byte %zu of the data is 0x%02x, not 0x%02x", i,
	    is.p[i], was.p[i]);
}

static int
list_has(struct span list, struct span want)
{
	struct span name;

	while (list.len > 0) {
		name = get_name(&list);
		if (name.len == want.len &&
		    memcmp(name.p, want.p, want.len) == 0)
			return 1;
	}
	return 0;
}

/* Names of attributes, in any order. */
static void
agree_lists(struct pair *p, struct span was, struct span is)
{
	struct span rest, name;

	for (rest = was; rest.len > 0;) {
		name = get_name(&rest);
		if (list_has(is, name))
			continue;
		pair_key(p);
		text_quote(p->t, name);
		text_put(p->t, " is missing");
	}
	for (rest = is; rest.len > 0;) {
		name = get_name(&rest);
		if (list_has(was, name))
			continue;
		pair_key(p);
		text_quote(p->t, name);
		text_put(p->t, " is new");
	}
}

static void
agree_body(struct pair *p, const struct op *op, const struct wire_answer *was,
    const struct wire_answer *is)
{
	struct span a = span_from(was->m, WIRE_REP_HEADER);
	struct span b = span_from(is->m, WIRE_REP_HEADER);
	size_t kept = was->kept < WIRE_REP_HEADER ?
	    0 :
	    was->kept - WIRE_REP_HEADER;
	int any_data = (p->any & AGREE_ANY_DATA) != 0;

	switch (body_form(op, was->pr, was->e)) {
	case BODY_DIRENTS:
	case BODY_DIRENTSPLUS:
		break;
	case BODY_BYTES:
	case BODY_TARGET:
		if (!any_data)
			agree_bytes(p, a, kept, b);
		break;
	case BODY_XNAMES:
		if (!any_data && kept >= a.len)
			agree_lists(p, a, b);
		break;
	case BODY_SIZE:
		if (!any_data)
			agree_struct(p, op->out, a, b, 0);
		break;
	default:
		p->pr_was = op_layout(op, was->pr);
		p->pr_is = op_layout(op, is->pr);
		agree_struct(p, op->out, a, b, 0);
		break;
	}
}

int
wire_put_difference(struct text *t, const struct wire_answer *was,
    const struct wire_answer *is, unsigned any)
{
	struct pair p = { .t = t,
		.pr_was = was->pr,
		.pr_is = is->pr,
		.any = any };
	int32_t a = head_error(was->m), b = head_error(is->m);
	const struct op *op = op_find(was->e->opcode);

	if (a != b) {
		text_put(t, "result is ");
		errors_put(t, is->pr, b);
		text_put(t, ", not ");
		errors_put(t, was->pr, a);
		return 1;
	}
	if (a == 0 && op != NULL && op_known(op, was->pr) &&
	    op_known(op, is->pr))
		agree_body(&p, op, was, is);
	return p.found;
}

int
wire_put_entry_difference(struct text *t, const struct wire_proto *pr_was,
    struct span was, const struct wire_proto *pr_is, struct span is,
    unsigned any)
{
	struct pair p = { .t = t,
		.pr_was = pr_was,
		.pr_is = pr_is,
		.any = any };

	agree_struct(&p, STRUCT_fuse_entry_out, was, is, 0);
	return p.found;
}
