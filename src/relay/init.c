/* SPDX-License-Identifier: ISC */
#include "relay/init.h"

#include "wire/init.h"

#define PAGE 4096u
/* A kernel that was not granted MAX_PAGES sends at most 32 pages. */
#define PAGES_WITHOUT_GRANT 32u
/* A kernel wants its reads to have at least so many bytes
 * (FUSE_MIN_READ_BUFFER). */
#define READ_MIN 8192u

/* Bytes of data in a message of `len` bytes with `head` bytes in front of it. */
static size_t
init_data_in(size_t len, size_t head)
{
	return len > head ? len - head : 0;
}

size_t
init_data_max(size_t max_write, size_t carry_request, size_t carry_reply)
{
	size_t n = max_write;

	if (n > init_data_in(carry_request, WIRE_WRITE_HEAD))
		n = init_data_in(carry_request, WIRE_WRITE_HEAD);
	if (n > init_data_in(carry_reply, WIRE_REP_HEADER))
		n = init_data_in(carry_reply, WIRE_REP_HEADER);
	n -= n % PAGE;
	return n < PAGE ? PAGE : n;
}

size_t
init_request_max(struct span reply, size_t carry_request)
{
	size_t n = WIRE_WRITE_HEAD +
	    (size_t)wire_init_get(reply, INIT_OUT_MAX_WRITE);

	if (n > carry_request)
		n = carry_request;
	return n < READ_MIN ? READ_MIN : n;
}

void
init_rewrite_request(uint8_t *p, size_t len, size_t data_max,
    const struct wire_proto *pr)
{
	struct span m = { p, len };
	enum wire_dialect d = wire_init_dialect(pr, m);

	wire_init_clamp(p, len, INIT_IN_MAX_READAHEAD, data_max);
	wire_init_in_set_flags(p, len,
	    wire_init_in_flags(m) & ~wire_init_mask(d));
}

void
init_rewrite_reply(uint8_t *p, size_t len, struct span request,
    size_t data_max, const struct wire_proto *pr)
{
	const uint64_t pages_flag = UINT64_C(1) << WIRE_BIT_LINUX_MAX_PAGES;
	struct span m = { p, len };
	enum wire_dialect d = wire_init_dialect(pr, request);
	uint64_t flags = wire_init_out_flags(m) & ~wire_init_mask(d);

	wire_init_clamp(p, len, INIT_OUT_MAX_READAHEAD, data_max);
	wire_init_clamp(p, len, INIT_OUT_MAX_WRITE, data_max);
	wire_init_put(p, len, INIT_OUT_MAX_STACK_DEPTH, 0);
	if (d != WIRE_LINUX) {
		wire_init_out_set_flags(p, len, flags);
		return;
	}
	if (flags & pages_flag) {
		wire_init_clamp(p, len, INIT_OUT_MAX_PAGES, data_max / PAGE);
	} else if (data_max / PAGE < PAGES_WITHOUT_GRANT &&
	    (wire_init_in_flags(request) & pages_flag) &&
	    wire_init_put(p, len, INIT_OUT_MAX_PAGES,
		(uint32_t)(data_max / PAGE))) {
		/* The only way to make such a kernel send less. */
		flags |= pages_flag;
	}
	wire_init_out_set_flags(p, len, flags);
}
