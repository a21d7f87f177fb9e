/* SPDX-License-Identifier: ISC */
/*
 * Random operations on one file, against a model in memory.
 *
 *	posix-exercise [-n OPS] [-r ROUNDS] [-s SEED] [-b FILE] FILE
 *	posix-exercise -f SCRIPT FILE
 *
 * FILE is made anew.  It is open twice and mapped as well, so that what is
 * written one way is read another way.  At the first difference from the
 * model the operations are cut down to few that still differ, and printed,
 * ready for -f.  -b: where the same file is found behind the mount, to be
 * compared at the end of each round.  Status 0: no difference; 1: some;
 * 2: could not be run.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/posix/exercise-ops.h"

static char path[4096], other_path[4096];
static const char *behind;
static int fds[2] = { -1, -1 };
static unsigned char model[SIZE_MAX_FILE], got[SIZE_MAX_FILE];
static unsigned size;
static char why[256];

static void
die(const char *what)
{
	fprintf(stderr, "posix-exercise: %s: %s\n", what, strerror(errno));
	exit(2);
}

static int
differ(const char *what, unsigned at)
{
	snprintf(why, sizeof(why), "%s at %u", what, at);
	return 1;
}

static int
broke(const char *what)
{
	snprintf(why, sizeof(why), "%s: %s", what, strerror(errno));
	return 1;
}

static int
compare(unsigned off, unsigned len)
{
	unsigned i;

	for (i = 0; i < len; i++)
		if (got[off + i] != model[off + i]) {
			snprintf(why, sizeof(why),
			    "byte %u is 0x%02x instead of 0x%02x", off + i,
			    got[off + i], model[off + i]);
			return 1;
		}
	return 0;
}

static int
check_size(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return broke("fstat");
	if (st.st_size != (off_t)size) {
		snprintf(why, sizeof(why), "size %lld instead of %u",
		    (long long)st.st_size, size);
		return 1;
	}
	return 0;
}

static int
do_read(const struct op *o, int fd)
{
	unsigned want = o->off >= size ? 0 :
	    o->len < size - o->off     ? o->len :
					 size - o->off;
	ssize_t n = pread(fd, got + o->off, o->len, o->off);

	if (n == -1)
		return broke("read");
	if ((unsigned)n != want)
		return differ("read is short or long", o->off);
	return compare(o->off, want);
}

/* The bytes of a write: not all the same, so that shifts are seen. */
static void
pattern(unsigned char *to, const struct op *o)
{
	unsigned i;

	for (i = 0; i < o->len; i++)
		to[i] = (unsigned char)(o->byte + i % 251);
}

static void
model_grow(unsigned end)
{
	if (end > size) {
		memset(model + size, 0, end - size);
		size = end;
	}
}

static int
do_write(const struct op *o, int fd, unsigned off)
{
	static unsigned char data[SIZE_MAX_FILE];
	ssize_t n;

	pattern(data, o);
	n = pwrite(fd, data, o->len, off);
	if (n != (ssize_t)o->len)
		return n == -1 ? broke("write") : differ("short write", off);
	if (o->len > 0)
		model_grow(off + o->len);
	memcpy(model + off, data, o->len);
	return 0;
}

static int
do_append(const struct op *o, int fd)
{
	int flags = fcntl(fd, F_GETFL), r;

	if (o->len > SIZE_MAX_FILE - size)
		return 0;
	if (fcntl(fd, F_SETFL, flags | O_APPEND) == -1)
		return broke("F_SETFL");
	r = do_write(o, fd, size);
	if (fcntl(fd, F_SETFL, flags) == -1)
		return broke("F_SETFL");
	return r;
}

static int
do_truncate(const struct op *o, int fd)
{
	if (ftruncate(fd, o->off) == -1)
		return broke("ftruncate");
	if (o->off > size)
		model_grow(o->off);
	size = o->off;
	return check_size(fd);
}

