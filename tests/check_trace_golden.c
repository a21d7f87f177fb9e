/* SPDX-License-Identifier: ISC */
/*
 * What the views print of the samples, live and from a capture, is what
 * tests/golden/ has; and no file, however broken, does any harm.
 *
 * With TRACE_GOLDEN_UPDATE in the environment the files are written anew.
 */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/suite.h"
#include "tests/trace_feed.h"
#include "trace/capture.h"
#include "trace/fragments.h"
#include "trace/reader.h"
#include "trace/summary.h"

#define MUTATIONS 400

static char dir[] = "/tmp/check_trace_golden.XXXXXX";
static char capture_path[64];

enum view_kind {
	VIEW_TEXT,
	VIEW_FULL,
	VIEW_JSON,
	VIEW_PERFETTO,
	VIEW_KINDS
};

static struct model_view *
view_new(enum view_kind kind, struct feed_text *t)
{
	struct view_conf conf = { .out = { feed_put, t },
		.full = kind == VIEW_FULL,
		.latency = 1,
		.data = kind == VIEW_FULL ? 16 : 0 };

	filter_init(&conf.filter);
	switch (kind) {
	case VIEW_JSON:
		return view_json_new(&conf);
	case VIEW_PERFETTO:
		return view_perfetto_new(&conf);
	default:
		return view_text_new(&conf);
	}
}

static void
print_live(enum view_kind kind, struct feed_text *t)
{
	struct model_view *v = view_new(kind, t);
	struct model m;

	ck_assert_ptr_nonnull(v);
	model_init(&m, 1000);
	model_add(&m, v);
	feed_samples(&m.sink);
	model_end(&m);
	model_fini(&m);
	free(v);
}

/* Print the file; the reader's last word. */
static int
print_file(enum view_kind kind, FILE *f, enum reader_format format,
    struct feed_text *t, char *why)
{
	struct model_view *v = view_new(kind, t);
	struct trace_record r;
	struct filter filter;
	struct fragments *fragments;
	struct summary s;
	struct reader *rd;
	struct model m;
	int ret;

	ck_assert_ptr_nonnull(v);
	filter_init(&filter);
	summary_init(&s, &filter, SUMMARY_BY_OP);
	fragments = fragments_new(&(struct view_out){ feed_put, t }, 0);
	model_init(&m, 1000);
	model_add(&m, v);
	model_add(&m, &s.view);
	ret = reader_open(&rd, f, format, why);
	while (ret == E_OK && (ret = reader_next(rd, &r, why)) == 1) {
		m.sink.record(&m.sink, &r);
		fragments_sink(fragments)->record(fragments_sink(fragments),
		    &r);
		ret = E_OK;
	}
	model_end(&m);
	model_fini(&m);
	summary_fini(&s);
	fragments_free(fragments);
	reader_free(rd);
	free(v);
	return ret;
}

static void
capture_write(uint32_t snaplen)
{
	struct capture_conf conf = { .path = capture_path,
		.fd = -1,
		.snaplen = snaplen };
	struct capture_result res;
	struct capture *c;

	ck_assert_int_eq(capture_open(&c, &conf), E_OK);
	feed_samples(capture_sink(c));
	capture_close(c, SUITE_PATIENCE_MS, &res);
	ck_assert_int_eq(res.error, 0);
	ck_assert_uint_eq(res.lost, 0);
}

static void
start(void)
{
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(capture_path, sizeof(capture_path), "%s/capture", dir);
	capture_write(64);
}

static void
stop(void)
{
	unlink(capture_path);
	rmdir(dir);
	strcpy(dir + strlen(dir) - 6, "XXXXXX");
}

static char *
file_read(const char *path, size_t *len)
{
	char *p = calloc(1, 1 << 22);
	FILE *f = fopen(path, "rb");

	*len = 0;
	if (f == NULL)
		return p;
	*len = fread(p, 1, (1 << 22) - 1, f);
	fclose(f);
	return p;
}

static const char *const golden_names[VIEW_KINDS] = {
	[VIEW_TEXT] = "trace.txt",
	[VIEW_FULL] = "trace-full.txt",
	[VIEW_JSON] = "trace.json",
	[VIEW_PERFETTO] = NULL,
};

static void
golden_compare(const char *name, const struct feed_text *t)
{
	const char *top = getenv("srcdir");
	char path[512];
	size_t len;
	char *want;
	FILE *f;

	snprintf(path, sizeof(path), "%s/tests/golden/%s",
	    top != NULL ? top : "..", name);
	if (getenv("TRACE_GOLDEN_UPDATE") != NULL) {
		ck_assert_ptr_nonnull(f = fopen(path, "wb"));
		fwrite(t->p, 1, t->len, f);
		fclose(f);
		return;
	}
	want = file_read(path, &len);
	ck_assert_msg(len > 0, "%s is missing", path);
	ck_assert_str_eq(t->p, want);
	free(want);
}

