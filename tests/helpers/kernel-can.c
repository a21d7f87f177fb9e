/* SPDX-License-Identifier: ISC */
/*
 * Is there, on this machine, what a test needs of the kernel?  It is tried with
 * nothing of ours in between.
 *
 *	kernel-can WORD...	the words stand in the table below
 *
 * The status is 0 if all of them work; else 1, and a line says which one does
 * not, and how it failed.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/kcmp.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define X32_BIT 0x40000000L

static int
unsupported(void)
{
	errno = ENOSYS;
	return -1;
}

/* getpid() by its 32-bit number. */
static int
int80(void)
{
#ifdef __x86_64__
	long r = 20;

	__asm__ volatile("int $0x80"
			 : "+a"(r)
			 :
			 : "memory", "r8", "r9", "r10", "r11");
	if (r == getpid())
		return 0;
#endif
	return unsupported();
}

static int
x32(void)
{
#ifdef __x86_64__
	return syscall(X32_BIT + SYS_getpid) == getpid() ? 0 : -1;
#else
	return unsupported();
#endif
}

/* A filter that tells a listener of calls: there is one at a time. */
static int
listener(void)
{
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K,
	    SECCOMP_RET_ALLOW);
	struct sock_fprog prog = { 1, &allow };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return -1;
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
		   SECCOMP_FILTER_FLAG_NEW_LISTENER, &prog) < 0 ?
	    -1 :
	    0;
}

/* Take a descriptor of a child's, and read its memory. */
static int
look_into(pid_t child)
{
	char there = 1, here = 0;
	struct iovec to = { &here, 1 }, from = { &there, 1 };
	int pidfd = (int)syscall(SYS_pidfd_open, child, 0);

	if (pidfd == -1 || syscall(SYS_pidfd_getfd, pidfd, 2, 0) < 0)
		return -1;
	return process_vm_readv(child, &to, 1, &from, 1, 0) == 1 ? 0 : -1;
}

static int
children(void)
{
	pid_t child = fork();
	int r, saved;

	if (child == 0)
		for (;;)
			pause();
	r = look_into(child);
	saved = errno;
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	errno = saved;
	return r;
}

static int
kcmp_files(void)
{
	pid_t self = getpid();

	return syscall(SYS_kcmp, self, self, KCMP_FILE, 0L, 0L) < 0 ? -1 : 0;
}

static int
memfd(void)
{
	return memfd_create("x", MFD_CLOEXEC) == -1 ? -1 : 0;
}

static const struct {
	const char *word;
	int (*try)(void);
	const char *what;
} features[] = {
	{ "int80", int80, "32-bit system calls" },
	{ "x32", x32, "system calls of the x32 kind" },
	{ "listener", listener, "a seccomp filter with a listener" },
	{ "children", children, "looking into a child process" },
	{ "kcmp", kcmp_files, "comparing open files" },
	{ "memfd", memfd, "files in memory" },
};
#define FEATURES (sizeof(features) / sizeof(features[0]))

/* In a process of its own: what is missing may be told with a signal. */
static int
works(size_t i)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (features[i].try() == 0)
			_exit(0);
		printf("%s: %s\n", features[i].what, strerror(errno));
		fflush(stdout);
		_exit(1);
	}
	if (pid == -1 || waitpid(pid, &status, 0) == -1)
		return 0;
	if (WIFSIGNALED(status))
		printf("%s: %s\n", features[i].what,
		    strsignal(WTERMSIG(status)));
	return status == 0;
}

int
main(int argc, char *argv[])
{
	int arg;
	size_t i;

	for (arg = 1; arg < argc; arg++) {
		for (i = 0; i < FEATURES; i++)
			if (strcmp(argv[arg], features[i].word) == 0)
				break;
		if (i == FEATURES) {
			fprintf(stderr, "kernel-can: %s?\n", argv[arg]);
			return 2;
		}
		if (!works(i))
			return 1;
	}
	return 0;
}
