/* SPDX-License-Identifier: ISC */
/* Commands on open files. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "script.h"

long long
word_number(const char *word)
{
	char *end;
	long long n = strtoll(word, &end, 0);

	if (*end == 'k')
		n *= 1024, end++;
	else if (*end == 'm')
		n *= 1024 * 1024, end++;
	else if (*end == 'g')
		n *= 1024 * 1024 * 1024, end++;
	if (*end != '\0')
		script_mistake("not a number", word);
	return n;
}

int
word_flags(const char *word)
{
	static const struct {
		const char *name;
		int value;
	} table[] = {
		{ "RD", O_RDONLY },
		{ "WR", O_WRONLY },
		{ "RW", O_RDWR },
		{ "CREAT", O_CREAT },
		{ "EXCL", O_EXCL },
		{ "TRUNC", O_TRUNC },
		{ "APPEND", O_APPEND },
		{ "DIRECTORY", O_DIRECTORY },
		{ "NOFOLLOW", O_NOFOLLOW },
		{ "NONBLOCK", O_NONBLOCK },
		{ "PATH", O_PATH },
		{ "SYNC", O_SYNC },
		{ "TMPFILE", O_TMPFILE },
		{ "DIRECT", O_DIRECT },
		{ "NOATIME", O_NOATIME },
	};
	size_t n, i;
	int flags = 0;

	for (; *word != '\0'; word += n, word += *word == '|') {
		n = strcspn(word, "|");
		for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
			if (strlen(table[i].name) == n &&
			    strncmp(table[i].name, word, n) == 0)
				break;
		if (i == sizeof(table) / sizeof(table[0]))
			script_mistake("no such flag", word);
		flags |= table[i].value;
	}
	return flags;
}

static int *
word_place(const char *word)
{
	long long n = word_number(word);

	if (n < 0 || n >= FILES)
		script_mistake("no such file number", word);
	return &files[n];
}

int
word_file(const char *word)
{
	return *word_place(word);
}

/* open FILE PATH FLAGS [MODE] */
static int
do_open(int argc, char *argv[], char *out)
{
	int fd;

	(void)out;
	fd = open(argv[2], word_flags(argv[3]) | O_CLOEXEC,
	    argc == 5 ? (mode_t)word_number(argv[4]) : 0);
	if (fd != -1)
		*word_place(argv[1]) = fd;
	return fd == -1 ? -1 : 0;
}

static int
do_close(int argc, char *argv[], char *out)
{
	int *fd = word_place(argv[1]), old = *fd;

	(void)argc, (void)out;
	*fd = -1;
	return close(old);
}

/* dup FILE NEW */
static int
do_dup(int argc, char *argv[], char *out)
{
	int fd = dup(word_file(argv[1]));

	(void)argc, (void)out;
	*word_place(argv[2]) = fd;
	return fd == -1 ? -1 : 0;
}

/* put PATH TEXT: the file's contents; cat PATH: gives them */
static int
do_put(int argc, char *argv[], char *out)
{
	int fd = open(argv[1], O_CREAT | O_TRUNC | O_WRONLY, 0644);
	ssize_t n;

	(void)argc, (void)out;
	if (fd == -1)
		return -1;
	n = write(fd, argv[2], strlen(argv[2]));
	close(fd);
	return n == (ssize_t)strlen(argv[2]) ? 0 : -1;
}

/* Bytes as text: NUL is shown as ".". */
static void
text_of(char *out, ssize_t n)
{
	ssize_t i;

	for (i = 0; i < n; i++)
		if (out[i] == '\0')
			out[i] = '.';
	out[n] = '\0';
}

static int
do_cat(int argc, char *argv[], char *out)
{
	int fd = open(argv[1], O_RDONLY);
	ssize_t n;

	(void)argc;
	if (fd == -1)
		return -1;
	n = read(fd, out, OUT_MAX - 1);
	close(fd);
	if (n == -1)
		return -1;
	text_of(out, n);
	return 0;
}

