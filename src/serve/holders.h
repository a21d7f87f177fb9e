/* SPDX-License-Identifier: ISC */
/*
 * The processes that hold a device end, and what can be known of them.
 *
 * A program can hand its device end to anybody: only descendants of ours are
 * ours to end.  (This process is a subreaper: who forks away stays one.)
 * Others are strangers, whom nothing is done to.
 */
#ifndef FR_SERVE_HOLDERS_H
#define FR_SERVE_HOLDERS_H

#include <stddef.h>
#include <sys/types.h>

#define HOLDERS_MAX 16
#define HOLDER_NAME_MAX 32

/* The command was started with this process id; 0: it has ended.  Where
 * processes can't be looked at, it is taken for the one holder. */
void holders_note_command(pid_t pid);

enum holders_kin {
	HOLDERS_ANY,
	HOLDERS_OURS, /* descendants */
	HOLDERS_STRANGERS
};

/* Processes (other than this one) of that kin with the socket of this inode
 * open, at most HOLDERS_MAX; returns how many. */
size_t holders_find(ino_t socket_inode, enum holders_kin kin,
    pid_t out[HOLDERS_MAX]);

/* Is it a descendant of this process?  Not if that can't be told. */
int holder_is_ours(pid_t pid);

/*
 * Send sig to pid, if that is a descendant which holds the socket (or hides
 * what it holds), and not another process that got its number meanwhile.  1
 * if it was sent.
 */
int holder_signal(pid_t pid, ino_t socket_inode, int sig);

/* The name of the process, as ps tells it; "?" if it has ended. */
void holder_name(pid_t pid, char out[HOLDER_NAME_MAX]);

/* Is it one of those? */
int holder_holds(pid_t pid, ino_t socket_inode);

/* Does it keep its descriptors from us, as a process does that is not
 * "dumpable"? */
int holder_hides(pid_t pid);

/* Processes that do, of those that we or our descendants started. */
size_t holders_hidden(pid_t out[HOLDERS_MAX]);

/* Has it not ended, or is its end still to be heard of by us? */
int holder_lives(pid_t pid);

/* Does the process catch this signal? */
int holder_catches(pid_t pid, int sig);

#endif
