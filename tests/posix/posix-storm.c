/* SPDX-License-Identifier: ISC */
/*
 * Many threads make, rename, link, look up and remove the same few names.
 *
 *	posix-storm [-t THREADS] [-n OPS] [-s SEED] DIR [SOURCE]
 *
 * Only errors that another thread can be the reason of are allowed.  Every
 * file's contents are the number that it was made with, under whatever name
 * it is found.  Meanwhile one thread lists a directory in which files come
 * and go: those that stay must be listed exactly once, none twice.  In the
 * end the tree must look the same through DIR and through SOURCE, which is
 * the directory that DIR shows.  Status 0: all well; 1: not; 2: could not
 * be run.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define THREADS_MAX 64
#define DIRS 4	 /* d0, d1... */
#define NAMES 12 /* in each: n0, n1... */
#define STAY 150 /* files that stay in the listed directory */

static const char *top;
static unsigned threads = 8, operations = 5000, seed = 1;
static atomic_uint failures;
static atomic_int stopping;

static void
complain(const char *what, const char *path, int e)
{
	if (atomic_fetch_add(&failures, 1) < 20)
		fprintf(stderr, "posix-storm: %s %s: %s\n", what, path,
		    e == 0 ? "wrong" : strerror(e));
}

/* A result of one of the operations that race. */
static void
allow(int r, const char *what, const char *path, const int *allowed)
{
	int e = errno;

	if (r != -1)
		return;
	for (; *allowed != 0; allowed++)
		if (e == *allowed)
			return;
	complain(what, path, e);
}

static const int gone[] = { ENOENT, 0 };
static const int taken[] = { ENOENT, EEXIST, 0 };
static const int any_type[] = { ENOENT, EEXIST, EISDIR, ENOTDIR, ENOTEMPTY,
	EINVAL, EPERM, 0 };

struct name {
	char path[300];
};

static struct name
name_random(unsigned *state)
{
	struct name n;

	snprintf(n.path, sizeof(n.path), "%s/d%d/n%d", top,
	    rand_r(state) % DIRS, rand_r(state) % NAMES);
	return n;
}

static void
file_make(const char *path, unsigned *state)
{
	char text[32];
	int fd, len;

	fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
	allow(fd, "create", path, taken);
	if (fd == -1)
		return;
	len = snprintf(text, sizeof(text), "%010d", rand_r(state));
	if (write(fd, text, (size_t)len) != len)
		complain("write", path, errno);
	if (close(fd) == -1)
		complain("close", path, errno);
}

/* A file is empty as long as its maker has not written. */
static void
file_look(const char *path)
{
	struct stat st;
	char text[32];
	ssize_t n;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	allow(fd, "open", path, (const int[]){ ENOENT, ELOOP, 0 });
	if (fd == -1)
		return;
	if (fstat(fd, &st) == -1)
		complain("fstat", path, errno);
	else if (S_ISREG(st.st_mode)) {
		n = read(fd, text, sizeof(text));
		if (n == -1 || (n != 0 && n != 10) ||
		    (n == 10 && strspn(text, "0123456789") < 10))
			complain("contents of", path, n == -1 ? errno : 0);
	}
	close(fd);
}

static void
storm_step(unsigned *state)
{
	struct name a = name_random(state), b = name_random(state);
	struct stat st;

	switch (rand_r(state) % 12) {
	case 0:
	case 1:
	case 2:
		file_make(a.path, state);
		break;
	case 3:
		allow(unlink(a.path), "unlink", a.path, any_type);
		break;
	case 4:
	case 5:
		allow(rename(a.path, b.path), "rename", a.path, any_type);
		break;
	case 6:
		allow(link(a.path, b.path), "link", a.path, any_type);
		break;
	case 7:
		allow(mkdir(a.path, 0755), "mkdir", a.path, taken);
		break;
	case 8:
		allow(rmdir(a.path), "rmdir", a.path, any_type);
		break;
	case 9:
		allow(symlink("target", a.path), "symlink", a.path, taken);
		break;
	case 10:
		allow(lstat(a.path, &st), "lstat", a.path, gone);
		break;
	default:
		file_look(a.path);
	}
}

static void *
storm_main(void *arg)
{
	unsigned state = seed * 1000 + (unsigned)(uintptr_t)arg, i;

	for (i = 0; i < operations; i++)
		storm_step(&state);
	return NULL;
}

/* Files "come.N" appear and vanish among those that stay. */
static void *
come_and_go_main(void *arg)
{
	unsigned state = seed;
	char path[300];
	int fd;

	(void)arg;
	while (!atomic_load(&stopping)) {
		snprintf(path, sizeof(path), "%s/list/come.%d", top,
		    rand_r(&state) % 100);
		if (rand_r(&state) % 2 == 0) {
			allow(unlink(path), "unlink", path, gone);
			continue;
		}
		fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
		if (fd == -1)
			complain("create", path, errno);
		else
			close(fd);
	}
	return NULL;
}

