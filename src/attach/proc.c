/* SPDX-License-Identifier: ISC */
#include "attach/proc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"

int
proc_status(pid_t pid, const char *field, int base, unsigned long long *out)
{
	char path[64], value[64];
	int r;

	*out = 0;
	snprintf(path, sizeof(path), "/proc/%ld/status", (long)pid);
	if ((r = file_line(path, field, value, sizeof(value))) == E_OK)
		*out = strtoull(value, NULL, base);
	return r;
}

int
proc_is_socket(int dir, const char *name, ino_t inode)
{
	char link[64], want[64];
	ssize_t n;

	if ((n = readlinkat(dir, name, link, sizeof(link) - 1)) == -1)
		return 0;
	link[n] = '\0';
	snprintf(want, sizeof(want), "socket:[%llu]",
	    (unsigned long long)inode);
	return strcmp(link, want) == 0;
}

int
proc_waits_in(pid_t tid, long *nr, unsigned long *arg)
{
	char path[64], line[256];

	snprintf(path, sizeof(path), "/proc/%ld/syscall", (long)tid);
	if (file_line(path, "", line, sizeof(line)) != E_OK)
		return E_SYS;
	return sscanf(line, "%ld %lx", nr, arg) == 2 ? E_OK : E_AGAIN;
}

int
proc_is_read(long nr)
{
	return nr == SYS_read || nr == SYS_readv || nr == SYS_recvfrom ||
	    nr == SYS_recvmsg || nr == SYS_splice;
}

int
proc_each_thread(pid_t pid, int (*each)(void *arg, pid_t tid), void *arg)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%ld/task", (long)pid);
	return file_each_number(path, each, arg);
}

/* All processes, and who started each. */
struct proc_row {
	pid_t pid, parent;
};

struct proc_table {
	struct proc_row *row;
	size_t n, cap;
};

/* "12 (a name) S 1 ...": the name may have blanks and parentheses. */
static pid_t
proc_parent(pid_t pid)
{
	char path[64], line[256];
	const char *p;
	int parent = 0;

	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	if (file_line(path, "", line, sizeof(line)) != E_OK ||
	    (p = strrchr(line, ')')) == NULL ||
	    sscanf(p, ") %*c %d", &parent) != 1)
		return 0;
	return (pid_t)parent;
}

static int
proc_table_add(void *arg, pid_t pid)
{
	struct proc_table *t = arg;
	struct proc_row *more;

	if (t->n == t->cap) {
		t->cap = t->cap * 2 + 64;
		more = realloc(t->row, t->cap * sizeof(*more));
		if (more == NULL)
			return E_NOMEM;
		t->row = more;
	}
	t->row[t->n].pid = pid;
	t->row[t->n++].parent = proc_parent(pid);
	return E_OK;
}

/* Put the children of `parent` behind the first `from` rows; how many rows
 * are in front then. */
static size_t
proc_table_gather(struct proc_table *t, size_t from, pid_t parent)
{
	struct proc_row found;
	size_t i;

	for (i = from; i < t->n; i++) {
		if (t->row[i].parent != parent)
			continue;
		found = t->row[i];
		t->row[i] = t->row[from];
		t->row[from++] = found;
	}
	return from;
}

int
proc_each_below(pid_t top, int (*each)(void *arg, pid_t pid), void *arg)
{
	struct proc_table t = { NULL, 0, 0 };
	size_t i, n;
	int r;

	if ((r = file_each_number("/proc", proc_table_add, &t)) != E_OK)
		goto out;
	n = proc_table_gather(&t, 0, top);
	for (i = 0; i < n && r == 0; i++) {
		r = each(arg, t.row[i].pid);
		n = proc_table_gather(&t, n, t.row[i].pid);
	}
out:
	free(t.row);
	return r;
}
