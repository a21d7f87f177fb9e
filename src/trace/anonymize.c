/* SPDX-License-Identifier: ISC */
#include "trace/anonymize.h"

#include <stdlib.h>
#include <string.h>

#include "trace/padded.h"
#include "trace/pdu.h"
#include "trace/pseudonym.h"
#include "wire/get.h"
#include "wire/replace.h"

struct anonymizer {
	struct pseudonyms *names, *attributes, *programs;
	struct wire_buf buf;
	struct padded padded;
	uint8_t path[PSEUDONYM_MAX]; /* or attribute: the one at hand */
	int failed;
};

/* Names of attributes that the kernel uses; they are not private. */
static const char *const kernel_attributes[] = {
	"security.apparmor",
	"security.capability",
	"security.evm",
	"security.ima",
	"security.selinux",
	"security.SMACK64",
	"security.SMACK64EXEC",
	"security.SMACK64MMAP",
	"security.SMACK64TRANSMUTE",
	"system.posix_acl_access",
	"system.posix_acl_default",
};

static const char *const namespaces[] = {
	"user.",
	"trusted.",
	"security.",
	"system.",
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct anonymizer *
anonymizer_new(unsigned keeps)
{
	struct anonymizer *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return NULL;
	wire_buf_init(&a->buf);
	a->names = pseudonyms_new('n', keeps);
	a->attributes = pseudonyms_new('a',
	    keeps & (unsigned)~PSEUDONYM_KEEPS_EXTENSION);
	a->programs = pseudonyms_new('p', PSEUDONYM_OF_ONE_LENGTH);
	if (a->names != NULL && a->attributes != NULL && a->programs != NULL &&
	    padded_init(&a->padded) == E_OK)
		return a;
	anonymizer_free(a);
	return NULL;
}

void
anonymizer_free(struct anonymizer *a)
{
	if (a == NULL)
		return;
	pseudonyms_free(a->names);
	pseudonyms_free(a->attributes);
	pseudonyms_free(a->programs);
	wire_buf_fini(&a->buf);
	padded_fini(&a->padded);
	free(a);
}

/* ---- names ---- */

static struct span
other(struct anonymizer *a, struct pseudonyms *p, struct span was)
{
	struct span is = pseudonym(p, was);

	a->failed |= is.len == 0 && was.len > 0;
	return is;
}

static struct span
other_entry(struct anonymizer *a, struct span was)
{
	return span_is_dots(was) ? was : other(a, a->names, was);
}

/* Each name in a path. */
static struct span
other_path(struct anonymizer *a, struct span was)
{
	struct span name;
	size_t at = 0, n;

	if (was.len > sizeof(a->path))
		was.len = sizeof(a->path);
	while (was.len > 0) {
		if (*was.p == '/') {
			a->path[at++] = '/';
			was = span_from(was, 1);
			continue;
		}
		for (n = 0; n < was.len && was.p[n] != '/'; n++)
			;
		name = other_entry(a, (struct span){ was.p, n });
		if (name.len > 0)
			memcpy(a->path + at, name.p, name.len);
		at += name.len;
		was = span_from(was, n);
	}
	return (struct span){ a->path, at };
}

static int
is_word(struct span s, const char *word, size_t len)
{
	return s.len >= len && memcmp(s.p, word, len) == 0;
}

/* Replace an attribute's name behind its namespace. */
static struct span
other_attribute(struct anonymizer *a, struct span was)
{
	struct span rest;
	size_t i, n = 0;

	for (i = 0; i < COUNT(kernel_attributes); i++)
		if (was.len == strlen(kernel_attributes[i]) &&
		    is_word(was, kernel_attributes[i], was.len))
			return was;
	for (i = 0; i < COUNT(namespaces) && n == 0; i++)
		if (is_word(was, namespaces[i], strlen(namespaces[i])))
			n = strlen(namespaces[i]);
	rest = other(a, a->attributes, span_from(was, n));
	if (n + rest.len > sizeof(a->path))
		rest.len = sizeof(a->path) - n;
	memcpy(a->path, was.p, n);
	if (rest.len > 0)
		memcpy(a->path + n, rest.p, rest.len);
	return (struct span){ a->path, n + rest.len };
}

static struct span
other_name(void *arg, enum wire_text what, struct span was)
{
	struct anonymizer *a = arg;

	switch (what) {
	case WIRE_TEXT_XATTR:
		return other_attribute(a, was);
	case WIRE_TEXT_PATH:
		return other_path(a, was);
	default:
		return other_entry(a, was);
	}
}

/* ---- records ---- */

static void
replace(struct anonymizer *a, struct trace_record *r, struct span kept,
    size_t len)
{
	/* (`first` of a RESULT is the length of its notification.) */
	if (r->kind == TRACE_RESULT ? r->first == r->m.len : r->first > len)
		r->first = (uint32_t)len;
	r->m = padded_message(&a->padded, kept, len);
	r->kept = (uint32_t)kept.len;
}

static int
anonymize_message(struct anonymizer *a, struct trace_record *r)
{
	const struct wire_proto *pr = r->proto != NULL ? r->proto :
							 &wire_proto_unknown;
	size_t len, kept;
	int ret;

	ret = wire_replace(&a->buf, pr, r->expect, r->m,
	    r->kind == TRACE_REQUEST, other_name, a, &len);
	if (ret != E_OK)
		return ret;
	/* Bytes that were not kept before are not kept now. */
	kept = a->buf.len;
	if (r->kept < r->m.len && kept > r->kept)
		kept = r->kept;
	replace(a, r, (struct span){ a->buf.p, kept }, len);
	return E_OK;
}

static void
anonymize_caller(struct anonymizer *a, struct trace_record *r)
{
	struct span name = span_from(r->m, TRACE_CALLER_NAME);

	if (r->m.len < TRACE_CALLER_NAME)
		return;
	memcpy(a->path, r->m.p, TRACE_CALLER_NAME);
	if ((name = other(a, a->programs, name)).len > 0)
		memcpy(a->path + TRACE_CALLER_NAME, name.p, name.len);
	replace(a, r, (struct span){ a->path, TRACE_CALLER_NAME + name.len },
	    TRACE_CALLER_NAME + name.len);
}

static void
anonymize_node(struct anonymizer *a, struct trace_record *r)
{
	uint8_t node[PDU_NODE_HEAD + PSEUDONYM_MAX];
	struct paths_node n;
	struct span m = { node, 0 };

	if (pdu_node_get(r->m, &n) == E_OK) {
		n.name = other_entry(a, n.name);
		m.len = pdu_node_put(node, &n);
	}
	replace(a, r, m, m.len);
}

int
anonymize(struct anonymizer *a, struct trace_record *r)
{
	struct span path;
	int ret = E_OK;

	a->failed = 0;
	switch (r->kind) {
	case TRACE_REQUEST:
	case TRACE_REPLY:
	case TRACE_NOTIFY:
	case TRACE_RESULT:
		ret = anonymize_message(a, r);
		break;
	case TRACE_BEGIN:
		path = other_path(a, r->m);
		replace(a, r, path, path.len);
		break;
	case TRACE_CALLER:
		anonymize_caller(a, r);
		break;
	case TRACE_NODE:
		anonymize_node(a, r);
		break;
	case TRACE_END: /* the relay's own words */
	case TRACE_LOST:
	case TRACE_CHUNK:
		break;
	default: /* nobody knows what it has */
		replace(a, r, (struct span){ a->path, 0 }, 0);
		break;
	}
	return a->failed ? E_NOMEM : ret;
}
