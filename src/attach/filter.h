/* SPDX-License-Identifier: ISC */
/*
 * The seccomp filter of the mount trap.
 *
 * Small on purpose: mount, umount and fsopen are told to us and wait for an
 * answer; two calls fail as they do for an ordinary user over his pipe
 * limit, so that libraries do not splice() messages into what is a socket;
 * all else passes.  Every calling convention of the machine is covered
 * (x86-64: also x32 and 32-bit; arm64: also 32-bit).
 */
#ifndef FR_ATTACH_FILTER_H
#define FR_ATTACH_FILTER_H

#include <stdint.h>

/*
 * Put this process under the filter.  *fd: the notification descriptor.
 * NULL, or the name of the step that failed with errno set.
 */
const char *filter_enter(int *fd);

/* Log that `program` can't be started, since that step failed with num. */
void filter_say_failed(const char *program, const char *step, int num);

enum filter_call {
	FILTER_MOUNT,
	FILTER_UMOUNT, /* umount(target): no flags */
	FILTER_UMOUNT2,
	FILTER_FSOPEN,
	FILTER_OTHER
};

/* Which of them a notification is about. */
enum filter_call filter_which(uint32_t arch, int nr);

#endif
