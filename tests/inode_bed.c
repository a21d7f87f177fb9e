/* SPDX-License-Identifier: ISC */
#include "inode_bed.h"
#include "inode_own.h"

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct inode_table bed_table;
int bed_dir_fd;

static char dir[64];

void
bed_fds_count_check(unsigned want_at_most)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned n = 0;

	ck_assert_ptr_nonnull(d);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	/* ".", ".." and the directory itself. */
	ck_assert_uint_le(n - 3, want_at_most);
}

void
bed_setup(unsigned fds_max)
{
	int fd;

	strcpy(dir, "/tmp/check_inode.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	bed_dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(bed_dir_fd, 0);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(inode_table_init(&bed_table, fd, fds_max, 5), 0);
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *f)
{
	(void)st, (void)type, (void)f;
	return remove(path);
}

void
bed_teardown(void)
{
	uint64_t lookups;

	ck_assert_uint_eq(inode_table_fini(&bed_table, &lookups), 0);
	ck_assert_uint_eq(lookups, 0);
	close(bed_dir_fd);
	bed_fds_count_check(10);
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void
bed_no_handles(void)
{
	fhandle_fini(&bed_table.by_handle);
}

const struct inode *
bed_root(void)
{
	return inode_own_root(&bed_table);
}

void
bed_make(const char *name)
{
	int fd = openat(bed_dir_fd, name, O_CREAT | O_WRONLY | O_CLOEXEC,
	    0600);

	ck_assert_int_ge(fd, 0);
	close(fd);
}

uint64_t
bed_look_below(uint64_t dir_id, const char *name, struct stat *st)
{
	struct inode *in;
	uint64_t id;
	int fd;

	ck_assert_int_eq(inode_get(&bed_table, dir_id, &in), 0);
	fd = openat(in->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fstat(fd, st), 0);
	ck_assert_int_eq(inode_enter(&bed_table, fd, st, in, name, &id), 0);
	inode_put(&bed_table, in);
	return id;
}

uint64_t
bed_look(const char *name, struct stat *st)
{
	return bed_look_below(INODE_ROOT, name, st);
}

int
bed_is_on(uint64_t id, const struct stat *want)
{
	struct inode *in;
	struct stat st;
	int r;

	if ((r = inode_get(&bed_table, id, &in)) != 0)
		return r;
	r = fstat(in->fd, &st);
	ck_assert_int_eq(r, 0);
	inode_put(&bed_table, in);
	return st.st_ino == want->st_ino && st.st_dev == want->st_dev ? 0 : -1;
}
