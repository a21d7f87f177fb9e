/* SPDX-License-Identifier: ISC */
#include "wire/init.h"

#include "wire/head.h"

#define BIT(n) (UINT64_C(1) << (n))
#define INIT_EXT BIT(WIRE_BIT_LINUX_INIT_EXT)

/* The newest minor that any darwin peer was seen to offer. */
#define DARWIN_MINOR_MAX 23
/* The newest minor that the darwin kernel side itself has. */
#define DARWIN_MINOR_OWN 19
/* No Linux kernel up to 7.23 had a flag from here on. */
#define DARWIN_BITS UINT64_C(0xff800000)
#define INIT_PAGE 4096u /* the unit of max_pages */
/* A kernel that was not granted MAX_PAGES asks for so many at most. */
#define PAGES_WITHOUT_GRANT 32u
#define IN_BODY_OLD OFF_fuse_init_in_flags2 /* it ends before them */

static const struct {
	uint8_t off, size;
} fields[] = {
	[INIT_IN_MAJOR] = { REQ_OFF(fuse_init_in, major), 4 },
	[INIT_IN_MINOR] = { REQ_OFF(fuse_init_in, minor), 4 },
	[INIT_IN_MAX_READAHEAD] = { REQ_OFF(fuse_init_in, max_readahead), 4 },
	[INIT_OUT_MAJOR] = { REP_OFF(fuse_init_out, major), 4 },
	[INIT_OUT_MINOR] = { REP_OFF(fuse_init_out, minor), 4 },
	[INIT_OUT_MAX_READAHEAD] = { REP_OFF(fuse_init_out, max_readahead),
	    4 },
	[INIT_OUT_MAX_BACKGROUND] = { REP_OFF(fuse_init_out, max_background),
	    2 },
	[INIT_OUT_MAX_WRITE] = { REP_OFF(fuse_init_out, max_write), 4 },
	[INIT_OUT_MAX_PAGES] = { REP_OFF(fuse_init_out, max_pages), 2 },
	[INIT_OUT_MAX_STACK_DEPTH] = { REP_OFF(fuse_init_out, max_stack_depth),
	    4 },
	[INIT_OUT_REQUEST_TIMEOUT] = { REP_OFF(fuse_init_out, request_timeout),
	    2 },
};

uint32_t
wire_init_get(struct span m, enum wire_init_field f)
{
	if (fields[f].size == 2)
		return get_u16(m, fields[f].off);
	return get_u32(m, fields[f].off);
}

int
wire_init_put(uint8_t *p, size_t len, enum wire_init_field f, uint32_t v)
{
	size_t off = fields[f].off;

	if (off > len || len - off < fields[f].size)
		return 0;
	if (fields[f].size == 2)
		put_u16(p, len, off,
		    (uint16_t)(v > UINT16_MAX ? UINT16_MAX : v));
	else
		put_u32(p, len, off, v);
	return 1;
}

uint32_t
wire_init_clamp(uint8_t *p, size_t len, enum wire_init_field f, size_t max)
{
	uint32_t v = wire_init_get((struct span){ p, len }, f);

	if (v > max) {
		v = (uint32_t)max;
		wire_init_put(p, len, f, v);
	}
	return v;
}

static uint64_t
init_flags(struct span m, size_t low, size_t high)
{
	uint64_t flags = get_u32(m, low);

	if ((flags & INIT_EXT) != 0)
		flags |= (uint64_t)get_u32(m, high) << 32;
	return flags;
}

uint64_t
wire_init_in_flags(struct span m)
{
	return init_flags(m, REQ_OFF(fuse_init_in, flags),
	    REQ_OFF(fuse_init_in, flags2));
}

uint64_t
wire_init_out_flags(struct span m)
{
	return init_flags(m, REP_OFF(fuse_init_out, flags),
	    REP_OFF(fuse_init_out, flags2));
}

void
wire_init_in_set_flags(uint8_t *p, size_t len, uint64_t flags)
{
	put_u32(p, len, REQ_OFF(fuse_init_in, flags), (uint32_t)flags);
	put_u32(p, len, REQ_OFF(fuse_init_in, flags2),
	    (uint32_t)(flags >> 32));
}

void
wire_init_out_set_flags(uint8_t *p, size_t len, uint64_t flags)
{
	put_u32(p, len, REP_OFF(fuse_init_out, flags), (uint32_t)flags);
	put_u32(p, len, REP_OFF(fuse_init_out, flags2),
	    (uint32_t)(flags >> 32));
}

enum {
	RELAY_CARRY,
	RELAY_MASK,
	RELAY_LOCAL
};
enum {
	IS_LINUX = 1,
	IS_DARWIN = 2,
	IS_BOTH = 3
};

static const struct {
	uint8_t bit, dialect, relay;
} rows[] = {
#define INIT_FLAG(bit, name, since, dialect, relay) \
	{ bit, IS_##dialect, RELAY_##relay },
#include "wire/init_flags.def"
#undef INIT_FLAG
};

uint64_t
wire_init_mask(enum wire_dialect dialect)
{
	unsigned is = dialect == WIRE_LINUX ? IS_LINUX : IS_DARWIN;
	uint64_t known = 0, mask = 0;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if ((rows[i].dialect & is) == 0)
			continue;
		known |= BIT(rows[i].bit);
		if (rows[i].relay == RELAY_MASK)
			mask |= BIT(rows[i].bit);
	}
	return dialect == WIRE_LINUX ? mask | ~known : mask;
}

