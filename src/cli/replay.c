/* SPDX-License-Identifier: ISC */
#include "cli/replay.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>

#include "base/log.h"

static int
replay_start_cb(void *arg, struct event_base *base)
{
	struct options *o = arg;
	int fd = o->replay_fd;

	o->replay_fd = -1;
	return replay_start(o->player, base, fd);
}

static void
replay_stop_cb(void *arg)
{
	struct options *o = arg;

	replay_stop(o->player);
}

int
replay_prepare(struct options *o)
{
	int pair[2], r;

	shaping_settle(&o->replay.shaping);
	shaping_draw_seed(&o->replay.shaping);
	o->replay.out = stdout;
	setvbuf(stdout, NULL, _IOLBF, 0);
	if ((r = replay_new(&o->player, &o->replay)) != E_OK)
		return r;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1) {
		log_error("socketpair: %s", strerror(errno));
		return E_SYS;
	}
	evutil_make_socket_closeonexec(pair[1]);
	o->run.front.kind = FRONT_FD;
	o->run.front.fd = pair[0];
	o->replay_fd = pair[1];
	o->run.client.start = replay_start_cb;
	o->run.client.stop = replay_stop_cb;
	o->run.client.arg = o;
	return E_OK;
}

static void
replay_print_skipped(const struct replay_totals *t)
{
	enum replay_skip i;

	for (i = SKIP_NOT; i < SKIP_COUNT; i++)
		if (t->skipped[i] > 0)
			printf("skipped: %" PRIu64 " that %s\n", t->skipped[i],
			    replay_skip_text(i));
	if (t->skipped[SKIP_DATA] > 0)
		printf(
		    "To have all data in the capture, make it with "
		    "\"fuserelay run -w FILE --snaplen=BYTES\",\n"
		    "BYTES being the size of the largest WRITE at least.\n");
}

/* Requests that should have been sent, and were not. */
static uint64_t
replay_missing(const struct replay_totals *t)
{
	uint64_t n = 0;
	enum replay_skip i;

	for (i = SKIP_NOT; i < SKIP_COUNT; i++)
		if (!replay_skip_is_natural(i))
			n += t->skipped[i];
	return n;
}

/* Say how much of the capture was not tried, and why. */
static void
replay_print_missing(const struct replay_totals *t)
{
	const char *space = "those that ";
	enum replay_skip i;

	if (replay_missing(t) == 0)
		return;
	printf("%" PRIu64 " of %" PRIu64 " requests compared, %" PRIu64
	       " skipped (",
	    t->compared, t->recorded, replay_missing(t));
	for (i = SKIP_NOT; i < SKIP_COUNT; i++) {
		if (replay_skip_is_natural(i) || t->skipped[i] == 0)
			continue;
		printf("%s%s", space, replay_skip_text(i));
		space = ", or ";
	}
	printf(")\n");
}

static void
replay_print(const struct replay_totals *t)
{
	uint64_t skipped = 0;
	enum replay_skip i;

	for (i = SKIP_NOT; i < SKIP_COUNT; i++)
		skipped += t->skipped[i];
	replay_print_skipped(t);
	if (t->undecided > 0)
		printf("not compared: %" PRIu64 " replies about what was "
		       "being changed meanwhile\n",
		    t->undecided);
	if (t->in_part > 0)
		printf("compared in part: %" PRIu64 " replies that the "
		       "capture has not whole\n",
		    t->in_part);
	replay_print_missing(t);
	printf("%" PRIu64 " requests, %" PRIu64 " replies compared, %" PRIu64
	       " differences, %" PRIu64 " skipped\n",
	    t->requests, t->compared, t->differences, skipped);
}

int
replay_finish(struct options *o, int status)
{
	struct replay_totals totals;
	int r = replay_result(o->player, &totals);

	replay_print(&totals);
	if (r == E_EOF)
		log_error("the file system was gone before the capture came "
			  "to its end");
	if (fflush(stdout) != 0 || ferror(stdout)) {
		log_error("writing: %s", strerror(errno));
		return RUN_EXIT_FAILURE;
	}
	if (status >= RUN_EXIT_TIMEOUT)
		return status;
	if (r != E_OK)
		return status != 0 && r == E_EOF ? status : RUN_EXIT_FAILURE;
	if (totals.differences > 0)
		return REPLAY_EXIT_DIFFERS;
	return replay_missing(&totals) > 0 && !o->accept_skipped ?
	    REPLAY_EXIT_SKIPPED :
	    0;
}
