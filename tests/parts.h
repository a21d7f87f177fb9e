/* SPDX-License-Identifier: ISC */
/*
 * A session whose daemon is a file in memory, for requests that go in
 * parts: the front asks, the daemon serves part by part, and one part may
 * be treated badly.
 */
#ifndef FR_TESTS_PARTS_H
#define FR_TESTS_PARTS_H

#include "bed.h"

#define MIB (1024u * 1024)
#define LARGEST (32u * MIB)
#define PART MIB /* bytes of data that the session carries */
#define HEAD 80	 /* of a READ or WRITE */
#define FH 0x1234567890abcdefu
#define OWNER 0xfeedu
#define FLAGS 0102001u /* O_WRONLY | O_APPEND | O_LARGEFILE */
#define FAULTS 4       /* parts of a request in the fault tests */

/* The daemon: a file, and what it does to one of the parts. */
struct parts_fs {
	uint8_t *file, *buf;
	uint64_t base;	 /* file offset of file[0] */
	unsigned parts;	 /* seen so far */
	unsigned at;	 /* the part that is treated badly, from 0 */
	int error;	 /* ...its error */
	int less;	 /* ...bytes less than asked for */
	int spoil;	 /* ...with a reply that does not fit */
	int silent;	 /* ...not answered at all */
	uint64_t unique; /* of the last part */
	uint32_t size;	 /* data bytes in it */
};
extern struct parts_fs fs;

/* Before INIT, with these settings (NULL: the defaults)... */
void parts_start(const struct relay_conf *conf);
/* ...or ready, over either transport. */
void parts_open(void);
void parts_open_dgram(void);
void parts_close(void);

/* Reproducible contents. */
void parts_fill(uint8_t *p, size_t len, uint64_t seed);

/* The front asks; data NULL for a READ. */
void parts_ask(uint64_t unique, uint64_t offset, uint32_t size,
    const uint8_t *data);

/* The daemon takes the next request and answers it: 1, or 0 if there is
 * none; or all that come. */
int parts_serve_one(void);
void parts_serve(void);

/* The front's next answer: so many bytes written; this data read. */
void parts_expect_written(uint64_t unique, uint32_t size);
void parts_expect_read(uint64_t unique, const uint8_t *data, size_t size);

/* Nothing is left of any request. */
void parts_expect_clean(void);

#endif
