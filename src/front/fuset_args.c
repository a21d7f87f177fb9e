/* SPDX-License-Identifier: ISC */
#include "front/fuset_args.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mountflags.h"
#include "front/fuset_server.h"

static int
args_add(struct fuset_args *a, const char *text)
{
	if (a->n >= FUSET_ARGS_MAX - 1)
		return E_FULL;
	if ((a->argv[a->n] = strdup(text)) == NULL)
		return E_NOMEM;
	a->n++;
	return E_OK;
}

/* "--name=value" */
static int
args_add_pair(struct fuset_args *a, const char *name, const char *value)
{
	size_t n = strlen(name) + strlen(value) + 4;
	char *text = malloc(n);
	int r;

	if (text == NULL)
		return E_NOMEM;
	snprintf(text, n, "--%s=%s", name, value);
	r = args_add(a, text);
	free(text);
	return r;
}

static int
args_server(struct fuset_args *a, const struct front_conf *c)
{
	char path[FUSET_PATH_MAX];

	fuset_server_path(path,
	    c->server != NULL ? c->server : getenv("FUSE_NFSSRV_PATH"));
	if (access(path, X_OK) == -1) {
		log_error(
		    "FUSE-T's server program %s can't be executed; is "
		    "FUSE-T installed? (FUSE_NFSSRV_PATH names another one, "
		    "\"fuserelay emulate\" needs none)",
		    path);
		return E_NOTFOUND;
	}
	return args_add(a, path);
}

/* The value of option `name` in a mount(2) option string, or NULL. */
static const char *
option_value(const char *options, const char *name, char *out, size_t cap)
{
	size_t n = strlen(name), len;
	const char *p;

	for (p = options; *p != '\0'; p += len + (p[len] == ',')) {
		len = strcspn(p, ",");
		if (len > n + 1 && strncmp(p, name, n) == 0 && p[n] == '=' &&
		    len - n - 1 < cap) {
			memcpy(out, p + n + 1, len - n - 1);
			out[len - n - 1] = '\0';
			return out;
		}
	}
	return NULL;
}

/* Append ",text" to a list of options; what does not fit is left out. */
static void
list_add(char *list, size_t cap, const char *name, const char *value)
{
	size_t n = strlen(list);

	if (strpbrk(value, ",\\") == NULL &&
	    strlen(name) + strlen(value) + 2 <= cap - n)
		snprintf(list + n, cap - n, "%s%s%s", n > 0 ? "," : "", name,
		    value);
}

/*
 * All of a program's mount, for a server that can take it (ours): the
 * options as they are, and what mount(2) has in other arguments as the
 * words that mount(8) has for it.
 */
static int
args_pass_mount(struct fuset_args *a, const struct mount_request *q)
{
	static const struct {
		unsigned long flag;
		const char *word;
	} words[] = { { MOUNTFLAG_RDONLY, "ro" },
		{ MOUNTFLAG_NOSUID, "nosuid" }, { MOUNTFLAG_NODEV, "nodev" },
		{ MOUNTFLAG_NOEXEC, "noexec" },
		{ MOUNTFLAG_SYNCHRONOUS, "sync" },
		{ MOUNTFLAG_DIRSYNC, "dirsync" },
		{ MOUNTFLAG_NOATIME, "noatime" } };
	const char *subtype = strchr(q->type, '.');
	char list[4096];
	size_t i;
	int r;

	snprintf(list, sizeof(list), "%s", q->options);
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (q->flags & words[i].flag)
			list_add(list, sizeof(list), "", words[i].word);
	if (q->source[0] != '\0')
		list_add(list, sizeof(list), "fsname=", q->source);
	if (subtype != NULL && subtype[1] != '\0')
		list_add(list, sizeof(list), "subtype=", subtype + 1);
	r = args_add_pair(a, "mount-options", list);
	return r == E_OK ? args_add(a, "--mount-status") : r;
}

int
fuset_args_make(struct fuset_args *a, const struct front_conf *c,
    const struct mount_request *q)
{
	char *const *own;
	char value[32];
	int r;

	memset(a, 0, sizeof(*a));
	if ((r = args_server(a, c)) != E_OK)
		return r;
	for (own = c->server_args; own != NULL && *own != NULL; own++)
		if ((r = args_add(a, *own)) != E_OK)
			return r;
	if (c->pass_options && (r = args_pass_mount(a, q)) != E_OK)
		return r;
	if ((q->flags & MOUNTFLAG_RDONLY) && (r = args_add(a, "-r")) != E_OK)
		return r;
	if (option_value(q->options, "max_read", value, sizeof(value)) !=
		NULL &&
	    (r = args_add_pair(a, "rwsize", value)) != E_OK)
		return r;
	if ((q->flags & MOUNTFLAG_NOATIME) &&
	    (r = args_add(a, "--noatime=true")) != E_OK)
		return r;
	return args_add(a, q->target);
}

void
fuset_args_free(struct fuset_args *a)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		free(a->argv[i]);
	a->n = 0;
}
