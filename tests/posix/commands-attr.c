/* SPDX-License-Identifier: ISC */
/* Commands on attributes. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "script.h"

/* One field of st after what is in out. */
static void
field_print(const struct stat *st, const char *field, char *out)
{
	static const char *const types[] = { [S_IFREG >> 12] = "file",
		[S_IFDIR >> 12] = "dir",
		[S_IFLNK >> 12] = "link",
		[S_IFIFO >> 12] = "pipe",
		[S_IFSOCK >> 12] = "socket",
		[S_IFCHR >> 12] = "char",
		[S_IFBLK >> 12] = "block" };

	out += strlen(out);
	if (strcmp(field, "type") == 0)
		strcpy(out, types[(st->st_mode & S_IFMT) >> 12]);
	else if (strcmp(field, "mode") == 0)
		sprintf(out, "%04o", st->st_mode & 07777u);
	else if (strcmp(field, "nlink") == 0)
		sprintf(out, "%lu", (unsigned long)st->st_nlink);
	else if (strcmp(field, "uid") == 0)
		sprintf(out, "%u", st->st_uid);
	else if (strcmp(field, "gid") == 0)
		sprintf(out, "%u", st->st_gid);
	else if (strcmp(field, "size") == 0)
		sprintf(out, "%lld", (long long)st->st_size);
	else if (strcmp(field, "rdev") == 0)
		sprintf(out, "%u:%u", major(st->st_rdev), minor(st->st_rdev));
	else if (strcmp(field, "atime") == 0)
		sprintf(out, "%lld.%09ld", (long long)st->st_atim.tv_sec,
		    st->st_atim.tv_nsec);
	else if (strcmp(field, "mtime") == 0)
		sprintf(out, "%lld.%09ld", (long long)st->st_mtim.tv_sec,
		    st->st_mtim.tv_nsec);
	else if (strcmp(field, "holes") == 0)
		strcpy(out, st->st_blocks * 512 < st->st_size ? "yes" : "no");
	else
		script_mistake("no such field", field);
}

static int
fields_print(const struct stat *st, char *fields, char *out)
{
	char *f, *save = NULL;

	out[0] = '\0';
	for (f = strtok_r(fields, ",", &save); f != NULL;
	     f = strtok_r(NULL, ",", &save)) {
		if (out[0] != '\0')
			strcat(out, ",");
		field_print(st, f, out);
	}
	return 0;
}

/* stat PATH FIELDS; lstat; fstat FILE FIELDS */
static int
do_stat(int argc, char *argv[], char *out)
{
	struct stat st;
	int r;

	(void)argc;
	if (argv[0][0] == 'l')
		r = lstat(argv[1], &st);
	else if (argv[0][0] == 'f')
		r = fstat(word_file(argv[1]), &st);
	else
		r = stat(argv[1], &st);
	return r == -1 ? -1 : fields_print(&st, argv[2], out);
}

/* modeonly PATH: asks for nothing else, which a cache may answer */
static int
do_modeonly(int argc, char *argv[], char *out)
{
	struct statx st;

	(void)argc;
	if (statx(AT_FDCWD, argv[1], 0, STATX_MODE, &st) == -1)
		return -1;
	sprintf(out, "%04o", st.stx_mode & 07777u);
	return 0;
}

/* same PATH PATH: yes if one file */
static int
do_same(int argc, char *argv[], char *out)
{
	struct stat a, b;

	(void)argc;
	if (lstat(argv[1], &a) == -1 || lstat(argv[2], &b) == -1)
		return -1;
	strcpy(out,
	    a.st_ino == b.st_ino && a.st_dev == b.st_dev ? "yes" : "no");
	return 0;
}

static int
do_chmod(int argc, char *argv[], char *out)
{
	mode_t mode = (mode_t)word_number(argv[2]);

	(void)argc, (void)out;
	if (argv[0][0] == 'f')
		return fchmod(word_file(argv[1]), mode);
	return chmod(argv[1], mode);
}

