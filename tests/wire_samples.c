/* SPDX-License-Identifier: ISC */
#include "tests/wire_samples.h"

#include <stdlib.h>
#include <string.h>

const struct wire_proto proto_linux = { .dialect = WIRE_LINUX,
	.minor = WIRE_MINOR_NEWEST };
const struct wire_proto proto_linux_ext = { .dialect = WIRE_LINUX,
	.minor = WIRE_MINOR_NEWEST,
	.flags = 1u << 29 | 1u << 22 };
const struct wire_proto proto_linux_old = { .dialect = WIRE_LINUX,
	.minor = 8 };
const struct wire_proto proto_linux_first = { .dialect = WIRE_LINUX,
	.minor = 3 };
const struct wire_proto proto_darwin = { .dialect = WIRE_DARWIN, .minor = 19 };
const struct wire_proto proto_darwin_swap = { .dialect = WIRE_DARWIN,
	.minor = 19,
	.flags = 1u << 25 };
const struct wire_proto proto_darwin_old = { .dialect = WIRE_DARWIN,
	.minor = 8 };
const struct wire_proto proto_darwin3 = { .dialect = WIRE_DARWIN3,
	.minor = 19 };

static const struct sample samples[] = {
#define REQUEST(pr, name, body, line) \
	{ SAMPLE_REQUEST, &proto_##pr, FUSE_OP_##name, 0, body, line },
#define REPLY(pr, name, err, body, line) \
	{ SAMPLE_REPLY, &proto_##pr, FUSE_OP_##name, err, body, line },
#define NOTIFY(pr, code, body, line) \
	{ SAMPLE_NOTIFY, &proto_##pr, FUSE_NOTIFY_##code, 0, body, line },
#include "tests/wire_samples.def"
#include "tests/wire_samples_old.def"
#include "tests/wire_samples_darwin.def"
#undef REQUEST
#undef REPLY
#undef NOTIFY
};

const struct sample *
sample_at(size_t i)
{
	return i < sizeof(samples) / sizeof(samples[0]) ? &samples[i] : NULL;
}

static void
put_word(struct wire_buf *b, const char *word, size_t len)
{
	uint64_t v = strtoull(word + 2, NULL, 0);

	switch (word[0]) {
	case '0':
		wire_put_zero(b, (size_t)v);
		break;
	case '2':
		wire_put_u16(b, (uint16_t)v);
		break;
	case '4':
		wire_put_u32(b, (uint32_t)v);
		break;
	case '8':
		wire_put_u64(b, v);
		break;
	case '\'':
		wire_put_bytes(b, word + 1, len - 1);
		wire_put_zero(b, 1);
		break;
	case '=':
		wire_put_bytes(b, word + 1, len - 1);
		break;
	default:
		abort();
	}
}

void
sample_put(struct wire_buf *b, const char *script)
{
	char word[5000];
	size_t len;

	for (;;) {
		script += strspn(script, " ");
		len = strcspn(script, " ");
		if (len == 0)
			return;
		if (len + 3 > sizeof(word))
			abort();
		memcpy(word, script, len);
		memset(word + len, 0, 3);
		put_word(b, word, len);
		script += len;
	}
}

static struct span
sample_end(struct wire_buf *b, const char *body)
{
	struct span m;

	sample_put(b, body);
	if (wire_end(b, &m) != E_OK)
		abort();
	return m;
}

struct span
sample_build_request(struct wire_buf *b, uint32_t opcode, uint64_t nodeid,
    const char *body)
{
	wire_begin_request(b, opcode, 6, nodeid);
	return sample_end(b, body);
}

struct span
sample_build_reply(struct wire_buf *b, const char *body, int32_t error)
{
	wire_begin_reply(b, 6, error);
	return sample_end(b, body);
}

struct span
sample_build(struct wire_buf *b, const struct sample *s)
{
	if (s->kind == SAMPLE_REQUEST)
		return sample_build_request(b, s->opcode, 1, s->body);
	if (s->kind == SAMPLE_REPLY)
		return sample_build_reply(b, s->body, s->error);
	wire_begin_reply(b, 0, (int32_t)s->opcode);
	return sample_end(b, s->body);
}

const struct sample *
sample_request(uint32_t opcode, const struct wire_proto *proto)
{
	const struct sample *s;
	size_t i;

	for (i = 0; (s = sample_at(i)) != NULL; i++)
		if (s->kind == SAMPLE_REQUEST && s->opcode == opcode &&
		    s->proto == proto)
			return s;
	return NULL;
}

void
sample_expect(struct wire_expect *e, uint32_t opcode,
    const struct wire_proto *proto)
{
	const struct sample *s = sample_request(opcode, proto);
	struct wire_buf b;

	if (s == NULL)
		abort();
	wire_buf_init(&b);
	wire_expect_set(e, proto, sample_build(&b, s));
	wire_buf_fini(&b);
}
