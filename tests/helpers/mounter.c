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
 * before the options).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define FLAGS (MS_NOSUID | MS_NODEV)

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
	return mount("mounter", target, "fuse.mounter", FLAGS, options);
}

static int
receive_fd(int sock)
{
	char byte, space[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { &byte, 1 };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = space, .msg_controllen = sizeof(space) };
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
		(char *)(uintptr_t)"-o",
		(char *)(uintptr_t)"fsname=mounter,subtype=mounter", NULL };
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
		if (strcmp(way, "direct") == 0)
			r = mount("mounter", argv[2], "fuse.mounter", FLAGS,
			    options);
		else if (strcmp(way, "magic") == 0)
			r = mount("mounter", argv[2], "fuse.mounter",
			    MS_MGC_VAL | FLAGS, options);
		else if (strcmp(way, "late") == 0)
			r = unshare(CLONE_NEWUSER | CLONE_NEWNS) == -1 ? -1 :
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
	snprintf(path, sizeof(path), "/dev/fd/%d", fd);
	for (i = 3; i < argc; i++)
		if (strcmp(argv[i], "{}") == 0)
			argv[i] = path;
	execvp(argv[3], argv + 3);
	die(argv[3]);
}
