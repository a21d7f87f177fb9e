/* SPDX-License-Identifier: ISC */
/*
 * File system calls of the built-in client.
 *
 * *_send starts a call without waiting, *_end waits for it and takes its
 * answer; many can be under way at once.  Results as in client.h.
 */
#ifndef FR_EMULATOR_CALLS_H
#define FR_EMULATOR_CALLS_H

#include "emulator/client.h"

struct calls_file {
	uint64_t nodeid, fh;
	uint32_t flags; /* O_*, Linux's numbers */
	int unopened;	/* the daemon wants no OPEN and RELEASE */
};

struct calls_attr {
	uint64_t nodeid, size;
	uint32_t mode;
};

/* LOOKUP; a negative entry (nodeid 0) answers ENOENT too. */
void calls_lookup_send(struct client *c, struct client_call *call,
    uint64_t parent, const char *name);
int calls_lookup_end(struct client *c, struct client_call *call,
    struct calls_attr *a) ERR_MUSTCHECK;
int calls_lookup(struct client *c, uint64_t parent, const char *name,
    struct calls_attr *a) ERR_MUSTCHECK;

/* CREATE of a regular file, O_CREAT | O_EXCL | flags. */
void calls_create_send(struct client *c, struct client_call *call,
    uint64_t parent, const char *name, uint32_t flags);
int calls_create_end(struct client *c, struct client_call *call,
    uint32_t flags, struct calls_file *f) ERR_MUSTCHECK;
/* MKNOD and OPEN for a daemon without CREATE. */
int calls_create(struct client *c, uint64_t parent, const char *name,
    uint32_t flags, struct calls_file *f) ERR_MUSTCHECK;

/* OPEN, or OPENDIR for a directory. */
void calls_open_send(struct client *c, struct client_call *call,
    uint64_t nodeid, uint32_t flags, int directory);
int calls_open_end(struct client *c, struct client_call *call, uint64_t nodeid,
    uint32_t flags, struct calls_file *f) ERR_MUSTCHECK;
int calls_open(struct client *c, uint64_t nodeid, uint32_t flags,
    int directory, struct calls_file *f) ERR_MUSTCHECK;

/* FLUSH; a daemon without it answers ENOSYS, which is no error. */
void calls_flush_send(struct client *c, struct client_call *call,
    const struct calls_file *f);
int calls_flush_end(struct client *c, struct client_call *call) ERR_MUSTCHECK;

/* RELEASE or RELEASEDIR; its error is nobody's. */
void calls_release_send(struct client *c, struct client_call *call,
    const struct calls_file *f, int directory);
int calls_release_end(struct client *c,
    struct client_call *call) ERR_MUSTCHECK;

/* FLUSH and RELEASE. */
int calls_close(struct client *c, const struct calls_file *f) ERR_MUSTCHECK;

/* READ; the data is in the reply behind its header. */
void calls_read_send(struct client *c, struct client_call *call,
    const struct calls_file *f, uint64_t offset, size_t size);
/* READ once, into buf; *got is how much came. */
int calls_read(struct client *c, const struct calls_file *f, uint64_t offset,
    void *buf, size_t size, size_t *got) ERR_MUSTCHECK;

/* WRITE; size <= c->max_write.  Less than all written answers EIO. */
void calls_write_send(struct client *c, struct client_call *call,
    const struct calls_file *f, uint64_t offset, const void *data,
    size_t size);
int calls_write_end(struct client *c, struct client_call *call,
    size_t size) ERR_MUSTCHECK;
int calls_write(struct client *c, const struct calls_file *f, uint64_t offset,
    const void *data, size_t size) ERR_MUSTCHECK;

/* GETATTR and SETATTR of the size, both through the handle. */
int calls_getattr(struct client *c, const struct calls_file *f,
    struct calls_attr *a) ERR_MUSTCHECK;
int calls_truncate(struct client *c, const struct calls_file *f, uint64_t size,
    struct calls_attr *a) ERR_MUSTCHECK;

int calls_mkdir(struct client *c, uint64_t parent, const char *name,
    struct calls_attr *a) ERR_MUSTCHECK;
/* UNLINK, or RMDIR for a directory. */
int calls_remove(struct client *c, uint64_t parent, const char *name,
    int directory) ERR_MUSTCHECK;
int calls_rename(struct client *c, uint64_t from, const char *old, uint64_t to,
    const char *new) ERR_MUSTCHECK;

struct calls_statfs {
	uint32_t bsize, namelen;
};
int calls_statfs(struct client *c, struct calls_statfs *st) ERR_MUSTCHECK;

/*
 * Call `each` for every name of a directory except "." and "..", in
 * messages of at most `size` bytes; a result other than 0 ends it.
 */
int calls_readdir(struct client *c, uint64_t nodeid, size_t size,
    int (*each)(void *arg, const char *name, uint32_t type),
    void *arg) ERR_MUSTCHECK;

#endif