START_TEST(live_prints_golden)
{
	struct feed_text t = { NULL, 0 };

	print_live((enum view_kind)_i, &t);
	if (golden_names[_i] != NULL)
		golden_compare(golden_names[_i], &t);
	free(t.p);
}
END_TEST

START_TEST(capture_prints_the_same)
{
	struct feed_text live = { NULL, 0 }, read = { NULL, 0 };
	char why[READER_WHY_MAX];
	FILE *f;

	print_live((enum view_kind)_i, &live);
	ck_assert_ptr_nonnull(f = fopen(capture_path, "rb"));
	ck_assert_int_eq(
	    print_file((enum view_kind)_i, f, READER_CAPTURE, &read, why), 0);
	ck_assert_str_eq(live.p, read.p);
	free(live.p);
	free(read.p);
}
END_TEST

static void
must_be_json(const struct feed_text *t)
{
	const char *p = t->p, *nl;

	for (; p != NULL && *p != '\0'; p = nl + 1) {
		nl = strchr(p, '\n');
		ck_assert_ptr_nonnull(nl);
		ck_assert_msg(feed_is_json(p, (size_t)(nl - p)),
		    "not JSON: %.*s", (int)(nl - p), p);
	}
}

START_TEST(json_is_json)
{
	struct feed_text t = { NULL, 0 };

	print_live(VIEW_JSON, &t);
	must_be_json(&t);
	free(t.p);
}
END_TEST

START_TEST(perfetto_is_json)
{
	struct feed_text t = { NULL, 0 };
	size_t i, n = 0;

	print_live(VIEW_PERFETTO, &t);
	/* Newlines are between tokens alone. */
	for (i = 0; i < t.len; i++)
		if (t.p[i] != '\n')
			t.p[n++] = t.p[i];
	ck_assert(feed_is_json(t.p, n));
	free(t.p);
}
END_TEST

/* Every prefix of a capture reads as far as its last whole packet. */
START_TEST(prefixes_read)
{
	char why[READER_WHY_MAX], *all;
	struct feed_text t;
	size_t len, cut;
	FILE *f;
	int r;

	all = file_read(capture_path, &len);
	for (cut = 0; cut < len; cut += cut < 400 ? 1 : 97) {
		f = tmpfile();
		fwrite(all, 1, cut, f);
		rewind(f);
		t = (struct feed_text){ NULL, 0 };
		r = print_file(VIEW_TEXT, f, READER_CAPTURE, &t, why);
		ck_assert_msg(r == 0 ||
			(why[0] != '\0' && (r == E_EOF || r == E_VALUE)),
		    "%d at %zu", r, cut);
		if (cut > 24 && r != 0)
			ck_assert_msg(r == E_EOF && strstr(why, "at byte"),
			    "%d at %zu: %s", r, cut, why);
		free(t.p);
	}
	free(all);
}
END_TEST

/* Spoil the packet after the nth: its version, or its dissector's name. */
static void
spoil(char *p, size_t len, unsigned nth, size_t at)
{
	size_t off = 24;
	uint32_t caplen;

	while (off + 16 < len && nth-- > 0) {
		memcpy(&caplen, p + off + 8, sizeof(caplen));
		off += 16 + caplen;
	}
	p[off + 16 + at] ^= 0x55;
}

/* A packet that is no record is passed over, told and counted. */
START_TEST(f53_others_are_read)
{
	char why[READER_WHY_MAX], *all;
	struct trace_record r;
	struct reader *rd;
	uint64_t n = 0, whole = 0;
	unsigned bad;
	size_t len;
	FILE *f;

	all = file_read(capture_path, &len);
	for (bad = 0; bad < 3; bad++) {
		if (bad > 0)
			spoil(all, len, 5 * bad, bad == 1 ? 20 : 4);
		f = tmpfile();
		fwrite(all, 1, len, f);
		rewind(f);
		ck_assert_int_eq(reader_open(&rd, f, READER_CAPTURE, why),
		    E_OK);
		for (n = 0; reader_next(rd, &r, why) == 1; n++)
			;
		whole = bad == 0 ? n : whole;
		ck_assert_uint_eq(n, whole - bad);
		ck_assert_uint_eq(reader_number(rd), whole);
		ck_assert_uint_eq(reader_skipped(rd, why), bad);
		ck_assert(
		    bad == 0 || strstr(why, "not a packet of fuserelay"));
		reader_free(rd);
	}
	free(all);
}
END_TEST