/* Darwin servers send a short body and an old minor.  A Linux kernel that
 * old knows none of the bits in question. */
enum wire_dialect
wire_init_dialect(const struct wire_proto *pr, struct span request)
{
	if (pr->forced)
		return pr->dialect;
	if (request.len == WIRE_REQ_HEADER + IN_BODY_OLD &&
	    wire_init_get(request, INIT_IN_MINOR) <= DARWIN_MINOR_MAX)
		return WIRE_DARWIN;
	return WIRE_LINUX;
}

/*
 * Linux says who it is by its long body or its minor.  Without these the
 * peer is darwin if it offers flags that no Linux of that age had; but
 * FUSE-T speaks the Linux layouts to a libfuse 3, which answers with the
 * long body and with the flag that is INIT_EXT there.
 */
static void
init_guess(struct wire_proto *p, struct span request, struct span reply)
{
	uint32_t minor = wire_init_get(request, INIT_IN_MINOR);
	size_t in_body = request.len - WIRE_REQ_HEADER;
	size_t out_body = reply.len - WIRE_REP_HEADER;

	p->dialect = WIRE_LINUX;
	p->guessed = 0;
	if (in_body > IN_BODY_OLD || minor > DARWIN_MINOR_MAX)
		return;
	p->guessed = 1;
	if ((wire_init_in_flags(request) & DARWIN_BITS) == 0)
		return;
	if (out_body >= WIRE_INIT_OUT_MAX &&
	    (wire_init_out_flags(reply) & INIT_EXT) != 0)
		return;
	p->dialect = WIRE_DARWIN;
	if (minor <= DARWIN_MINOR_OWN &&
	    wire_init_get(reply, INIT_OUT_MINOR) > DARWIN_MINOR_OWN)
		p->dialect = WIRE_DARWIN3;
}

/* What a kernel makes of the sizes in the reply. */
static void
init_limits(struct wire_proto *p, struct span request, struct span reply)
{
	uint64_t flags = wire_init_in_flags(request) &
	    wire_init_out_flags(reply);
	uint32_t pages = PAGES_WITHOUT_GRANT;

	p->max_write = wire_init_get(reply, INIT_OUT_MAX_WRITE);
	if (p->max_write < INIT_PAGE)
		p->max_write = INIT_PAGE;
	/* A darwin server's INIT does not offer the flag. */
	if ((flags & BIT(WIRE_BIT_LINUX_MAX_PAGES)) != 0 &&
	    span_holds(reply, REP_OFF(fuse_init_out, max_pages),
		sizeof(uint16_t)))
		pages = wire_init_get(reply, INIT_OUT_MAX_PAGES);
	p->max_read = INIT_PAGE * (pages != 0 ? pages : 1);
}

int
wire_proto_from_init(struct wire_proto *pr, struct span request,
    struct span reply)
{
	struct wire_proto p = { .dialect = pr->dialect,
		.forced = pr->forced,
		.on_darwin = pr->on_darwin };
	uint32_t in, out;

	if (request.len < REQ_OFF(fuse_init_in, max_readahead))
		return E_SHORT;
	if (reply.len < REP_OFF(fuse_init_out, max_readahead))
		return E_SHORT;
	if (head_error(reply) != 0 ||
	    wire_init_get(request, INIT_IN_MAJOR) != WIRE_MAJOR ||
	    wire_init_get(reply, INIT_OUT_MAJOR) != WIRE_MAJOR)
		return E_VALUE;
	if (!p.forced)
		init_guess(&p, request, reply);
	in = wire_init_get(request, INIT_IN_MINOR);
	out = wire_init_get(reply, INIT_OUT_MINOR);
	p.minor = in < out ? in : out;
	if (p.minor == 0)
		p.minor = 1;
	p.flags = wire_init_in_flags(request) & wire_init_out_flags(reply);
	if (p.dialect != WIRE_LINUX)
		p.flags &= UINT32_MAX;
	init_limits(&p, request, reply);
	*pr = p;
	return E_OK;
}

int
wire_proto_learn(struct wire_proto *pr, struct wire_expect *e,
    struct span reply)
{
	const struct op *op = op_find(e->opcode);
	struct wire_proto other = *pr;
	size_t body;

	if (!pr->guessed || op == NULL || head_error(reply) != 0 ||
	    reply.len <= WIRE_REP_HEADER)
		return 0;
	if (e->opcode != FUSE_OP_LOOKUP && e->opcode != FUSE_OP_GETATTR)
		return 0;
	body = reply.len - WIRE_REP_HEADER;
	other.dialect = pr->dialect == WIRE_LINUX ? WIRE_DARWIN : WIRE_LINUX;
	if (body == op_out_size(op, pr)) {
		pr->guessed = 0;
	} else if (body == op_out_size(op, &other)) {
		pr->dialect = other.dialect;
		pr->guessed = 0;
		e->fixed = (uint32_t)body;
		return 1;
	}
	return 0;
}
