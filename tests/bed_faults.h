/* SPDX-License-Identifier: ISC */
/*
 * Faults (faults.h) in a session's own system calls: only those on the
 * descriptors of the bed's session are touched.
 */
#ifndef FR_TESTS_BED_FAULTS_H
#define FR_TESTS_BED_FAULTS_H

#include <stdint.h>

struct bed_faults {
	unsigned rate; /* one call in so many fails; 0: none */
	uint64_t seed;
	unsigned made;	     /* faults so far */
	int dev_errno;	     /* what sends to the daemon fail with... */
	unsigned dev_times;  /* ...so many more times */
	unsigned dev_sends;  /* sends to the daemon that were tried */
	int recv_errno;	     /* what reading from it fails with... */
	unsigned recv_times; /* ...so many more times */
};

extern struct bed_faults bed_faults;

#endif
