/* SPDX-License-Identifier: ISC */
/*
 * Mount a FUSE file system in one of the ways that programs do, then become
 * a file system that takes /dev/fd/N as its mount point.
 *
 *	mounter WAY MOUNTPOINT COMMAND [ARG...]	{} in ARG: /dev/fd/N
 *
 * Ways: direct; magic (with the flags' old magic number); late (opens the
 * device, then goes to user and mount namespaces of its own); int80 (the
 * 32-bit entry of an x86-64 kernel); relative (from the parent directory);
 * fsopen (tries the newer calls first, as a library that can fall back);
 * helper:PROGRAM (a fusermount by any name, without environment, mount point
 * before the options); seen (looks for the mount as soon as mount(2) has
 * returned); leave (unmounts again before it serves, and ends with success);
 * refuse (answers INIT with an error, and ends well when no request comes);
 * elsewhere (a child, named so, which has the same descriptors, mounts in a
 * mount namespace of its own and stays there).
 *
 * With copies of the device: dup (served on one, two others are closed);
 * idle (another process has one and does nothing); epoll (another process
 * waits for it); child (a child mounts and ends, served on the parent's own);
 * spins (the same, by a process in the background that reads until it can);
 * sync (asks the device to send INIT within mount(2), if it can).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <linux/fuse.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define FLAGS (MS_NOSUID | MS_NODEV)
#define SYNC_INIT _IO(229, 3) /* of the device, from Linux 6.18 on */

__attribute__((noreturn)) static void
die(const char *what)
{
	fprintf(stderr, "mounter: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int
open_device(char *options, size_t cap)
{
	int fd = open("/dev/fuse", O_RDWR);

	if (fd == -1)
		die("/dev/fuse");
	snprintf(options, cap, "fd=%d,rootmode=40000,user_id=%u,group_id=%u",
	    fd, geteuid(), getegid());
	return fd;
}

#ifdef __x86_64__
/* mount(2) by its 32-bit number, all strings below 4 GiB. */
static int
mount_int80(const char *target, const char *options)
{
	char *low = mmap(NULL, 16384, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	long r = 21;

	if (low == MAP_FAILED)
		die("mmap");
	snprintf(low, 4096, "%s", target);
	snprintf(low + 4096, 4096, "%s", options);
	strcpy(low + 8192, "mounter");
	strcpy(low + 12288, "fuse.mounter");
	__asm__ volatile("int $0x80"
			 : "+a"(r)
			 : "b"(low + 8192), "c"(low), "d"(low + 12288),
			 "S"((long)FLAGS), "D"(low + 4096)
			 : "memory", "r8", "r9", "r10", "r11");
	if ((int)r == 0)
		return 0;
	errno = -(int)r;
	return -1;
}
#endif

static int
mount_device(const char *target, const char *options)
{
	return mount("mounter", target, "fuse.mounter", FLAGS, options);
}

static int
mount_relative(char *target, const char *options)
{
	char *copy = strdup(target);

	if (copy == NULL || chdir(dirname(target)) == -1)
		die("chdir");
	return mount("mounter", basename(copy), "fuse.mounter", FLAGS,
	    options);
}

static int
mount_fsopen(const char *target, const char *options)
{
#ifdef SYS_fsopen
	long fd = syscall(SYS_fsopen, "fuse", 0);

	if (fd != -1 || errno != ENOSYS) {
		fprintf(stderr, "mounter: fsopen gave %ld, errno %d\n", fd,
		    errno);
		exit(1);
	}
#endif
	return mount_device(target, options);
}

static ino_t
inode_of(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		die("fstat");
	return st.st_ino;
}

/* All descriptors are one file before and after, with their own flags. */
static int
mount_dup(int *fd, const char *target, const char *options)
{
	int copy = dup(*fd), closed = fcntl(*fd, F_DUPFD_CLOEXEC, 50);
	ino_t before = inode_of(*fd);

	if (copy == -1 || closed == -1)
		die("dup");
	if (mount_device(target, options) == -1)
		return -1;
	if (inode_of(copy) != inode_of(*fd) ||
	    inode_of(closed) != inode_of(*fd) || fcntl(copy, F_GETFD) != 0 ||
	    fcntl(closed, F_GETFD) != FD_CLOEXEC) {
		fprintf(stderr,
		    "mounter: copies: inode %lu, then %lu, %lu, "
		    "%lu, flags %d, %d\n",
		    (unsigned long)before, (unsigned long)inode_of(*fd),
		    (unsigned long)inode_of(copy),
		    (unsigned long)inode_of(closed), fcntl(copy, F_GETFD),
		    fcntl(closed, F_GETFD));
		exit(1);
	}
	close(*fd);
	*fd = copy;
	return 0;
}

/* A device that is not mounted is ready, for an error, once: who wants to
 * hear of changes only waits from then on. */
static void
wait_for_changes(int fd, int ready)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLET };
	int set = epoll_create1(EPOLL_CLOEXEC);

	if (set == -1 || epoll_ctl(set, EPOLL_CTL_ADD, fd, &ev) == -1 ||
	    epoll_wait(set, &ev, 1, -1) == -1)
		die("epoll");
	close(ready);
	if (epoll_wait(set, &ev, 1, -1) == -1)
		die("epoll_wait");
	fprintf(stderr, "mounter: a copy is ready: %x\n", ev.events);
	_exit(0);
}

static int
sleeps(pid_t pid)
{
	char path[64], state = '?';
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	if ((f = fopen(path, "re")) == NULL)
		die(path);
	if (fscanf(f, "%*d %*s %c", &state) != 1)
		die(path);
	fclose(f);
	return state == 'S';
}

/* A child that ends with us has the device, too. */
static void
fork_holder(int fd, int waits)
{
	pid_t pid;
	char byte;
	int sv[2];

	if (pipe2(sv, O_CLOEXEC) == -1 || (pid = fork()) == -1)
		die("fork");
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(sv[0]);
		if (waits)
			wait_for_changes(fd, sv[1]);
		close(sv[1]);
		for (;;)
			pause();
	}
	close(sv[1]);
	if (read(sv[0], &byte, 1) == -1)
		die("pipe");
	close(sv[0]);
	while (!sleeps(pid))
		usleep(1000);
}