static int
do_write(int argc, char *argv[], char *out)
{
	ssize_t n = write(word_file(argv[1]), argv[2], strlen(argv[2]));

	(void)argc;
	if (n != -1)
		sprintf(out, "%zd", n);
	return n == -1 ? -1 : 0;
}

static int
do_read(int argc, char *argv[], char *out)
{
	ssize_t n = read(word_file(argv[1]), out,
	    (size_t)word_number(argv[2]));

	(void)argc;
	if (n == -1)
		return -1;
	text_of(out, n);
	return 0;
}

/* pwrite FILE TEXT OFFSET; pread FILE LENGTH OFFSET */
static int
do_pwrite(int argc, char *argv[], char *out)
{
	ssize_t n = pwrite(word_file(argv[1]), argv[2], strlen(argv[2]),
	    word_number(argv[3]));

	(void)argc;
	if (n != -1)
		sprintf(out, "%zd", n);
	return n == -1 ? -1 : 0;
}

static int
do_pread(int argc, char *argv[], char *out)
{
	ssize_t n = pread(word_file(argv[1]), out,
	    (size_t)word_number(argv[2]), word_number(argv[3]));

	(void)argc;
	if (n == -1)
		return -1;
	text_of(out, n);
	return 0;
}

/* lseek FILE OFFSET set|cur|end|data|hole */
static int
do_lseek(int argc, char *argv[], char *out)
{
	static const char *const name[] = { "set", "cur", "end", "data",
		"hole" };
	int i;
	off_t at;

	(void)argc;
	for (i = 0; i < 4 && strcmp(name[i], argv[3]) != 0; i++)
		;
	at = lseek(word_file(argv[1]), word_number(argv[2]), i);
	if (at != -1)
		sprintf(out, "%lld", (long long)at);
	return at == -1 ? -1 : 0;
}

static int
do_truncate(int argc, char *argv[], char *out)
{
	(void)argc, (void)out;
	if (argv[0][0] == 'f')
		return ftruncate(word_file(argv[1]), word_number(argv[2]));
	return truncate(argv[1], word_number(argv[2]));
}

/* fallocate FILE MODE OFFSET LENGTH */
static int
do_fallocate(int argc, char *argv[], char *out)
{
	(void)argc, (void)out;
	return fallocate(word_file(argv[1]), (int)word_number(argv[2]),
	    word_number(argv[3]), word_number(argv[4]));
}

/* copy FROM OFFSET TO OFFSET LENGTH */
static int
do_copy(int argc, char *argv[], char *out)
{
	off_t from = word_number(argv[2]), to = word_number(argv[4]);
	ssize_t n;

	(void)argc;
	n = copy_file_range(word_file(argv[1]), &from, word_file(argv[3]), &to,
	    (size_t)word_number(argv[5]), 0);
	if (n != -1)
		sprintf(out, "%zd", n);
	return n == -1 ? -1 : 0;
}

static int
do_fsync(int argc, char *argv[], char *out)
{
	int fd = word_file(argv[1]);

	(void)argc, (void)out;
	return argv[0][1] == 'd' ? fdatasync(fd) : fsync(fd);
}

/*
 * flock FILE sh|ex|un [wait], else never waiting.  A lock that goes with the
 * last close() of its file may be there for a moment more where the kernel
 * does not wait for RELEASE: then "wait" tells that it goes.
 */
static int
do_flock(int argc, char *argv[], char *out)
{
	int op = LOCK_UN;

	(void)out;
	if (strcmp(argv[2], "sh") == 0)
		op = LOCK_SH;
	else if (strcmp(argv[2], "ex") == 0)
		op = LOCK_EX;
	return flock(word_file(argv[1]), op | (argc > 3 ? 0 : LOCK_NB));
}

