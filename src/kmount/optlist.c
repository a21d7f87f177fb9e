/* SPDX-License-Identifier: ISC */
#include "kmount/optlist.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

static const struct {
	const char *word;
	unsigned long set, clear;
} optlist_flag[] = {
	{ "ro", MS_RDONLY, 0 },
	{ "rw", 0, MS_RDONLY },
	{ "nosuid", MS_NOSUID, 0 },
	{ "suid", 0, MS_NOSUID },
	{ "nodev", MS_NODEV, 0 },
	{ "dev", 0, MS_NODEV },
	{ "noexec", MS_NOEXEC, 0 },
	{ "exec", 0, MS_NOEXEC },
	{ "sync", MS_SYNCHRONOUS, 0 },
	{ "async", 0, MS_SYNCHRONOUS },
	{ "dirsync", MS_DIRSYNC, 0 },
	{ "noatime", MS_NOATIME, 0 },
	{ "atime", 0, MS_NOATIME },
};

#define OPTLIST_FLAGS (sizeof(optlist_flag) / sizeof(optlist_flag[0]))

/* Append text to a string of size cap, led by a comma if not the first. */
__attribute__((format(printf, 3, 4))) static int
optlist_add(char *s, size_t cap, const char *fmt, ...)
{
	size_t len = strlen(s);
	va_list ap;
	int n;

	if (len > 0 && len + 1 < cap)
		s[len++] = ',';
	va_start(ap, fmt);
	n = vsnprintf(s + len, cap - len, fmt, ap);
	va_end(ap);
	return n < 0 || (size_t)n >= cap - len ? E_BIG : E_OK;
}

/* The item's value if its name is key ("fsname="), else NULL. */
static const char *
optlist_value(const char *item, const char *key)
{
	size_t n = strlen(key);

	return strncmp(item, key, n) == 0 ? item + n : NULL;
}

/* Copy without the backslashes that protect the next character. */
static int
optlist_unescape(char *out, size_t cap, const char *in)
{
	size_t n = 0;

	if (*in == '\0')
		return E_VALUE;
	for (; *in != '\0'; in++) {
		if (*in == '\\' && in[1] != '\0')
			in++;
		if (n + 1 >= cap)
			return E_BIG;
		out[n++] = *in;
	}
	out[n] = '\0';
	return E_OK;
}

static int
optlist_subtype(struct optlist *o, const char *value)
{
	const char *base = strncmp(o->type, "fuseblk", 7) == 0 ? "fuseblk" :
								 "fuse";
	char sub[OPTLIST_NAME_MAX - 16];
	int r;

	if ((r = optlist_unescape(sub, sizeof(sub), value)) != E_OK)
		return r;
	snprintf(o->type, sizeof(o->type), "%s.%s", base, sub);
	return E_OK;
}

static int
optlist_item(struct optlist *o, const char *item)
{
	const char *value;
	size_t i;

	if (*item == '\0' || optlist_value(item, "fd=") != NULL)
		return E_OK;
	for (i = 0; i < OPTLIST_FLAGS; i++)
		if (strcmp(item, optlist_flag[i].word) == 0) {
			o->flags |= optlist_flag[i].set;
			o->flags &= ~optlist_flag[i].clear;
			return E_OK;
		}
	if ((value = optlist_value(item, "fsname=")) != NULL)
		return optlist_unescape(o->source, sizeof(o->source), value);
	if ((value = optlist_value(item, "subtype=")) != NULL)
		return optlist_subtype(o, value);
	if (strcmp(item, "auto_unmount") == 0) {
		o->auto_unmount = 1;
		return E_OK;
	}
	if (strchr(item, '\\') != NULL)
		return E_VALUE;
	if (optlist_value(item, "rootmode=") != NULL)
		o->has_rootmode = 1;
	else if (optlist_value(item, "user_id=") != NULL)
		o->has_user = 1;
	else if (optlist_value(item, "group_id=") != NULL)
		o->has_group = 1;
	else
		return optlist_add(o->rest, sizeof(o->rest), "%s", item);
	return optlist_add(o->given, sizeof(o->given), "%s", item);
}

int
optlist_parse(struct optlist *o, const struct mount_request *q)
{
	const char *p = q->options != NULL ? q->options : "";
	const char *source = q->source != NULL ? q->source : "fuse";
	const char *type = q->type != NULL ? q->type : "fuse";
	char item[OPTLIST_MAX];
	size_t n;
	int r;

	memset(o, 0, sizeof(*o));
	o->flags = q->flags;
	if (strlen(p) >= sizeof(item) || strlen(source) >= sizeof(o->source) ||
	    strlen(type) >= sizeof(o->type))
		return E_BIG;
	strcpy(o->source, source);
	strcpy(o->type, type);
	while (*p != '\0') {
		for (n = 0; *p != '\0' && *p != ','; p++) {
			item[n++] = *p;
			if (*p == '\\' && p[1] != '\0')
				item[n++] = *++p;
		}
		item[n] = '\0';
		if ((r = optlist_item(o, item)) != E_OK)
			return r;
		if (*p == ',')
			p++;
	}
	return E_OK;
}

int
optlist_kernel(const struct optlist *o, char out[OPTLIST_MAX],
    unsigned rootmode, unsigned uid, unsigned gid)
{
	size_t cap = OPTLIST_MAX;
	int r = E_OK;

	out[0] = '\0';
	if (o->given[0] != '\0')
		r = optlist_add(out, cap, "%s", o->given);
	if (r == E_OK && !o->has_rootmode)
		r = optlist_add(out, cap, "rootmode=%o", rootmode);
	if (r == E_OK && !o->has_user)
		r = optlist_add(out, cap, "user_id=%u", uid);
	if (r == E_OK && !o->has_group)
		r = optlist_add(out, cap, "group_id=%u", gid);
	if (r == E_OK && o->rest[0] != '\0')
		r = optlist_add(out, cap, "%s", o->rest);
	return r;
}

/* "key=value" with a backslash before commas and backslashes. */
static int
optlist_escape(char out[OPTLIST_MAX], const char *key, const char *value)
{
	char text[2 * OPTLIST_NAME_MAX];
	size_t n = 0;

	for (; *value != '\0'; value++) {
		if (*value == ',' || *value == '\\')
			text[n++] = '\\';
		text[n++] = *value;
	}
	text[n] = '\0';
	return optlist_add(out, OPTLIST_MAX, "%s%s", key, text);
}

int
optlist_helper(const struct optlist *o, char out[OPTLIST_MAX])
{
	size_t i, cap = OPTLIST_MAX;
	int r = E_OK;

	out[0] = '\0';
	if (strcmp(o->type, "fuse") != 0 && strncmp(o->type, "fuse.", 5) != 0)
		return E_UNSUP;
	for (i = 0; r == E_OK && i < OPTLIST_FLAGS; i++)
		if ((o->flags & optlist_flag[i].set) != 0)
			r = optlist_add(out, cap, "%s", optlist_flag[i].word);
	if (r == E_OK && o->source[0] != '\0')
		r = optlist_escape(out, "fsname=", o->source);
	if (r == E_OK && o->type[4] == '.' && o->type[5] != '\0')
		r = optlist_escape(out, "subtype=", o->type + 5);
	if (r == E_OK && o->auto_unmount)
		r = optlist_add(out, cap, "auto_unmount");
	if (r == E_OK && o->rest[0] != '\0')
		r = optlist_add(out, cap, "%s", o->rest);
	return r;
}