/* u1 and u2 are ids, "-" changes nothing */
static unsigned
word_id(const char *word)
{
	if (strcmp(word, "-") == 0)
		return (unsigned)-1;
	if (strcmp(word, "U1") == 0)
		return USER_1;
	if (strcmp(word, "U2") == 0)
		return USER_2;
	return (unsigned)word_number(word);
}

/* chown PATH UID GID; lchown; fchown FILE UID GID */
static int
do_chown(int argc, char *argv[], char *out)
{
	uid_t uid = word_id(argv[2]);
	gid_t gid = word_id(argv[3]);

	(void)argc, (void)out;
	if (argv[0][0] == 'l')
		return lchown(argv[1], uid, gid);
	if (argv[0][0] == 'f')
		return fchown(word_file(argv[1]), uid, gid);
	return chown(argv[1], uid, gid);
}

static int
do_access(int argc, char *argv[], char *out)
{
	int mode = F_OK;

	(void)argc, (void)out;
	if (strchr(argv[2], 'r') != NULL)
		mode |= R_OK;
	if (strchr(argv[2], 'w') != NULL)
		mode |= W_OK;
	if (strchr(argv[2], 'x') != NULL)
		mode |= X_OK;
	return access(argv[1], mode);
}

/* SECONDS[.NANOSECONDS], "now" or "-" */
static struct timespec
word_time(const char *word)
{
	struct timespec t = { 0, 0 };
	char *end;

	if (strcmp(word, "now") == 0)
		t.tv_nsec = UTIME_NOW;
	else if (strcmp(word, "-") == 0)
		t.tv_nsec = UTIME_OMIT;
	else {
		t.tv_sec = strtoll(word, &end, 10);
		if (*end == '.')
			t.tv_nsec = strtol(end + 1, NULL, 10);
	}
	return t;
}

/* utimens PATH ATIME MTIME; lutimens; futimens FILE ATIME MTIME */
static int
do_utimens(int argc, char *argv[], char *out)
{
	struct timespec tv[2];

	(void)argc, (void)out;
	tv[0] = word_time(argv[2]);
	tv[1] = word_time(argv[3]);
	if (argv[0][0] == 'f')
		return futimens(word_file(argv[1]), tv);
	return utimensat(AT_FDCWD, argv[1], tv,
	    argv[0][0] == 'l' ? AT_SYMLINK_NOFOLLOW : 0);
}

/* Times of the last "stamp". */
static struct stat stamped;

/* stamp PATH: remembers its times, and waits until the clock shows more */
static int
do_stamp(int argc, char *argv[], char *out)
{
	struct timespec begin, now;

	(void)argc, (void)out;
	if (lstat(argv[1], &stamped) == -1)
		return -1;
	clock_gettime(CLOCK_REALTIME_COARSE, &begin);
	do {
		clock_gettime(CLOCK_REALTIME_COARSE, &now);
	} while ((now.tv_sec - begin.tv_sec) * 1000000000L + now.tv_nsec -
		begin.tv_nsec <
	    9000000);
	return 0;
}

static int
time_differs(struct timespec a, struct timespec b)
{
	return a.tv_sec != b.tv_sec || a.tv_nsec != b.tv_nsec;
}

/* changed PATH: which of "m" and "c" are not as at the stamp */
static int
do_changed(int argc, char *argv[], char *out)
{
	struct stat st;

	(void)argc;
	if (lstat(argv[1], &st) == -1)
		return -1;
	out[0] = '\0';
	if (time_differs(st.st_mtim, stamped.st_mtim))
		strcat(out, "m");
	if (time_differs(st.st_ctim, stamped.st_ctim))
		strcat(out, "c");
	if (out[0] == '\0')
		strcpy(out, "none");
	return 0;
}

static int
do_umask(int argc, char *argv[], char *out)
{
	(void)argc, (void)out;
	umask((mode_t)word_number(argv[1]));
	return 0;
}

