/* SPDX-License-Identifier: ISC */
/*
 * Preloaded into fuserelay: its calls on sockets fail, or do a part only,
 * and signals end its waits, as the kernel is allowed to let them.
 *
 *	TORTURE_RATE=N	one call in N, by chance
 *	TORTURE_AT=K	the K-th call alone
 *	TORTURE_MALLOC=K	the K-th request for memory, and every one after
 *			it for a while
 *	TORTURE_SEED=N	which faults
 *	TORTURE_LOG=FILE	told there at the end: calls and faults
 *
 * Other programs that inherit it are left alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faults.h"

#define MALLOC_FAILS 3 /* in a row */

static unsigned long rate, at, calls, faults, malloc_at, mallocs;
static uint64_t state;
static pid_t self;

static unsigned long
number(const char *name)
{
	const char *value = getenv(name);

	return value == NULL ? 0 : strtoul(value, NULL, 10);
}

__attribute__((constructor)) static void
torture_begin(void)
{
	if (strcmp(program_invocation_short_name, "fuserelay") != 0)
		return;
	self = getpid();
	rate = number("TORTURE_RATE");
	at = number("TORTURE_AT");
	malloc_at = number("TORTURE_MALLOC");
	state = number("TORTURE_SEED") * UINT64_C(0x9e3779b97f4a7c15) + 1;
}

__attribute__((destructor)) static void
torture_end(void)
{
	const char *log = getenv("TORTURE_LOG");
	int fd;

	if (self != getpid() || log == NULL)
		return;
	fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd == -1)
		return;
	dprintf(fd, "calls %lu faults %lu mallocs %lu\n", calls, faults,
	    mallocs);
	close(fd);
}

static unsigned
chance(unsigned long below)
{
	state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (unsigned)((state >> 33) % below);
}

static int
choose(unsigned kinds)
{
	int now;

	if (self == 0 || self != getpid())
		return -1;
	calls++;
	now = calls == at || (rate > 0 && chance(rate) == 0);
	if (!now)
		return -1;
	faults++;
	return (int)chance(kinds);
}

/* (What is sent with send() are a few words; nothing makes those fail.) */
int
faults_choose(int fd, enum fault_call call, unsigned kinds)
{
	(void)fd;
	return call == FAULT_SEND ? -1 : choose(kinds);
}

int
faults_refuse(int fd)
{
	(void)fd;
	return 0;
}

int
faults_refuse_recv(int fd)
{
	(void)fd;
	return 0;
}

int
epoll_wait(int fd, struct epoll_event *ev, int n, int timeout)
{
	if (choose(1) == 0)
		return faults_fail(EINTR);
	return (int)syscall(SYS_epoll_pwait, fd, ev, n, timeout, NULL, 0);
}

int
accept(int fd, struct sockaddr *addr, socklen_t *len)
{
	static const int num[] = { EINTR, EAGAIN, ECONNABORTED };
	int f = choose(sizeof(num) / sizeof(num[0]));

	if (f >= 0)
		return faults_fail(num[f]);
	return (int)syscall(SYS_accept4, fd, addr, len, 0);
}

pid_t
waitpid(pid_t pid, int *status, int options)
{
	if (choose(1) == 0)
		return faults_fail(EINTR);
	return (pid_t)syscall(SYS_wait4, pid, status, options, NULL);
}

/* What the C library has behind its functions. */
extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t),
    *__libc_realloc(void *, size_t);

static int
no_memory(void)
{
	if (self == 0 || self != getpid())
		return 0;
	mallocs++;
	if (malloc_at == 0 || mallocs < malloc_at ||
	    mallocs >= malloc_at + MALLOC_FAILS)
		return 0;
	errno = ENOMEM;
	return 1;
}

void *
malloc(size_t n)
{
	return no_memory() ? NULL : __libc_malloc(n);
}

void *
calloc(size_t n, size_t size)
{
	return no_memory() ? NULL : __libc_calloc(n, size);
}

void *
realloc(void *p, size_t n)
{
	return no_memory() ? NULL : __libc_realloc(p, n);
}
