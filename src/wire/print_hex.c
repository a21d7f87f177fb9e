/* SPDX-License-Identifier: ISC */
#include "wire/print.h"
#include "wire/text.h"

#define PER_LINE 16
#define PER_WORD 4

static void
put_line(struct text *t, const uint8_t *p, size_t off, size_t n)
{
	size_t i;

	text_put(t, "%04zx:", off);
	for (i = 0; i < PER_LINE; i++) {
		if (i % PER_WORD == 0)
			text_str(t, " ");
		if (i < n)
			text_put(t, "%02x", p[off + i]);
		else
			text_str(t, "  ");
	}
	text_str(t, "  ");
	for (i = 0; i < n; i++)
		text_put(t, "%c",
		    p[off + i] >= 0x20 && p[off + i] < 0x7f ? p[off + i] :
							      '.');
	text_put(t, "\n");
}

size_t
wire_print_hex(char *buf, size_t cap, const char *indent, struct span m,
    size_t max)
{
	struct text t;
	size_t off, n, shown = m.len < max ? m.len : max;

	text_init(&t, buf, cap);
	for (off = 0; off < shown; off += PER_LINE) {
		n = shown - off < PER_LINE ? shown - off : PER_LINE;
		text_str(&t, indent);
		put_line(&t, m.p, off, n);
	}
	if (shown < m.len)
		text_put(&t, "%s(%zu more bytes)\n", indent, m.len - shown);
	return text_end(&t);
}
