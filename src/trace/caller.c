/* SPDX-License-Identifier: ISC */
#include "trace/caller.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/table.h"

#define CALLERS_MAX 1024u
#define FILES_SHARE 8	  /* of RLIMIT_NOFILE, what may be open */
#define WORKER "kworker/" /* of the kernel; a '+' and its work follow */

struct caller {
	struct table_entry entry;
	uint32_t pid;
	int fd;	  /* its name's file, -1: closed */
	int sure; /* it waited when it was seen with the name */
	char name[CALLER_NAME_MAX];
	TAILQ_ENTRY(caller) used;
	TAILQ_ENTRY(caller) file;
};

TAILQ_HEAD(caller_list, caller);

struct caller_cache {
	struct table_entry *by_pid;
	struct caller_list used, open; /* the one of longest ago first */
	unsigned files, files_max;
};

/*
 * Does /proc have the process ids of our own namespace, as the requests of our
 * mounts have?  (The /proc of another namespace would give wrong names.)
 */
static int
proc_is_ours(void)
{
	char self[24];
	ssize_t n = readlink("/proc/self", self, sizeof(self) - 1);

	if (n <= 0)
		return 0;
	self[n] = '\0';
	return strtol(self, NULL, 10) == (long)getpid();
}

struct caller_cache *
caller_cache_new(void)
{
	struct caller_cache *c = calloc(1, sizeof(*c));
	struct rlimit lim;

	if (c == NULL)
		return NULL;
	TAILQ_INIT(&c->used);
	TAILQ_INIT(&c->open);
	if (!proc_is_ours())
		return c;
	c->files_max = CALLER_FILES_MAX;
	if (getrlimit(RLIMIT_NOFILE, &lim) == 0 &&
	    lim.rlim_cur / FILES_SHARE < c->files_max)
		c->files_max = (unsigned)(lim.rlim_cur / FILES_SHARE);
	if (c->files_max == 0)
		c->files_max = 1;
	return c;
}

static void
caller_close(struct caller_cache *c, struct caller *who)
{
	if (who->fd == -1)
		return;
	close(who->fd);
	who->fd = -1;
	TAILQ_REMOVE(&c->open, who, file);
	c->files--;
}

static void
caller_free(struct caller_cache *c, struct caller *who)
{
	caller_close(c, who);
	TAILQ_REMOVE(&c->used, who, used);
	table_drop(&c->by_pid, who);
}

void
caller_cache_free(struct caller_cache *c)
{
	struct caller *who;

	if (c == NULL)
		return;
	while ((who = TAILQ_FIRST(&c->used)) != NULL)
		caller_free(c, who);
	free(c);
}

unsigned
caller_files(const struct caller_cache *c)
{
	return c->files;
}

/* ---- one process ---- */

static int
name_open(uint32_t pid)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%u/comm", pid);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* The name, with zeros behind it.  Its length, 0: the process is gone. */
static size_t
name_read(int fd, char name[CALLER_NAME_MAX])
{
	char text[CALLER_NAME_MAX] = { 0 }, *work;
	ssize_t n = pread(fd, text, sizeof(text), 0);

	memset(name, 0, CALLER_NAME_MAX);
	if (n <= 0)
		return 0;
	/* (What is shown of a thread of the kernel may be longer.) */
	n -= text[n - 1] == '\n' || n == CALLER_NAME_MAX;
	if (strncmp(text, WORKER, sizeof(WORKER) - 1) == 0 &&
	    (work = memchr(text, '+', (size_t)n)) != NULL)
		n = work - text;
	memcpy(name, text, (size_t)n);
	return (size_t)n;
}

size_t
caller_name(uint32_t pid, char name[CALLER_NAME_MAX])
{
	int fd = proc_is_ours() ? name_open(pid) : -1;
	size_t n;

	if (fd == -1)
		return 0;
	n = name_read(fd, name);
	close(fd);
	return n;
}

/* Close what was not used for longest, until no more than `left` are open. */
static void
files_close(struct caller_cache *c, unsigned left)
{
	while (c->files > left)
		caller_close(c, TAILQ_FIRST(&c->open));
}

/* Open the process's comm.  0: no such process, or no descriptor. */
static int
caller_open(struct caller_cache *c, struct caller *who)
{
	files_close(c, c->files_max - 1);
	who->fd = name_open(who->pid);
	if (who->fd == -1 && (errno == EMFILE || errno == ENFILE)) {
		/* The relay needs descriptors for other things, too. */
		files_close(c, c->files / 2);
		who->fd = name_open(who->pid);
	}
	if (who->fd == -1)
		return 0;
	TAILQ_INSERT_TAIL(&c->open, who, file);
	c->files++;
	who->sure = 0; /* it may be another process */
	return 1;
}

/* The process's name now.  If the process of the open file has ended, the file
 * is opened again for the one that has its number now. */
static size_t
caller_look(struct caller_cache *c, struct caller *who,
    char name[CALLER_NAME_MAX])
{
	size_t n;

	if (who->fd != -1) {
		TAILQ_REMOVE(&c->open, who, file);
		TAILQ_INSERT_TAIL(&c->open, who, file);
		if ((n = name_read(who->fd, name)) > 0)
			return n;
		caller_close(c, who);
	}
	if (!caller_open(c, who))
		return 0;
	if ((n = name_read(who->fd, name)) == 0)
		caller_close(c, who);
	return n;
}

static struct caller *
caller_get(struct caller_cache *c, uint32_t pid)
{
	struct caller *who;

	if ((who = table_find(c->by_pid, &pid, sizeof(pid))) != NULL) {
		TAILQ_REMOVE(&c->used, who, used);
		TAILQ_INSERT_TAIL(&c->used, who, used);
		return who;
	}
	if (table_count(c->by_pid) >= CALLERS_MAX)
		caller_free(c, TAILQ_FIRST(&c->used));
	who = table_get(&c->by_pid, &pid, sizeof(pid), sizeof(*who));
	if (who == NULL)
		return NULL;
	who->fd = -1;
	TAILQ_INSERT_TAIL(&c->used, who, used);
	return who;
}

size_t
caller_news(struct caller_cache *c, uint32_t pid, enum caller_waits waits,
    char name[CALLER_NAME_MAX], int *doubt)
{
	struct caller *who;
	size_t n;

	*doubt = 0;
	if (pid == 0 || c->files_max == 0 ||
	    (who = caller_get(c, pid)) == NULL)
		return 0;
	*doubt = 1;
	if (waits == CALLER_LEFT && who->name[0] != '\0')
		return 0;
	if ((n = caller_look(c, who, name)) == 0)
		return 0;
	if (memcmp(who->name, name, CALLER_NAME_MAX) != 0) {
		memcpy(who->name, name, CALLER_NAME_MAX);
		who->sure = 0;
	} else {
		n = 0;
	}
	who->sure |= waits == CALLER_WAITS;
	*doubt = waits == CALLER_LEFT || !who->sure;
	return n;
}
