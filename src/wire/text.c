/* SPDX-License-Identifier: ISC */
#include "wire/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void
text_init(struct text *t, char *buf, size_t cap)
{
	t->buf = buf;
	t->cap = cap;
	t->len = 0;
	t->full = 0;
	buf[0] = '\0';
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
text_quote(struct text *t, struct span s)
{
	size_t i;

	text_put(t, "\"");
	for (i = 0; i < s.len && !t->full; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			text_put(t, "\\%c", s.p[i]);
		else if (s.p[i] < 0x20 || s.p[i] > 0x7e)
			text_put(t, "\\x%02x", s.p[i]);
		else
			text_put(t, "%c", s.p[i]);
	}
	text_put(t, "\"");
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