/* setxattr PATH NAME VALUE [create|replace]; lsetxattr */
static int
do_setxattr(int argc, char *argv[], char *out)
{
	int flags = 0;

	(void)out;
	if (argc == 5)
		flags = strcmp(argv[4], "create") == 0 ? XATTR_CREATE :
							 XATTR_REPLACE;
	if (argv[0][0] == 'l')
		return lsetxattr(argv[1], argv[2], argv[3], strlen(argv[3]),
		    flags);
	if (argv[0][0] == 'f')
		return fsetxattr(word_file(argv[1]), argv[2], argv[3],
		    strlen(argv[3]), flags);
	return setxattr(argv[1], argv[2], argv[3], strlen(argv[3]), flags);
}

/* getxattr PATH NAME [SIZE] */
static int
do_getxattr(int argc, char *argv[], char *out)
{
	size_t size = OUT_MAX - 1;
	ssize_t n;

	if (argc == 4)
		size = (size_t)word_number(argv[3]);
	if (argv[0][0] == 'f')
		n = fgetxattr(word_file(argv[1]), argv[2], out, size);
	else
		n = getxattr(argv[1], argv[2], out, size);
	if (n == -1)
		return -1;
	if (size == 0)
		sprintf(out, "%zd", n);
	else
		out[n] = '\0';
	return 0;
}

/* listxattr PATH: names that start with "user.", with commas */
static int
do_listxattr(int argc, char *argv[], char *out)
{
	char list[4096], *p;
	ssize_t n = listxattr(argv[1], list, sizeof(list));

	(void)argc;
	if (n == -1)
		return -1;
	for (out[0] = '\0', p = list; p < list + n; p += strlen(p) + 1)
		if (strncmp(p, "user.", 5) == 0) {
			strcat(out, out[0] == '\0' ? "" : ",");
			strcat(out, p);
		}
	return 0;
}

static int
do_removexattr(int argc, char *argv[], char *out)
{
	(void)argc, (void)out;
	return removexattr(argv[1], argv[2]);
}

/* statfs PATH: does it make sense? */
static int
do_statfs(int argc, char *argv[], char *out)
{
	struct statvfs sv;

	(void)argc;
	if (statvfs(argv[1], &sv) == -1)
		return -1;
	strcpy(out,
	    sv.f_bsize > 0 && sv.f_blocks >= sv.f_bfree &&
		    sv.f_bfree >= sv.f_bavail && sv.f_namemax == 255 ?
		"sane" :
		"strange");
	return 0;
}

const struct command commands_attr[] = { { "stat", 2, 2, do_stat },
	{ "lstat", 2, 2, do_stat }, { "fstat", 2, 2, do_stat },
	{ "modeonly", 1, 1, do_modeonly }, { "same", 2, 2, do_same },
	{ "chmod", 2, 2, do_chmod }, { "fchmod", 2, 2, do_chmod },
	{ "chown", 3, 3, do_chown }, { "lchown", 3, 3, do_chown },
	{ "fchown", 3, 3, do_chown }, { "access", 2, 2, do_access },
	{ "utimens", 3, 3, do_utimens }, { "lutimens", 3, 3, do_utimens },
	{ "futimens", 3, 3, do_utimens }, { "stamp", 1, 1, do_stamp },
	{ "changed", 1, 1, do_changed }, { "umask", 1, 1, do_umask },
	{ "setxattr", 3, 4, do_setxattr }, { "lsetxattr", 3, 4, do_setxattr },
	{ "fsetxattr", 3, 4, do_setxattr }, { "getxattr", 2, 3, do_getxattr },
	{ "fgetxattr", 2, 3, do_getxattr },
	{ "listxattr", 1, 1, do_listxattr },
	{ "removexattr", 2, 2, do_removexattr }, { "statfs", 1, 1, do_statfs },
	{ NULL, 0, 0, NULL } };