static int
do_map(const struct op *o, int fd, int writes)
{
	unsigned len = o->off >= size ? 0 :
	    o->len < size - o->off    ? o->len :
					size - o->off;
	unsigned char *p;
	int r = 0;

	if (len == 0)
		return 0;
	p = mmap(NULL, size, writes ? PROT_READ | PROT_WRITE : PROT_READ,
	    MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return broke("mmap");
	if (writes) {
		struct op part = *o;

		part.len = len;
		pattern(model + o->off, &part);
		memcpy(p + o->off, model + o->off, len);
		/* Other descriptors' reads need not see it before. */
		if (msync(p, size, MS_SYNC) == -1)
			r = broke("msync");
	} else {
		memcpy(got + o->off, p + o->off, len);
		r = compare(o->off, len);
	}
	munmap(p, size);
	return r;
}

static int
not_here(void)
{
	return errno == EOPNOTSUPP || errno == ENOSYS;
}

static int
do_fallocate(const struct op *o, int fd)
{
	int mode = 0;
	unsigned end = o->off + o->len;

	if (o->len == 0)
		return 0;
	if (o->kind == PUNCH)
		mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
	else if (o->kind == ZERO)
		mode = FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE;
	else if (o->byte % 2 == 1)
		mode = FALLOC_FL_KEEP_SIZE;
	if (fallocate(fd, mode, o->off, o->len) == -1)
		return not_here() ? 0 : broke("fallocate");
	if (mode == 0)
		model_grow(end);
	else if (o->kind != ALLOCATE && o->off < size)
		memset(model + o->off, 0, (end < size ? end : size) - o->off);
	return check_size(fd);
}

static int
do_copy(const struct op *o)
{
	unsigned len = o->off >= size ? 0 :
	    o->len < size - o->off    ? o->len :
					size - o->off;
	off_t from = o->off, to = o->to;
	ssize_t n;

	if (len > SIZE_MAX_FILE - o->to)
		len = SIZE_MAX_FILE - o->to;
	if (len == 0 || (o->to < o->off + len && o->off < o->to + len))
		return 0;
	n = copy_file_range(fds[0], &from, fds[1], &to, len, 0);
	if (n == -1)
		return not_here() || errno == EXDEV || errno == EINVAL ?
		    0 :
		    broke("copy_file_range");
	if (n == 0)
		return differ("nothing copied", o->off);
	model_grow(o->to + (unsigned)n);
	memmove(model + o->to, model + o->off, (size_t)n);
	return 0;
}

static int
do_rename(void)
{
	char swap[sizeof(path)];

	if (rename(path, other_path) == -1)
		return broke("rename");
	strcpy(swap, path);
	strcpy(path, other_path);
	strcpy(other_path, swap);
	return 0;
}

static int
do_check(int fd)
{
	struct op all = { .kind = READ, .off = 0, .len = SIZE_MAX_FILE };

	return check_size(fd) || do_read(&all, fd);
}

static int
op_do(const struct op *o)
{
	int fd = fds[o->which];

	switch (o->kind) {
	case READ:
		return do_read(o, fd);
	case WRITE:
		return do_write(o, fd, o->off);
	case APPEND:
		return do_append(o, fd);
	case TRUNCATE:
		return do_truncate(o, fd);
	case MAPREAD:
		return do_map(o, fd, 0);
	case MAPWRITE:
		return do_map(o, fd, 1);
	case ALLOCATE:
	case PUNCH:
	case ZERO:
		return do_fallocate(o, fd);
	case COPY:
		return do_copy(o);
	case REOPEN:
		if (close(fd) == -1)
			return broke("close");
		fds[o->which] = open(path, O_RDWR | O_CLOEXEC);
		return fds[o->which] == -1 ? broke("open") : 0;
	case SYNC:
		return fsync(fd) == -1 ? broke("fsync") : 0;
	case FORGET:
		return posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) != 0;
	case RENAME:
		return do_rename();
	case CHECK:
	case KINDS:
		break;
	}
	return do_check(fd);
}

/* The file that the mount shows, where it really is. */
static int
check_behind(void)
{
	int fd, r;

	if (behind == NULL)
		return 0;
	if ((fd = open(behind, O_RDONLY)) == -1)
		return broke(behind);
	r = do_check(fd);
	close(fd);
	if (r)
		strncat(why, " (behind)", sizeof(why) - strlen(why) - 1);
	return r;
}

