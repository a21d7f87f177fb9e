/* SPDX-License-Identifier: ISC */
/*
 * Lines about notifications, with what the kernel said to them:
 *
 *	daemon NOTIFY_INVAL_INODE("/dir/file", ino=7, off=0, len=0) = -ENOENT
 */
#include <inttypes.h>
#include <string.h>

#include "trace/notification.h"
#include "trace/view_text.h"
#include "wire/errors.h"

static void
put_notification(struct view_text *v, struct text *t,
    const struct notification *n, const struct trace_record *r)
{
	char fields[1024];
	const char *name;
	struct text f;

	text_init_style(&f, fields, sizeof(fields), t->style);
	name = wire_put_notify(&f, &n->conn->proto, r->m);
	text_end(&f);
	if (name != NULL)
		text_put(t, "NOTIFY_%s(", name);
	else
		text_put(t, "NOTIFY(code=%" PRId32 ", ", n->code);
	if (n->path != NULL) {
		text_quote(t,
		    (struct span){ (uint8_t *)n->path, n->path_len });
		text_str(t, ", ");
	}
	text_str(t, fields);
	t->sep = ", ";
	view_line_data(v, t, n->conn, NULL, r);
}

static void
view_text_notification(struct model_view *mv, struct notification *n,
    const struct trace_record *r)
{
	struct view_text *v = view_text_of(mv);
	struct text t;

	if (!filter_notification(&v->conf.filter, n))
		return;
	view_line_begin(v, &t);
	put_notification(v, &t, n, r);
	text_end(&t);
	n->note = view_note_new(v->line, t.len);
}

/* Everything from ')' on. */
static void
put_notification_end(struct view_text *v, struct text *t,
    const struct notification *n, const struct trace_record *r)
{
	const struct wire_proto *pr = &n->conn->proto;

	text_str(t, ")");
	if (r->kind == TRACE_RESULT) {
		text_str(t, " = ");
		errors_put(t, pr, -(int32_t)r->index);
		view_line_latency(v, t, n->mono_ns, r);
	} else if (r->flags & TRACE_DROPPED) {
		text_put(t, " is not passed on: %s",
		    wire_notify_why(wire_check_notify(pr, r->m)));
	}
	text_put(t, "\n");
}

static void
view_text_notification_end(struct model_view *mv, struct notification *n,
    const struct trace_record *r)
{
	struct view_text *v = view_text_of(mv);
	struct note *note = n->note;
	struct text t;

	if (note == NULL || !filter_notification_end(&v->conf.filter, n, r) ||
	    (note->shown && r == NULL))
		return;
	view_line_begin(v, &t);
	view_line_prefix(v, &t, n->real_ns, n->conn);
	text_str(&t, "daemon ");
	if (note->shown)
		text_put(&t, "<... %.*s resumed>",
		    (int)strcspn(note->text, "("), note->text);
	else
		text_str(&t, note->text);
	if (r == NULL)
		text_put(&t, " <unfinished ...>\n");
	else
		put_notification_end(v, &t, n, r);
	view_line_end(v, &t, NULL);
}

static void
view_text_notification_slow(struct model_view *mv, struct notification *n)
{
	struct view_text *v = view_text_of(mv);
	struct note *note = n->note;

	if (!view_wants_slow(&v->conf.filter) || note == NULL)
		return;
	view_text_notification_end(mv, n, NULL);
	note->shown = 1;
}

void
view_text_notifications(struct model_view *mv)
{
	mv->notify_begin = view_text_notification;
	mv->notify_end = view_text_notification_end;
	mv->notify_slow = view_text_notification_slow;
}
