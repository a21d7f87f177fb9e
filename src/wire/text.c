/* SPDX-License-Identifier: ISC */
#include "wire/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *
separator(const struct text *t)
{
	switch (t->style) {
	case TEXT_JSON:
		return ",";
	case TEXT_CALL:
	case TEXT_FULL:
		return ", ";
	case TEXT_LINE:
	default:
		return " ";
	}
}

void
text_init_style(struct text *t, char *buf, size_t cap, enum text_style style)
{
	t->buf = buf;
	t->cap = cap;
	t->len = 0;
	t->full = 0;
	t->style = style;
	t->sep = style == TEXT_LINE ? " " : "";
	buf[0] = '\0';
}

void
text_init(struct text *t, char *buf, size_t cap)
{
	text_init_style(t, buf, cap, TEXT_LINE);
}

void
text_put(struct text *t, const char *fmt, ...)
{
	size_t room = t->cap - t->len;
	va_list ap;
	int n;

	if (t->full)
		return;
	va_start(ap, fmt);
	n = vsnprintf(t->buf + t->len, room, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= room) {
		t->full = 1;
		t->len = strlen(t->buf);
	} else {
		t->len += (size_t)n;
	}
}

void
text_bytes(struct text *t, const char *p, size_t n)
{
	size_t room = t->cap - t->len - 1;

	/* (p may be NULL if n is 0.) */
	if (t->full || n == 0)
		return;
	if (n > room) {
		t->full = 1;
		n = room;
	}
	memcpy(t->buf + t->len, p, n);
	t->len += n;
	t->buf[t->len] = '\0';
}

void
text_str(struct text *t, const char *s)
{
	text_bytes(t, s, strlen(s));
}

void
text_u64(struct text *t, uint64_t v)
{
	char digits[20]; /* of 2^64 - 1 */
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + v % 10);
		v /= 10;
	} while (v != 0);
	text_bytes(t, digits + at, sizeof(digits) - at);
}

void
text_hex(struct text *t, uint64_t v)
{
	char digits[18]; /* of 2^64 - 1 */
	size_t at = sizeof(digits);

	do {
		digits[--at] = "0123456789abcdef"[v & 15];
		v >>= 4;
	} while (v != 0);
	digits[--at] = 'x';
	digits[--at] = '0';
	text_bytes(t, digits + at, sizeof(digits) - at);
}

/* Length of the UTF-8 sequence at the front of s; 0: there is none. */
static size_t
utf8_length(struct span s)
{
	uint8_t a = s.p[0], low = 0x80, high = 0xbf;
	size_t n, i;

	if (a < 0x80)
		return 1;
	if (a < 0xc2 || a > 0xf4)
		return 0;
	n = a < 0xe0 ? 2 : a < 0xf0 ? 3 : 4;
	if (s.len < n)
		return 0;
	if (a == 0xe0)
		low = 0xa0; /* shorter forms exist */
	else if (a == 0xed)
		high = 0x9f; /* surrogates */
	else if (a == 0xf0)
		low = 0x90;
	else if (a == 0xf4)
		high = 0x8f;
	if (s.p[1] < low || s.p[1] > high)
		return 0;
	for (i = 2; i < n; i++)
		if ((s.p[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

int
text_is_utf8(struct span s)
{
	size_t n;

	while (s.len > 0) {
		if ((n = utf8_length(s)) == 0)
			return 0;
		s.p += n;
		s.len -= n;
	}
	return 1;
}

static void
quote_json(struct text *t, struct span s)
{
	size_t n;

	for (; s.len > 0 && !t->full; s.p += n, s.len -= n) {
		if ((n = utf8_length(s)) == 0) {
			text_bytes(t, "\\ufffd", 6);
			n = 1;
		} else if (*s.p == '"' || *s.p == '\\') {
			text_put(t, "\\%c", *s.p);
		} else if (*s.p < 0x20 || *s.p == 0x7f) {
			text_put(t, "\\u%04x", *s.p);
		} else {
			text_bytes(t, (const char *)s.p, n);
		}
	}
}

void
text_escape(struct text *t, struct span s)
{
	size_t i, plain = 0;

	for (i = 0; i < s.len && !t->full; i++) {
		if (s.p[i] >= 0x20 && s.p[i] <= 0x7e && s.p[i] != '"' &&
		    s.p[i] != '\\')
			continue;
		text_bytes(t, (const char *)s.p + plain, i - plain);
		plain = i + 1;
		text_put(t,
		    s.p[i] >= 0x20 && s.p[i] <= 0x7e ? "\\%c" : "\\x%02x",
		    s.p[i]);
	}
	text_bytes(t, (const char *)s.p + plain, s.len - plain);
}

void
text_quote(struct text *t, struct span s)
{
	if (s.len > TEXT_QUOTE_MAX)
		s.len = TEXT_QUOTE_MAX;
	text_bytes(t, "\"", 1);
	if (t->style == TEXT_JSON)
		quote_json(t, s);
	else
		text_escape(t, s);
	text_bytes(t, "\"", 1);
}

void
text_key(struct text *t, const char *name)
{
	int json = t->style == TEXT_JSON;

	text_str(t, t->sep);
	text_str(t, json ? "\"" : "");
	text_str(t, name);
	text_str(t, json ? "\":" : "=");
	t->sep = separator(t);
}

void
text_field(struct text *t, const char *name, const char *s)
{
	text_key(t, name);
	text_quote(t, (struct span){ (const uint8_t *)s, strlen(s) });
}

void
text_name(struct text *t, const char *name, struct span s)
{
	size_t i;

	if (s.len > TEXT_QUOTE_MAX)
		s.len = TEXT_QUOTE_MAX;
	text_key(t, name);
	text_quote(t, s);
	if (t->style != TEXT_JSON || text_is_utf8(s))
		return;
	text_put(t, ",\"%s_hex\":\"", name);
	for (i = 0; i < s.len; i++)
		text_put(t, "%02x", s.p[i]);
	text_bytes(t, "\"", 1);
}

void
text_open(struct text *t, char bracket)
{
	text_bytes(t, &bracket, 1);
	t->sep = "";
}

void
text_close(struct text *t, char bracket)
{
	text_bytes(t, &bracket, 1);
	t->sep = separator(t);
}

void
text_malformed(struct text *t, const char *fmt, ...)
{
	char why[128];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	if (t->style == TEXT_JSON)
		text_key(t, "malformed");
	text_put(t, t->style == TEXT_JSON ? "\"%s\"" : " <malformed: %s>",
	    why);
}

size_t
text_end(struct text *t)
{
	static const char dots[] = "...";
	size_t room = t->cap - 1;

	if (t->full && room >= sizeof(dots) - 1) {
		if (t->len > room - (sizeof(dots) - 1))
			t->len = room - (sizeof(dots) - 1);
		memcpy(t->buf + t->len, dots, sizeof(dots));
		t->len += sizeof(dots) - 1;
	}
	return t->len;
}