/*
 * Runs the operations from an empty file on.  The number of the first one
 * that differs, n for the last check, or -1.
 */
static long
run(const struct op *ops, unsigned n)
{
	struct stat st;
	long bad = -1;
	unsigned i;

	/* A rename of the last run may have left the other name. */
	if (stat(path, &st) == -1 && stat(other_path, &st) == 0 &&
	    rename(other_path, path) == -1)
		die(path);
	size = 0;
	for (i = 0; i < 2; i++)
		if ((fds[i] = open(path,
			 O_RDWR | O_CREAT | O_CLOEXEC | (i == 0 ? O_TRUNC : 0),
			 0644)) == -1)
			die(path);
	for (i = 0; i < n && bad == -1; i++)
		if (op_do(&ops[i]))
			bad = i;
	if (bad == -1 &&
	    (do_check(fds[0]) || do_check(fds[1]) || fsync(fds[0]) == -1))
		bad = n;
	for (i = 0; i < 2; i++)
		close(fds[i]);
	/* Back to the first name. */
	if (strlen(path) > strlen(other_path) && do_rename() && bad == -1)
		bad = n;
	if (bad == -1 && check_behind())
		bad = n;
	return bad;
}

/* Leaves out runs of operations, smaller and smaller, while it differs. */
static unsigned
shrink(struct op *ops, unsigned n)
{
	static struct op try[OPS_MAX];
	unsigned chunk, at, less;

	for (chunk = n / 2; chunk > 0; chunk /= 2)
		for (at = 0; at < n;) {
			less = chunk < n - at ? chunk : n - at;
			memcpy(try, ops, at * sizeof(*ops));
			memcpy(try + at, ops + at + less,
			    (n - at - less) * sizeof(*ops));
			if (run(try, n - less) == -1) {
				at += chunk;
				continue;
			}
			n -= less;
			memcpy(ops, try, n * sizeof(*ops));
		}
	run(ops, n);
	return n;
}

static int
round_run(struct op *ops, unsigned n, unsigned seed)
{
	unsigned i;
	long bad;

	srandom(seed);
	for (i = 0; i < n; i++)
		op_random(&ops[i]);
	if ((bad = run(ops, n)) == -1)
		return 0;
	printf("seed %u, operation %ld: %s\n", seed, bad, why);
	n = shrink(ops, bad < (long)n ? (unsigned)bad + 1 : n);
	printf("these %u are enough (%s):\n", n, why);
	ops_print(ops, n);
	return 1;
}

int
main(int argc, char *argv[])
{
	static struct op ops[OPS_MAX];
	unsigned n = 2000, rounds = 1, seed = 1, i;
	const char *script = NULL;
	int c, failed = 0;

	while ((c = getopt(argc, argv, "n:r:s:b:f:")) != -1) {
		if (c == 'n')
			n = (unsigned)strtoul(optarg, NULL, 0);
		else if (c == 'r')
			rounds = (unsigned)strtoul(optarg, NULL, 0);
		else if (c == 's')
			seed = (unsigned)strtoul(optarg, NULL, 0);
		else if (c == 'b')
			behind = optarg;
		else if (c == 'f')
			script = optarg;
		else
			return 2;
	}
	if (argc - optind != 1 || n > OPS_MAX) {
		fprintf(stderr,
		    "usage: posix-exercise [-n OPS] [-r ROUNDS] "
		    "[-s SEED] [-b FILE] [-f SCRIPT] FILE\n");
		return 2;
	}
	/* Names of different length: run() tells them apart by that. */
	snprintf(path, sizeof(path), "%s", argv[optind]);
	snprintf(other_path, sizeof(other_path), "%s.renamed", argv[optind]);
	if (script != NULL) {
		if ((n = ops_read(script, ops)) == 0)
			die(script);
		if (run(ops, n) != -1) {
			printf("%s\n", why);
			failed = 1;
		}
	} else
		for (i = 0; i < rounds && !failed; i++)
			failed = round_run(ops, n, seed + i);
	unlink(path);
	if (!failed)
		printf("%u rounds of %u operations agree\n", rounds, n);
	return failed;
}
