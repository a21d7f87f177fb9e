/* SPDX-License-Identifier: ISC */
#include "trace/caller.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CALLER_SLOTS 512	/* a power of two */
#define CALLER_FRESH_NS UINT64_C(1000000000)

struct caller {
	uint32_t pid;		/* 0: free */
	uint64_t asked;		/* nanoseconds */
	char name[CALLER_NAME_MAX];
};

/* One place per process: a newcomer takes that of another. */
struct caller_cache {
	struct caller slots[CALLER_SLOTS];
};

struct caller_cache *
caller_cache_new(void)
{
	return calloc(1, sizeof(struct caller_cache));
}

void
caller_cache_free(struct caller_cache *c)
{
	free(c);
}

size_t
caller_name(uint32_t pid, char name[CALLER_NAME_MAX])
{
	char path[32];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%u/comm", pid);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return 0;
	n = read(fd, name, CALLER_NAME_MAX);
	close(fd);
	if (n > 0 && name[n - 1] == '\n')
		n--;
	return n > 0 ? (size_t)n : 0;
}

size_t
caller_news(struct caller_cache *c, uint32_t pid, uint64_t now_ns,
    char name[CALLER_NAME_MAX])
{
	struct caller *slot = &c->slots[pid & (CALLER_SLOTS - 1)];
	size_t n;

	if (pid == 0 ||
	    (slot->pid == pid && now_ns - slot->asked < CALLER_FRESH_NS))
		return 0;
	n = caller_name(pid, name);
	if (n < CALLER_NAME_MAX)
		name[n] = '\0';
	if (slot->pid == pid && (n == 0 ||
	    strncmp(slot->name, name, CALLER_NAME_MAX) == 0)) {
		slot->asked = now_ns;
		return 0;
	}
	slot->pid = pid;
	slot->asked = now_ns;
	memset(slot->name, 0, sizeof(slot->name));
	memcpy(slot->name, name, n);
	return n;
}