static void
word_lock(struct flock *l, char *argv[])
{
	memset(l, 0, sizeof(*l));
	l->l_type = F_UNLCK;
	if (argv[2][0] == 'r')
		l->l_type = F_RDLCK;
	else if (argv[2][0] == 'w')
		l->l_type = F_WRLCK;
	l->l_whence = SEEK_SET;
	l->l_start = word_number(argv[3]);
	l->l_len = word_number(argv[4]);
}

/* lock FILE r|w|u START LENGTH, never waiting */
static int
do_lock(int argc, char *argv[], char *out)
{
	struct flock l;

	(void)argc, (void)out;
	word_lock(&l, argv);
	return fcntl(word_file(argv[1]), F_SETLK, &l);
}

/* getlock FILE r|w START LENGTH: "free", or type, start, length of what is
 * in the way, with "!" if the holder's pid is missing or one's own */
static int
do_getlock(int argc, char *argv[], char *out)
{
	struct flock l;

	(void)argc;
	word_lock(&l, argv);
	if (fcntl(word_file(argv[1]), F_GETLK, &l) == -1)
		return -1;
	if (l.l_type == F_UNLCK)
		strcpy(out, "free");
	else
		sprintf(out, "%c,%lld,%lld%s", l.l_type == F_RDLCK ? 'r' : 'w',
		    (long long)l.l_start, (long long)l.l_len,
		    l.l_pid <= 0 || l.l_pid == getpid() ? "!" : "");
	return 0;
}

/* append FILE on|off: by F_SETFL */
static int
do_append(int argc, char *argv[], char *out)
{
	int fd = word_file(argv[1]), flags = fcntl(fd, F_GETFL);

	(void)argc, (void)out;
	if (strcmp(argv[2], "on") == 0)
		flags |= O_APPEND;
	else
		flags &= ~O_APPEND;
	return fcntl(fd, F_SETFL, flags);
}

/* mapwrite FILE TEXT OFFSET; mapread FILE LENGTH OFFSET: shared mappings */
static int
do_map(int argc, char *argv[], char *out)
{
	int fd = word_file(argv[1]), writes = argv[0][3] == 'w';
	size_t off = (size_t)word_number(argv[3]), len;
	char *p;

	(void)argc;
	len = writes ? strlen(argv[2]) : (size_t)word_number(argv[2]);
	p = mmap(NULL, off + len, writes ? PROT_READ | PROT_WRITE : PROT_READ,
	    MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return -1;
	if (writes)
		memcpy(p + off, argv[2], len);
	else {
		memcpy(out, p + off, len);
		text_of(out, (ssize_t)len);
	}
	return munmap(p, off + len);
}

/* ioctl FILE: FIONREAD's opposite, a request nobody knows */
static int
do_ioctl(int argc, char *argv[], char *out)
{
	char room[4096];

	(void)argc, (void)out;
	return ioctl(word_file(argv[1]), _IOR('f', 0xee, long), room);
}

const struct command commands_file[] = { { "open", 3, 4, do_open },
	{ "close", 1, 1, do_close }, { "dup", 2, 2, do_dup },
	{ "put", 2, 2, do_put }, { "cat", 1, 1, do_cat },
	{ "write", 2, 2, do_write }, { "read", 2, 2, do_read },
	{ "pwrite", 3, 3, do_pwrite }, { "pread", 3, 3, do_pread },
	{ "lseek", 3, 3, do_lseek }, { "truncate", 2, 2, do_truncate },
	{ "ftruncate", 2, 2, do_truncate },
	{ "fallocate", 4, 4, do_fallocate }, { "copy", 5, 5, do_copy },
	{ "fsync", 1, 1, do_fsync }, { "fdatasync", 1, 1, do_fsync },
	{ "flock", 2, 3, do_flock }, { "lock", 4, 4, do_lock },
	{ "getlock", 4, 4, do_getlock }, { "append", 2, 2, do_append },
	{ "mapwrite", 3, 3, do_map }, { "mapread", 3, 3, do_map },
	{ "ioctl", 1, 1, do_ioctl }, { NULL, 0, 0, NULL } };
