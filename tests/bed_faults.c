/* SPDX-License-Identifier: ISC */
#include "bed_faults.h"

#include "bed.h"
#include "faults.h"

struct bed_faults bed_faults;

int
faults_choose(int fd, enum fault_call call, unsigned kinds)
{
	(void)call;
	if (bed_faults.rate == 0 || bed.s == NULL ||
	    (fd != bed_front_fd() && fd != bed_device_fd()) ||
	    bed_random(&bed_faults.seed, bed_faults.rate) != 0)
		return -1;
	bed_faults.made++;
	return (int)bed_random(&bed_faults.seed, kinds);
}

/* Is this send to the daemon one of those that shall fail? */
int
faults_refuse(int fd)
{
	if (bed.s == NULL || fd != bed_device_fd())
		return 0;
	bed_faults.dev_sends++;
	if (bed_faults.dev_times == 0)
		return 0;
	bed_faults.dev_times--;
	return bed_faults.dev_errno;
}

int
faults_refuse_recv(int fd)
{
	if (bed.s == NULL || fd != bed_device_fd() ||
	    bed_faults.recv_times == 0)
		return 0;
	bed_faults.recv_times--;
	return bed_faults.recv_errno;
}