static void
look_for_mount(const char *target)
{
	char *line = NULL, at[4096];
	size_t cap = 0;
	FILE *f = fopen("/proc/self/mountinfo", "re");

	if (f == NULL)
		die("mountinfo");
	while (getline(&line, &cap, f) != -1)
		if (sscanf(line, "%*s %*s %*s %*s %4095s", at) == 1 &&
		    strcmp(at, target) == 0)
			goto found;
	fprintf(stderr, "mounter: mounted, but not there\n");
	exit(1);
found:
	free(line);
	fclose(f);
}

/* A file system that can't: every request fails. */
static void
refuse_all(int fd)
{
	static unsigned char buf[1 << 20];
	struct fuse_out_header out = { .len = sizeof(out), .error = -EIO };
	struct fuse_in_header in;
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		memcpy(&in, buf, sizeof(in));
		out.unique = in.unique;
		if (write(fd, &out, sizeof(out)) == -1)
			die("write");
	}
	if (n == -1 && errno != ENODEV)
		die("read");
	exit(0);
}

static int
mount_child(const char *target, const char *options)
{
	int status;
	pid_t pid = fork();

	if (pid == -1)
		die("fork");
	if (pid == 0) {
		if (mount_device(target, options) == -1)
			die("child");
		_exit(0);
	}
	if (waitpid(pid, &status, 0) == -1 || status != 0)
		exit(1);
	return 0;
}

static int
read_for_ever(int fd)
{
	static unsigned char buf[1 << 20];

	if (fork() != 0)
		_exit(0);
	while (read(fd, buf, sizeof(buf)) == -1 && errno == EPERM)
		usleep(1000);
	return 0;
}

static int
mount_elsewhere(const char *target, const char *options)
{
	volatile int *result = mmap(NULL, sizeof(*result),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	long pid;

	if (result == MAP_FAILED)
		die("mmap");
	*result = -1;
	if ((pid = syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0)) ==
	    -1)
		die("clone");
	if (pid == 0) {
		prctl(PR_SET_NAME, "elsewhere");
		if (unshare(CLONE_NEWNS) == -1 ||
		    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1 ||
		    mount_device(target, options) == -1)
			*result = errno;
		else
			*result = 0;
		for (;;)
			pause();
	}
	while (*result == -1)
		usleep(1000);
	errno = *result;
	return *result == 0 ? 0 : -1;
}

