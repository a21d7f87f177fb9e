/* SPDX-License-Identifier: ISC */
/* Commands on names. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "script.h"

static mode_t
word_mode(const char *word)
{
	return (mode_t)word_number(word);
}

/* create PATH MODE: a new empty file */
static int
do_create(int argc, char *argv[], char *out)
{
	int fd;

	(void)argc, (void)out;
	fd = open(argv[1], O_CREAT | O_EXCL | O_WRONLY, word_mode(argv[2]));
	return fd == -1 ? -1 : close(fd);
}

static int
do_mkdir(int argc, char *argv[], char *out)
{
	(void)argc, (void)out;
	return mkdir(argv[1], word_mode(argv[2]));
}

/* mknod PATH p|c|b|s|f MODE [MAJOR MINOR] */
static int
do_mknod(int argc, char *argv[], char *out)
{
	mode_t type = 0;
	dev_t dev = 0;

	(void)out;
	switch (argv[2][0]) {
	case 'p':
		type = S_IFIFO;
		break;
	case 'c':
		type = S_IFCHR;
		break;
	case 'b':
		type = S_IFBLK;
		break;
	case 's':
		type = S_IFSOCK;
		break;
	case 'f':
		type = S_IFREG;
		break;
	default:
		script_mistake("type", argv[2]);
	}
	if (argc == 6)
		dev = makedev((unsigned)word_number(argv[4]),
		    (unsigned)word_number(argv[5]));
	return mknod(argv[1], type | word_mode(argv[3]), dev);
}

static int
do_unlink(int argc, char *argv[], char *out)
{
	(void)argc, (void)out;
	return unlink(argv[1]);
}

static int
do_rmdir(int argc, char *argv[], char *out)
{
	(void)argc, (void)out;
	return rmdir(argv[1]);
}

/* rename FROM TO [noreplace|exchange|whiteout] */
static int
do_rename(int argc, char *argv[], char *out)
{
	unsigned flags = 0;

	(void)out;
	if (argc == 3)
		return rename(argv[1], argv[2]);
	if (strcmp(argv[3], "noreplace") == 0)
		flags = 1;
	else if (strcmp(argv[3], "exchange") == 0)
		flags = 2;
	else
		flags = (unsigned)word_number(argv[3]);
	return (int)syscall(SYS_renameat2, AT_FDCWD, argv[1], AT_FDCWD,
	    argv[2], flags);
}

static int
do_link(int argc, char *argv[], char *out)
{
	(void)argc, (void)out;
	return link(argv[1], argv[2]);
}

/* symlink TARGET PATH */
static int
do_symlink(int argc, char *argv[], char *out)
{
	(void)argc, (void)out;
	return symlink(argv[1], argv[2]);
}

