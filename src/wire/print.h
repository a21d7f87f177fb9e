/* SPDX-License-Identifier: ISC */
/*
 * One line of text per message.  Never fails: what can't be decoded is
 * printed as far as it goes, then "<malformed: why>"; unknown flag bits
 * are shown in hex, unknown opcodes as OP(n).  No file data is printed,
 * names are quoted and escaped.
 */
#ifndef FR_WIRE_PRINT_H
#define FR_WIRE_PRINT_H

#include "wire/ops.h"

/*
 * Write at most cap - 1 bytes and a NUL to buf; returns the length written
 * (a line that did not fit ends in "...").  cap >= 64.
 *   LOOKUP unique=6 nodeid=1 "hello.txt"
 *   WRITE unique=8 nodeid=3 fh=0x2 offset=4096 size=1048576 write_flags=0
 */
size_t wire_print_request(char *buf, size_t cap, const struct wire_proto *pr,
    struct span m);

/* The reply to a request of this opcode (0: not known):
 *   LOOKUP unique=6 = -2 ENOENT     READ unique=9 = 4096 bytes */
size_t wire_print_reply(char *buf, size_t cap, const struct wire_proto *pr,
    uint32_t opcode, struct span m);

/* A notification:  NOTIFY_INVAL_INODE ino=7 off=0 len=-1 */
size_t wire_print_notify(char *buf, size_t cap, const struct wire_proto *pr,
    struct span m);

/* Up to `max` bytes of m as hex words and text, several lines, each led by
 * `indent`: for reports of broken messages. */
size_t wire_print_hex(char *buf, size_t cap, const char *indent, struct span m,
    size_t max);

#endif
