/* SPDX-License-Identifier: ISC */
#include "attach/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

#define STEP_LOAD "seccomp: load"

#define X32_BIT 0x40000000	   /* in the number of an x32 system call */
#define FUSE_SYNC_INIT _IO(229, 3) /* in <linux/fuse.h> of Linux 6.18 */

static const struct {
	const char *name;
	enum filter_call call;
} filter_told[] = {
	{ "mount", FILTER_MOUNT },
	{ "umount", FILTER_UMOUNT },
	{ "umount2", FILTER_UMOUNT2 },
	{ "fsopen", FILTER_FSOPEN },
};

#define NTOLD (sizeof(filter_told) / sizeof(filter_told[0]))

/* Calls that fail when their second argument has this value. */
static const struct {
	const char *name;
	uint32_t value;
	uint32_t num; /* errno */
} filter_fails[] = {
	/* What splices to a socket leaves it in pieces. */
	{ "fcntl", F_SETPIPE_SZ, EPERM },
	{ "fcntl64", F_SETPIPE_SZ, EPERM },
	/* INIT within mount(2), which would wait for the answer: by the device
	 * that the program has until then, and not by the device end. */
	{ "ioctl", FUSE_SYNC_INIT, ENOTTY },
};

#define NFAILS (sizeof(filter_fails) / sizeof(filter_fails[0]))

/* The other calling conventions that this machine's kernel may serve. */
static int
filter_add_archs(scmp_filter_ctx ctx)
{
	int r = 0;

	switch (seccomp_arch_native()) {
	case SCMP_ARCH_X86_64:
		if ((r = seccomp_arch_add(ctx, SCMP_ARCH_X86)) == 0)
			r = seccomp_arch_add(ctx, SCMP_ARCH_X32);
		break;
	case SCMP_ARCH_AARCH64:
		r = seccomp_arch_add(ctx, SCMP_ARCH_ARM);
		break;
	default:
		break;
	}
	return r == -EEXIST ? 0 : r;
}

static int
filter_add_fails(scmp_filter_ctx ctx)
{
	struct scmp_arg_cmp second = { .arg = 1,
		.op = SCMP_CMP_MASKED_EQ,
		.datum_a = 0xffffffff };
	size_t i;
	int nr, r = 0;

	for (i = 0; i < NFAILS && r == 0; i++) {
		nr = seccomp_syscall_resolve_name(filter_fails[i].name);
		if (nr == __NR_SCMP_ERROR)
			continue;
		second.datum_b = filter_fails[i].value;
		r = seccomp_rule_add_array(ctx,
		    SCMP_ACT_ERRNO(filter_fails[i].num), nr, 1, &second);
	}
	return r;
}

static int
filter_add_rules(scmp_filter_ctx ctx)
{
	size_t i;
	int nr, r;

	for (i = 0; i < NTOLD; i++) {
		nr = seccomp_syscall_resolve_name(filter_told[i].name);
		if (nr == __NR_SCMP_ERROR)
			continue;
		if ((r = seccomp_rule_add(ctx, SCMP_ACT_NOTIFY, nr, 0)) != 0)
			return r;
	}
	if ((r = filter_add_fails(ctx)) != 0)
		return r;
	return seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(vmsplice),
	    0);
}

/* The filter as the kernel takes it; its instructions are the caller's to
 * free.  0, or -errno. */
static int
filter_export(scmp_filter_ctx ctx, struct sock_fprog *prog)
{
	off_t size;
	int fd, r;

	memset(prog, 0, sizeof(*prog));
	if ((fd = memfd_create("filter", MFD_CLOEXEC)) == -1)
		return -errno;
	if ((r = seccomp_export_bpf(ctx, fd)) != 0)
		goto out;
	r = -ENOMEM;
	size = lseek(fd, 0, SEEK_END);
	if (size <= 0 || (prog->filter = malloc((size_t)size)) == NULL)
		goto out;
	r = pread(fd, prog->filter, (size_t)size, 0) == size ? 0 : -EIO;
	prog->len = (unsigned short)((size_t)size / sizeof(*prog->filter));
out:
	close(fd);
	return r;
}

static int
filter_install(const struct sock_fprog *prog, unsigned long flags)
{
	long fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, prog);

	return fd == -1 ? -errno : (int)fd;
}

/*
 * Put it in force: the notification descriptor, or -errno.
 *
 * Not by seccomp_load(), which can't ask that a caller who waits for its
 * answer be left alone by signals: an interrupted mount(2) would be lost to
 * the program, but done.  Kernels before 5.19 can't either.  The gain of
 * privileges is given up only if we have to.
 */
static int
filter_load(scmp_filter_ctx ctx)
{
	unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER |
	    SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
	struct sock_fprog prog;
	int r;

	if ((r = filter_export(ctx, &prog)) != 0)
		goto out;
	r = filter_install(&prog, flags);
	if (r == -EACCES) {
		r = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ?
		    -errno :
		    filter_install(&prog, flags);
	}
	if (r == -EINVAL)
		r = filter_install(&prog, SECCOMP_FILTER_FLAG_NEW_LISTENER);
out:
	free(prog.filter);
	return r;
}

const char *
filter_enter(int *fd)
{
	scmp_filter_ctx ctx;
	const char *step;
	int r = 0;

	*fd = -1;
	if ((ctx = seccomp_init(SCMP_ACT_ALLOW)) == NULL) {
		errno = ENOMEM;
		return "seccomp_init";
	}
	step = "seccomp: other calling conventions";
	if ((r = filter_add_archs(ctx)) != 0)
		goto out;
	step = "seccomp: calls of an unknown convention";
	if ((r = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH,
		 SCMP_ACT_ALLOW)) != 0)
		goto out;
	step = "seccomp: rules";
	if ((r = filter_add_rules(ctx)) != 0)
		goto out;
	step = STEP_LOAD;
	if ((r = filter_load(ctx)) < 0)
		goto out;
	*fd = r;
	r = 0;
	step = NULL;
out:
	if (r < 0)
		errno = -r;
	seccomp_release(ctx);
	return step;
}

void
filter_say_failed(const char *program, const char *step, int num)
{
	if (strcmp(step, STEP_LOAD) == 0 && num == EBUSY)
		log_error(
		    "can't start %s under the mount trap: it would be "
		    "under a second one, and the kernel has one for each "
		    "process: nothing can be wrapped within a wrapped program "
		    "(if %s takes /dev/fd/N for its mount point, use "
		    "--attach=fd --mountpoint=DIR)",
		    program, program);
	else
		log_error("can't start %s under the mount trap: %s: %s",
		    program, step, strerror(num));
}

enum filter_call
filter_which(uint32_t arch, int nr)
{
	size_t i;

	if (arch == SCMP_ARCH_X86_64 && (nr & X32_BIT))
		arch = SCMP_ARCH_X32;
	/* By number: a name would need memory, and a call that is not known
	 * for want of it would go to the kernel. */
	for (i = 0; i < NTOLD; i++)
		if (seccomp_syscall_resolve_name_arch(arch,
			filter_told[i].name) == nr)
			return filter_told[i].call;
	return FILTER_OTHER;
}