static uint64_t
rng(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static size_t
mutate(char *p, size_t len, size_t from, uint64_t *state)
{
	uint64_t n = 1 + rng(state) % 8;
	size_t at;

	while (n-- > 0) {
		at = from + (size_t)(rng(state) % (len - from));
		switch (rng(state) % 4) {
		case 0:
			p[at] ^= (char)(1 << rng(state) % 8);
			break;
		case 1:
			p[at] = (char)rng(state);
			break;
		case 2:
			memset(p + at, 0xff, len - at < 4 ? len - at : 4);
			break;
		default:
			memset(p + at, 0, len - at < 8 ? len - at : 8);
			break;
		}
	}
	return rng(state) % 16 == 0 ?
	    from + (size_t)(rng(state) % (len - from)) :
	    len;
}

START_TEST(broken_files_do_no_harm)
{
	uint64_t state = 0x9e3779b97f4a7c15u + (uint64_t)_i;
	char why[READER_WHY_MAX], *all, *copy;
	struct feed_text t;
	size_t len, n, i, from;
	FILE *f;

	all = file_read(capture_path, &len);
	copy = malloc(len);
	for (i = 0; i < MUTATIONS; i++) {
		memcpy(copy, all, len);
		/* Mostly behind the head, so that much is read. */
		from = i % 8 == 0 ? 0 : 24;
		n = mutate(copy, len, from, &state);
		f = tmpfile();
		fwrite(copy, 1, n, f);
		rewind(f);
		t = (struct feed_text){ NULL, 0 };
		print_file((enum view_kind)(i % VIEW_KINDS), f,
		    i % 16 == 5 ? READER_FUSEDUMP : READER_CAPTURE, &t, why);
		if (i % VIEW_KINDS == VIEW_JSON && i % 16 != 5)
			must_be_json(&t);
		free(t.p);
	}
	free(copy);
	free(all);
}
END_TEST

static void
put_dump(FILE *f, char dir_letter, const struct sample *s, int old)
{
	struct {
		uint32_t len, sec[2], nsec;
	} when = { 16, { 1790000000, 0 }, 5000 };
	const uint8_t sig[] = { 9, 0, 0, 0, 'G', 'L', 'U', 'S', 0xf5 };
	uint32_t items = 3;
	struct wire_buf b;
	struct span m;

	wire_buf_init(&b);
	m = sample_build(&b, s);
	fputc(dir_letter, f);
	if (!old) {
		fwrite(&items, sizeof(items), 1, f);
		fwrite(&when, sizeof(when), 1, f);
		fwrite(sig, sizeof(sig), 1, f);
	}
	fwrite(m.p, 1, m.len, f);
	wire_buf_fini(&b);
}

/* A reply of LOOKUP, in both forms of the dump. */
START_TEST(fusedump_prints)
{
	const struct sample *s,
	    *request = sample_request(FUSE_OP_LOOKUP, &proto_linux);
	struct feed_text t = { NULL, 0 };
	char why[READER_WHY_MAX];
	FILE *f = tmpfile();
	size_t i;

	put_dump(f, 'R', request, _i);
	for (i = 0; (s = sample_at(i)) != NULL; i++)
		if (s->kind == SAMPLE_REPLY && s->opcode == FUSE_OP_LOOKUP)
			break;
	put_dump(f, 'W', s, _i);
	rewind(f);
	ck_assert_int_eq(print_file(VIEW_TEXT, f, READER_FUSEDUMP, &t, why),
	    0);
	ck_assert_str_eq(t.p,
	    "kernel LOOKUP(\"/hello.txt\") = -ENOENT <0.000000>\n");
	free(t.p);
}
END_TEST

START_TEST(foreign_files_are_refused)
{
	static const char *const files[] = { "", "x", "R\1", "not a capture",
		"\xd4\xc3\xb2\xa1\2\0\4\0" };
	struct feed_text t = { NULL, 0 };
	char why[READER_WHY_MAX];
	FILE *f = tmpfile();
	int r;

	fputs(files[_i], f);
	rewind(f);
	r = print_file(VIEW_TEXT, f, READER_CAPTURE, &t, why);
	ck_assert_int_eq(r, E_VALUE);
	ck_assert_str_ne(why, "");
	free(t.p);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("trace_golden");
	TCase *tc = tcase_create("golden");

	tcase_add_unchecked_fixture(tc, start, stop);
	tcase_add_loop_test(tc, live_prints_golden, 0, VIEW_KINDS);
	tcase_add_loop_test(tc, capture_prints_the_same, 0, VIEW_KINDS);
	tcase_add_test(tc, json_is_json);
	tcase_add_test(tc, perfetto_is_json);
	tcase_add_test(tc, prefixes_read);
	tcase_add_test(tc, f53_others_are_read);
	tcase_add_loop_test(tc, broken_files_do_no_harm, 0, 4);
	tcase_add_loop_test(tc, fusedump_prints, 0, 2);
	tcase_add_loop_test(tc, foreign_files_are_refused, 0, 5);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