/* A library that is refused falls back. */
static int
mount_sync(int fd, const char *target, const char *options)
{
	if (ioctl(fd, SYNC_INIT, 0) == 0) {
		fprintf(stderr, "mounter: INIT is to come within mount(2)\n");
		exit(1);
	}
	return mount_device(target, options);
}

static int
receive_fd(int sock)
{
	char byte, space[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { &byte, 1 };
	struct msghdr mh = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = space,
		.msg_controllen = sizeof(space) };
	int fd;

	if (recvmsg(sock, &mh, 0) != 1 || CMSG_FIRSTHDR(&mh) == NULL)
		return -1;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&mh)), sizeof(int));
	return fd;
}

static int
mount_helper(const char *program, char *target)
{
	char comm[32], *env[] = { comm, NULL };
	char *argv[] = { (char *)(uintptr_t)program, target,
		(char *)(uintptr_t) "-o",
		(char *)(uintptr_t) "fsname=mounter,subtype=mounter", NULL };
	int sv[2], status, fd;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, sv) == -1)
		die("socketpair");
	snprintf(comm, sizeof(comm), "_FUSE_COMMFD=%d", sv[0]);
	if ((pid = fork()) == 0) {
		close(sv[1]);
		execve(program, argv, env);
		_exit(127);
	}
	close(sv[0]);
	if (waitpid(pid, &status, 0) == -1 || status != 0) {
		fprintf(stderr, "mounter: helper status %d\n", status);
		exit(1);
	}
	if ((fd = receive_fd(sv[1])) == -1)
		die("no descriptor from the helper");
	close(sv[1]);
	return fd;
}

int
main(int argc, char *argv[])
{
	char options[256], path[32];
	const char *way;
	int fd, i, r = -1;

	if (argc < 4) {
		fprintf(stderr, "usage: mounter WAY MOUNTPOINT COMMAND...\n");
		return 2;
	}
	way = argv[1];
	if (strncmp(way, "helper:", 7) == 0) {
		fd = mount_helper(way + 7, argv[2]);
		r = 0;
	} else {
		fd = open_device(options, sizeof(options));
		if (strcmp(way, "direct") == 0 || strcmp(way, "seen") == 0 ||
		    strcmp(way, "leave") == 0 || strcmp(way, "refuse") == 0)
			r = mount_device(argv[2], options);
		else if (strcmp(way, "dup") == 0)
			r = mount_dup(&fd, argv[2], options);
		else if (strcmp(way, "child") == 0)
			r = mount_child(argv[2], options);
		else if (strcmp(way, "spins") == 0)
			r = mount_child(argv[2], options) == -1 ?
			    -1 :
			    read_for_ever(fd);
		else if (strcmp(way, "elsewhere") == 0)
			r = mount_elsewhere(argv[2], options);
		else if (strcmp(way, "sync") == 0)
			r = mount_sync(fd, argv[2], options);
		else if (strcmp(way, "idle") == 0 ||
		    strcmp(way, "epoll") == 0) {
			fork_holder(fd, way[0] == 'e');
			r = mount_device(argv[2], options);
		} else if (strcmp(way, "magic") == 0)
			r = mount("mounter", argv[2], "fuse.mounter",
			    MS_MGC_VAL | FLAGS, options);
		else if (strcmp(way, "late") == 0)
			r = unshare(CLONE_NEWUSER | CLONE_NEWNS) == -1 ?
			    -1 :
			    mount("mounter", argv[2], "fuse.mounter", 0,
				options);
		else if (strcmp(way, "relative") == 0)
			r = mount_relative(argv[2], options);
		else if (strcmp(way, "fsopen") == 0)
			r = mount_fsopen(argv[2], options);
#ifdef __x86_64__
		else if (strcmp(way, "int80") == 0)
			r = mount_int80(argv[2], options);
#endif
		else
			errno = EINVAL;
	}
	if (r == -1)
		die(way);
	if (strcmp(way, "seen") == 0)
		look_for_mount(argv[2]);
	if (strcmp(way, "refuse") == 0)
		refuse_all(fd);
	if (strcmp(way, "leave") == 0) {
		if (umount2(argv[2], 0) == -1)
			die("umount2");
		return 0;
	}
	snprintf(path, sizeof(path), "/dev/fd/%d", fd);
	for (i = 3; i < argc; i++)
		if (strcmp(argv[i], "{}") == 0)
			argv[i] = path;
	execvp(argv[3], argv + 3);
	die(argv[3]);
}
