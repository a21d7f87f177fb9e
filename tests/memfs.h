/* SPDX-License-Identifier: ISC */
/* A small file system in memory on a stream socket, with faults to choose:
 * the built-in client's rows must pass it, and find each fault. */
#ifndef FR_TESTS_MEMFS_H
#define FR_TESTS_MEMFS_H

enum memfs_fault {
	MEMFS_GOOD,
	/* Odd, but right. */
	MEMFS_NO_CREATE,
	MEMFS_NO_OPEN,
	MEMFS_NO_FLUSH,
	MEMFS_REORDERS,
	/* Wrong. */
	MEMFS_FLIPS_BYTE,
	MEMFS_READS_SHORT,
	MEMFS_WRITES_SHORT,
	MEMFS_GROWS,
	MEMFS_REFUSES_SIZE,
	MEMFS_IGNORES_SIZE,
	MEMFS_APPEND_LOST,
	MEMFS_RENAME_KEEPS,
	MEMFS_RENAME_REFUSES,
	MEMFS_UNLINK_KEEPS,
	MEMFS_NAME_TWICE,
	MEMFS_NAME_MISSING,
	MEMFS_FORGETS_ALL,
	MEMFS_NO_STATFS
};

/*
 * Serve until end of file.  0 if at the end no node is left and every
 * lookup reference came back; 1 if not; 2 on a broken request.
 */
int memfs_serve(int fd, enum memfs_fault fault);

#endif
