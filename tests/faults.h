/* SPDX-License-Identifier: ISC */
/*
 * Socket calls that fail, or do a part only, as the kernel may let them.
 * What is linked with this has the calls of the data path go through here,
 * and decides which of them shall suffer.
 */
#ifndef FR_TESTS_FAULTS_H
#define FR_TESTS_FAULTS_H

enum fault_call {
	FAULT_RECV,
	FAULT_SEND,
	FAULT_SENDMSG,
	FAULT_RECVMMSG,
	FAULT_SENDMMSG
};

/* Theirs: which of `kinds` faults the call on fd has, from 0; -1: none. */
int faults_choose(int fd, enum fault_call call, unsigned kinds);

/* Theirs: the errno that a send to fd fails with at any rate, or 0. */
int faults_refuse(int fd);

/* Theirs: the errno that reading from fd fails with at any rate, or 0. */
int faults_refuse_recv(int fd);

/* Set errno; -1. */
int faults_fail(int num);

#endif
