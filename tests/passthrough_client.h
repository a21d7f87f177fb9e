/* SPDX-License-Identifier: ISC */
/*
 * A client of the passthrough in the same process: requests are built by
 * hand and served at once, replies caught on their way out.  So it can say
 * what no kernel would.
 */
#ifndef PASSTHROUGH_CLIENT_H
#define PASSTHROUGH_CLIENT_H

#include <linux/fuse.h>
#include <stddef.h>
#include <stdint.h>

/* Makes an empty source directory and a session on it that has had INIT. */
void client_start(const char *option);
void client_stop(void);

/* Path of the source, and the nodes and handles the session has now. */
extern char client_source[];
unsigned client_nodes(void);
unsigned client_handles(void);

/* The next reply cannot be sent. */
void client_break_reply(void);

/* That name in the source goes when it is next looked at, not opened. */
void client_lose(const char *name);

/*
 * One request; its body is the n bytes at p and then, unless they are NULL,
 * one or two names.  0 or the positive errno of the reply; -1 if there was
 * none.
 */
int client_call(uint32_t opcode, uint64_t node, const void *p, size_t n,
    const char *name, const char *name2);

/* Bytes of the last reply after its header. */
extern uint8_t client_reply[];
extern size_t client_reply_len;

/* The same, shorter, for what is often done. */
int client_lookup(uint64_t node, const char *name, uint64_t *id);
void client_forget(uint64_t node, uint64_t n);
int client_getattr(uint64_t node);
int client_open(uint64_t node, uint32_t flags, uint64_t *fh);
int client_create(uint64_t node, const char *name, uint32_t flags,
    uint64_t *id, uint64_t *fh);
int client_read(uint64_t node, uint64_t fh);
int client_write(uint64_t node, uint64_t fh, uint64_t off, uint32_t flags,
    uint32_t write_flags, const char *text);
int client_release(uint64_t node, uint64_t fh);
int client_readdir(uint64_t node, uint64_t fh, uint64_t off, uint32_t size,
    int plus);
#endif
