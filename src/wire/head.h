/* SPDX-License-Identifier: ISC */
/*
 * Single words of a message's header, for those who need no more of it than
 * one; wire_req_get() and wire_rep_get() read a header whole.  As get_u32()
 * does, they return 0 for a word that is not wholly in the message.
 */
#ifndef FR_WIRE_HEAD_H
#define FR_WIRE_HEAD_H

#include "wire/get.h"
#include "wire/offsets.h"

struct wire_req { /* a request's header */
	uint32_t len, opcode;
	uint64_t unique, nodeid;
	uint32_t uid, gid, pid;
	uint16_t extlen; /* extension tail, units of 8 bytes */
};

struct wire_rep { /* a reply's or notification's header */
	uint32_t len;
	int32_t error;	 /* 0 or -errno; notification: code > 0 */
	uint64_t unique; /* 0: a notification */
};

/* Read a header; E_SHORT if m does not hold one.  m may be unaligned. */
int wire_req_get(struct span m, struct wire_req *h) ERR_MUSTCHECK;
int wire_rep_get(struct span m, struct wire_rep *h) ERR_MUSTCHECK;

/* The two that requests, replies and notifications have at the same place. */
_Static_assert((int)OFF_fuse_in_header_len == (int)OFF_fuse_out_header_len &&
	(int)OFF_fuse_in_header_unique == (int)OFF_fuse_out_header_unique,
    "a message's length and unique do not depend on what it is");

/* Bytes of the message, as it says itself. */
static inline uint32_t
head_len(struct span m)
{
	return get_u32(m, OFF_fuse_in_header_len);
}

/* 0: a notification, or a request that is not answered. */
static inline uint64_t
head_unique(struct span m)
{
	return get_u64(m, OFF_fuse_in_header_unique);
}

/* Of a request: its operation, the node that it is about. */
static inline uint32_t
head_opcode(struct span m)
{
	return get_u32(m, OFF_fuse_in_header_opcode);
}

static inline uint64_t
head_nodeid(struct span m)
{
	return get_u64(m, OFF_fuse_in_header_nodeid);
}

/* Of a reply: 0 or -errno; of a notification: its code. */
static inline int32_t
head_error(struct span m)
{
	return get_i32(m, OFF_fuse_out_header_error);
}

/* Write the length and the unique of the message of len bytes at p. */
static inline void
head_set_len(uint8_t *p, size_t len)
{
	put_u32(p, len, OFF_fuse_in_header_len, (uint32_t)len);
}

static inline void
head_set_unique(uint8_t *p, size_t len, uint64_t unique)
{
	put_u64(p, len, OFF_fuse_in_header_unique, unique);
}

/* Write the header of a reply of len bytes to p, of which at least the
 * header's are there; error: 0 or -errno. */
static inline void
head_put_reply(uint8_t *p, size_t len, uint64_t unique, int32_t error)
{
	head_set_len(p, len);
	put_u32(p, len, OFF_fuse_out_header_error, (uint32_t)error);
	head_set_unique(p, len, unique);
}

/* The same for a request; of its caller nothing is written. */
static inline void
head_put_request(uint8_t *p, size_t len, uint32_t opcode, uint64_t unique,
    uint64_t nodeid)
{
	head_set_len(p, len);
	put_u32(p, len, OFF_fuse_in_header_opcode, opcode);
	head_set_unique(p, len, unique);
	put_u64(p, len, OFF_fuse_in_header_nodeid, nodeid);
}

#endif