static void
list_once(const char *path)
{
	unsigned char stay[STAY] = { 0 };
	struct dirent *e;
	DIR *d = opendir(path);
	int i;

	if (d == NULL) {
		complain("opendir", path, errno);
		return;
	}
	while ((errno = 0, e = readdir(d)) != NULL)
		if (sscanf(e->d_name, "stay.%d", &i) == 1)
			stay[i]++;
	if (errno != 0)
		complain("readdir", path, errno);
	for (i = 0; i < STAY; i++)
		if (stay[i] != 1)
			complain(stay[i] == 0 ? "a name is missing in" :
						"a name comes twice in",
			    path, 0);
	closedir(d);
}

static void *
list_main(void *arg)
{
	char path[300];

	(void)arg;
	snprintf(path, sizeof(path), "%s/list", top);
	while (!atomic_load(&stopping))
		list_once(path);
	return NULL;
}

static void
tree_make(void)
{
	char path[400];
	int i, fd;

	for (i = 0; i <= DIRS; i++) {
		snprintf(path, sizeof(path), i == DIRS ? "%s/list" : "%s/d%d",
		    top, i);
		if (mkdir(path, 0755) == -1) {
			perror(path);
			exit(2);
		}
	}
	for (i = 0; i < STAY; i++) {
		snprintf(path, sizeof(path), "%s/list/stay.%d", top, i);
		if ((fd = open(path, O_CREAT | O_WRONLY, 0644)) == -1) {
			perror(path);
			exit(2);
		}
		close(fd);
	}
}

/* One line about a name, to be compared. */
static void
describe(const char *path, char *line, size_t size)
{
	struct stat st;
	char text[64] = "";
	ssize_t n = 0;
	int fd;

	if (lstat(path, &st) == -1) {
		snprintf(line, size, "%s", strerror(errno));
		return;
	}
	if (S_ISLNK(st.st_mode))
		n = readlink(path, text, sizeof(text) - 1);
	else if (S_ISREG(st.st_mode) && (fd = open(path, O_RDONLY)) != -1) {
		n = read(fd, text, sizeof(text) - 1);
		close(fd);
	}
	text[n > 0 ? n : 0] = '\0';
	snprintf(line, size, "mode %o links %lu size %lld ino %llu: %s",
	    st.st_mode, (unsigned long)st.st_nlink,
	    S_ISDIR(st.st_mode) ? 0 : (long long)st.st_size,
	    (unsigned long long)st.st_ino, text);
}

static int
visible(const struct dirent *e)
{
	return strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
}

/* The same names, with the same said about them, below both. */
static void
compare(const char *a, const char *b)
{
	char pa[4096], pb[4096], da[300], db[300];
	struct dirent **na, **nb;
	int i, ca, cb;

	ca = scandir(a, &na, visible, alphasort);
	cb = scandir(b, &nb, visible, alphasort);
	if (ca != cb || ca == -1) {
		complain("number of names in", a, 0);
		return;
	}
	for (i = 0; i < ca; i++) {
		snprintf(pa, sizeof(pa), "%s/%s", a, na[i]->d_name);
		snprintf(pb, sizeof(pb), "%s/%s", b, nb[i]->d_name);
		describe(pa, da, sizeof(da));
		describe(pb, db, sizeof(db));
		if (strcmp(na[i]->d_name, nb[i]->d_name) != 0 ||
		    strcmp(da, db) != 0) {
			complain("difference at", pa, 0);
			fprintf(stderr, "\t%s\n\t%s\n", da, db);
		}
		if (strncmp(da, "mode 4", 6) == 0)
			compare(pa, pb);
		free(na[i]);
		free(nb[i]);
	}
	free(na);
	free(nb);
}

static void
storm(void)
{
	pthread_t id[THREADS_MAX], list, change;
	unsigned i;

	if (pthread_create(&list, NULL, list_main, NULL) != 0 ||
	    pthread_create(&change, NULL, come_and_go_main, NULL) != 0)
		exit(2);
	for (i = 0; i < threads; i++)
		if (pthread_create(&id[i], NULL, storm_main,
			(void *)(uintptr_t)i) != 0)
			exit(2);
	for (i = 0; i < threads; i++)
		pthread_join(id[i], NULL);
	atomic_store(&stopping, 1);
	pthread_join(list, NULL);
	pthread_join(change, NULL);
}

int
main(int argc, char *argv[])
{
	int c;

	while ((c = getopt(argc, argv, "t:n:s:")) != -1) {
		if (c == 't')
			threads = (unsigned)strtoul(optarg, NULL, 0);
		else if (c == 'n')
			operations = (unsigned)strtoul(optarg, NULL, 0);
		else if (c == 's')
			seed = (unsigned)strtoul(optarg, NULL, 0);
		else
			return 2;
	}
	if (argc - optind < 1 || argc - optind > 2 || threads > THREADS_MAX ||
	    strlen(argv[optind]) > 200) {
		fprintf(stderr,
		    "usage: posix-storm [-t THREADS] [-n OPS] "
		    "[-s SEED] DIR [SOURCE]\n");
		return 2;
	}
	top = argv[optind];
	tree_make();
	storm();
	if (argc - optind == 2)
		compare(argv[optind], argv[optind + 1]);
	printf("%u threads, %u operations each, %u failures\n", threads,
	    operations, atomic_load(&failures));
	return atomic_load(&failures) != 0;
}