static int
do_readlink(int argc, char *argv[], char *out)
{
	ssize_t n = readlink(argv[1], out, OUT_MAX - 1);

	(void)argc;
	if (n == -1)
		return -1;
	out[n] = '\0';
	return 0;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Names from the stream on, sorted, with commas; dots counted in *dots. */
static void
names_list(DIR *d, char *out, int *dots)
{
	char *name[512];
	struct dirent *e;
	size_t n = 0, i;

	*dots = 0;
	while (n < 512 && (e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 ||
		    strcmp(e->d_name, "..") == 0)
			++*dots;
		else
			name[n++] = strdup(e->d_name);
	}
	qsort(name, n, sizeof(name[0]), by_name);
	for (out[0] = '\0', i = 0; i < n; i++) {
		if (strlen(out) + strlen(name[i]) < OUT_MAX - 2) {
			strcat(out, i == 0 ? "" : ",");
			strcat(out, name[i]);
		}
		free(name[i]);
	}
}

/* ls PATH: its names but "." and "..", which must be there */
static int
do_ls(int argc, char *argv[], char *out)
{
	DIR *d = opendir(argv[1]);
	int dots;

	(void)argc;
	if (d == NULL)
		return -1;
	names_list(d, out, &dots);
	closedir(d);
	if (dots != 2)
		sprintf(out, "dots:%d", dots);
	return 0;
}

/* A directory stream over several steps: one per process. */
static DIR *stream;

static int
do_opendir(int argc, char *argv[], char *out)
{
	(void)argc, (void)out;
	if (stream != NULL)
		closedir(stream);
	return (stream = opendir(argv[1])) == NULL ? -1 : 0;
}

static int
do_closedir(int argc, char *argv[], char *out)
{
	DIR *d = stream;

	(void)argc, (void)argv, (void)out;
	stream = NULL;
	return closedir(d);
}

/* readrest: how many names are left in the stream */
static int
do_readrest(int argc, char *argv[], char *out)
{
	int n = 0;

	(void)argc, (void)argv;
	while (readdir(stream) != NULL)
		n++;
	sprintf(out, "%d", n);
	return 0;
}

/* readsome N: reads N names */
static int
do_readsome(int argc, char *argv[], char *out)
{
	long long n;

	(void)argc, (void)out;
	for (n = word_number(argv[1]); n > 0; n--)
		if (readdir(stream) == NULL) {
			errno = ENODATA;
			return -1;
		}
	return 0;
}

static int
do_rewinddir(int argc, char *argv[], char *out)
{
	(void)argc, (void)argv, (void)out;
	rewinddir(stream);
	return 0;
}

/* seekback N: remembers the place, reads N, goes back, says if the same */
static int
do_seekback(int argc, char *argv[], char *out)
{
	char first[256] = "";
	struct dirent *e;
	long long n;
	long at;

	(void)argc;
	at = telldir(stream);
	for (n = 0; n < word_number(argv[1]); n++) {
		if ((e = readdir(stream)) == NULL)
			break;
		if (n == 0)
			strcpy(first, e->d_name);
	}
	seekdir(stream, at);
	e = readdir(stream);
	strcpy(out,
	    e != NULL && strcmp(e->d_name, first) == 0 ? "same" : "different");
	return 0;
}

/* many DIR N: makes files f0 to f(N-1) in it */
static int
do_many(int argc, char *argv[], char *out)
{
	char path[600];
	long long i, n = word_number(argv[2]);
	int fd;

	(void)argc, (void)out;
	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/f%lld", argv[1], i);
		if ((fd = open(path, O_CREAT | O_WRONLY, 0644)) == -1)
			return -1;
		close(fd);
	}
	return 0;
}

/* remove DIR N: unlinks what many made */
static int
do_remove(int argc, char *argv[], char *out)
{
	char path[600];
	long long i, n = word_number(argv[2]);

	(void)argc, (void)out;
	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/f%lld", argv[1], i);
		if (unlink(path) == -1)
			return -1;
	}
	return 0;
}

/* dtype DIR NAME: the type that readdir tells, as a letter */
static int
do_dtype(int argc, char *argv[], char *out)
{
	static const char letter[] = "?pc?d?b?f?l?s";
	DIR *d = opendir(argv[1]);
	struct dirent *e;

	(void)argc;
	if (d == NULL)
		return -1;
	strcpy(out, "none");
	while ((e = readdir(d)) != NULL)
		if (strcmp(e->d_name, argv[2]) == 0)
			sprintf(out, "%c",
			    e->d_type < 13 ? letter[e->d_type] : '?');
	closedir(d);
	return 0;
}

static int
do_chdir(int argc, char *argv[], char *out)
{
	(void)argc, (void)out;
	return chdir(argv[1]);
}

const struct command commands_name[] = { { "create", 2, 2, do_create },
	{ "mkdir", 2, 2, do_mkdir }, { "mknod", 3, 5, do_mknod },
	{ "unlink", 1, 1, do_unlink }, { "rmdir", 1, 1, do_rmdir },
	{ "rename", 2, 3, do_rename }, { "link", 2, 2, do_link },
	{ "symlink", 2, 2, do_symlink }, { "readlink", 1, 1, do_readlink },
	{ "ls", 1, 1, do_ls }, { "opendir", 1, 1, do_opendir },
	{ "closedir", 0, 0, do_closedir }, { "readrest", 0, 0, do_readrest },
	{ "readsome", 1, 1, do_readsome }, { "rewinddir", 0, 0, do_rewinddir },
	{ "seekback", 1, 1, do_seekback }, { "many", 2, 2, do_many },
	{ "remove", 2, 2, do_remove }, { "dtype", 2, 2, do_dtype },
	{ "chdir", 1, 1, do_chdir }, { NULL, 0, 0, NULL } };
