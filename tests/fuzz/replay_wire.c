/* SPDX-License-Identifier: ISC */
/*
 * Run fuzz_wire without libFuzzer: over the files named, or over a corpus
 * made from the samples, each with its reply and then damaged at random.
 * With -w DIR the undamaged corpus is written there instead, as a start
 * for the fuzzer.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "tests/wire_samples.h"

#define INPUT_MAX 65536u
#define DAMAGED 200

static uint64_t rand_state = 0x2545f4914f6cdd1du;

static uint32_t
rand_below(uint32_t n)
{
	rand_state ^= rand_state << 13;
	rand_state ^= rand_state >> 7;
	rand_state ^= rand_state << 17;
	return (uint32_t)(rand_state >> 16) % n;
}

/* The input of fuzz_wire for a sample; its length. */
static size_t
make_input(uint8_t *to, const struct sample *s)
{
	const struct sample *req = s;
	struct wire_buf b;
	struct span m;
	uint16_t len;
	size_t n = 5;

	memset(to, 0, n);
	to[0] = (uint8_t)s->proto->dialect;
	to[1] = (uint8_t)s->proto->minor;
	to[2] = (uint8_t)((s->proto->flags >> 29 & 1) |
	    (s->proto->flags >> 25 & 1) << 1 |
	    (s->proto->flags >> 22 & 1) << 2);
	wire_buf_init(&b);
	if (s->kind == SAMPLE_REPLY)
		req = sample_request(s->opcode, s->proto);
	else if (s->kind == SAMPLE_NOTIFY)
		req = sample_request(FUSE_OP_STATFS, s->proto);
	if (req != NULL) {
		m = sample_build(&b, req);
		len = (uint16_t)m.len;
		memcpy(to + 3, &len, sizeof(len));
		memcpy(to + n, m.p, m.len);
		n += m.len;
	}
	if (s->kind != SAMPLE_REQUEST) {
		m = sample_build(&b, s);
		memcpy(to + n, m.p, m.len);
		n += m.len;
	}
	wire_buf_fini(&b);
	return n;
}

static size_t
damage(uint8_t *p, size_t n)
{
	uint32_t i, times = 1 + rand_below(4);
	size_t at;

	for (i = 0; i < times; i++) {
		at = rand_below((uint32_t)n);
		switch (rand_below(4)) {
		case 0:
			p[at] ^= (uint8_t)(1u << rand_below(8));
			break;
		case 1:
			p[at] = (uint8_t)rand_below(256);
			break;
		case 2:
			p[at] = rand_below(2) ? 0xff : 0x7f;
			break;
		default:
			n = at + 1;
			break;
		}
	}
	return n;
}

static void
replay_samples(void)
{
	static uint8_t whole[INPUT_MAX], bad[INPUT_MAX];
	const struct sample *s;
	size_t i, n;
	int k;

	for (i = 0; (s = sample_at(i)) != NULL; i++) {
		n = make_input(whole, s);
		LLVMFuzzerTestOneInput(whole, n);
		for (k = 0; k < DAMAGED; k++) {
			memcpy(bad, whole, n);
			LLVMFuzzerTestOneInput(bad, damage(bad, n));
		}
	}
}

static int
write_samples(const char *dir)
{
	static uint8_t whole[INPUT_MAX];
	char path[PATH_MAX];
	const struct sample *s;
	size_t i, n;
	FILE *f;

	for (i = 0; (s = sample_at(i)) != NULL; i++) {
		n = make_input(whole, s);
		snprintf(path, sizeof(path), "%s/wire-%03zu", dir, i);
		if ((f = fopen(path, "wb")) == NULL)
			return 1;
		if (fwrite(whole, 1, n, f) != n || fclose(f) != 0)
			return 1;
	}
	return 0;
}

static int
replay_file(const char *path)
{
	static uint8_t bytes[INPUT_MAX];
	FILE *f = fopen(path, "rb");
	size_t n;

	if (f == NULL) {
		perror(path);
		return 1;
	}
	n = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	LLVMFuzzerTestOneInput(bytes, n);
	return 0;
}

int
main(int argc, char **argv)
{
	int i, failed = 0;

	if (argc == 3 && strcmp(argv[1], "-w") == 0)
		return write_samples(argv[2]);
	if (argc < 2)
		replay_samples();
	for (i = 1; i < argc; i++)
		failed |= replay_file(argv[i]);
	return failed;
}
