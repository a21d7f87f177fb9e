/* SPDX-License-Identifier: ISC */
#include "config.h"
#include "trace/writer.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NAP_MS 20
#define WAIT_FOREVER (-1)

/* The clock by which conditions are waited for. */
#ifdef HAVE_PTHREAD_CONDATTR_SETCLOCK
#define WAIT_CLOCK CLOCK_MONOTONIC
#else
#define WAIT_CLOCK CLOCK_REALTIME
#endif

/*
 * The buffer is a ring of bytes:
 *
 *	0 .... from ======== to .... cap	or	0 == to .... from == cap
 *
 * An item is its length (a uint32_t), then its bytes, never across the end;
 * SKIP there says that the next one is at 0.  from == to: empty.
 */
#define SKIP UINT32_MAX
#define LEN_SIZE sizeof(uint32_t)

struct writer {
	uint8_t *buf;
	size_t cap, from, to;
	enum writer_pace pace;
	const struct writer_ops *ops;
	void *arg;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t news, ended;
	int closing, done, error;
	int alone; /* nobody waits for the thread to end */
};

static size_t
writer_used(const struct writer *w)
{
	return w->to >= w->from ? w->to - w->from : w->cap - w->from + w->to;
}

/* ---- in the thread ---- */

static struct timespec
time_from_now(unsigned ms)
{
	struct timespec ts;

	clock_gettime(WAIT_CLOCK, &ts);
	ts.tv_sec += ms / 1000;
	ts.tv_nsec += (long)(ms % 1000) * 1000000;
	if (ts.tv_nsec >= 1000000000) {
		ts.tv_sec++;
		ts.tv_nsec -= 1000000000;
	}
	return ts;
}

/* Wait until there is enough to do, or it is time. */
static void
writer_wait(struct writer *w)
{
	struct timespec until;

	while (w->from == w->to && !w->closing)
		pthread_cond_wait(&w->news, &w->lock);
	if (w->pace == WRITER_AT_ONCE)
		return;
	until = time_from_now(NAP_MS);
	while (!w->closing && writer_used(w) < w->cap / 4)
		if (pthread_cond_timedwait(&w->news, &w->lock, &until) != 0)
			return;
}

/* Hand out the items from..to, which nobody else touches meanwhile. */
static int
writer_hand_out(struct writer *w, size_t from, size_t to)
{
	struct span item;
	uint32_t len;
	int r;

	while (from != to) {
		memcpy(&len, w->buf + from, LEN_SIZE);
		if (len == SKIP) {
			from = 0;
			continue;
		}
		item.p = w->buf + from + LEN_SIZE;
		item.len = len;
		if ((r = w->ops->put(w->arg, item)) != E_OK)
			return r;
		from += LEN_SIZE + len;
		if (w->cap - from < LEN_SIZE)
			from = 0;
	}
	return w->ops->flush(w->arg);
}

static void
writer_free(struct writer *w)
{
	pthread_cond_destroy(&w->news);
	pthread_cond_destroy(&w->ended);
	pthread_mutex_destroy(&w->lock);
	free(w->buf);
	free(w);
}

static void
writer_note(struct writer *w, int r)
{
	if (r != E_OK)
		w->error = r == E_SYS ? errno : ENOMEM;
}

static void *
writer_main(void *arg)
{
	struct writer *w = arg;
	size_t from, to;
	int r = w->ops->flush(w->arg), alone;

	pthread_mutex_lock(&w->lock);
	writer_note(w, r);
	while (r == E_OK && !(w->closing && w->from == w->to)) {
		writer_wait(w);
		from = w->from;
		to = w->to;
		pthread_mutex_unlock(&w->lock);
		r = writer_hand_out(w, from, to);
		pthread_mutex_lock(&w->lock);
		writer_note(w, r);
		if (r == E_OK)
			w->from = to;
	}
	w->done = 1;
	alone = w->alone;
	pthread_cond_signal(&w->ended);
	pthread_mutex_unlock(&w->lock);
	if (alone)
		writer_free(w);
	return NULL;
}

int
writer_write(int fd, const void *p, size_t len)
{
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };
	const char *at = p;
	ssize_t n;

	while (len > 0) {
		n = write(fd, at, len);
		if (n == -1 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			if (poll(&pfd, 1, WAIT_FOREVER) == -1 &&
			    errno != EINTR)
				return E_SYS;
			continue;
		}
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return E_SYS;
		at += n;
		len -= (size_t)n;
	}
	return E_OK;
}

/* ---- in the loop ---- */

/* Where an item of need bytes goes; SIZE_MAX: nowhere. */
static size_t
writer_place(struct writer *w, size_t need)
{
	uint32_t skip = SKIP;

	if (w->to >= w->from) {
		/* (Full must not look like empty.) */
		if (w->cap - w->to >= need + (w->from == 0 ? LEN_SIZE : 0))
			return w->to;
		if (w->from <= need)
			return SIZE_MAX;
		memcpy(w->buf + w->to, &skip, LEN_SIZE);
		return 0;
	}
	return w->from - w->to > need ? w->to : SIZE_MAX;
}

static int
writer_put_locked(struct writer *w, struct span head, struct span body)
{
	size_t need = LEN_SIZE + head.len + body.len, at;
	uint32_t len = (uint32_t)(head.len + body.len);

	if (w->error != 0)
		return E_SYS;
	/* (The length of a longer one could be SKIP, and it never fits.) */
	if (head.len > w->cap / 2 || body.len > w->cap / 2)
		return E_FULL;
	if ((at = writer_place(w, need)) == SIZE_MAX)
		return E_FULL;
	memcpy(w->buf + at, &len, LEN_SIZE);
	memcpy(w->buf + at + LEN_SIZE, head.p, head.len);
	if (body.len > 0)
		memcpy(w->buf + at + LEN_SIZE + head.len, body.p, body.len);
	w->to = at + need;
	if (w->cap - w->to < LEN_SIZE)
		w->to = 0;
	return E_OK;
}

int
writer_put(struct writer *w, struct span head, struct span body)
{
	size_t before;
	int r, wake;

	pthread_mutex_lock(&w->lock);
	before = writer_used(w);
	r = writer_put_locked(w, head, body);
	wake = before == 0 ||
	    (before < w->cap / 4 && writer_used(w) >= w->cap / 4);
	pthread_mutex_unlock(&w->lock);
	if (wake)
		pthread_cond_signal(&w->news);
	return r;
}

int
writer_error(struct writer *w)
{
	int error;

	pthread_mutex_lock(&w->lock);
	error = w->error;
	pthread_mutex_unlock(&w->lock);
	return error;
}

/* Start it with all signals blocked: they are the loop's. */
static int
writer_start(struct writer *w)
{
	sigset_t all, old;
	int num;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	num = pthread_create(&w->thread, NULL, writer_main, w);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	errno = num;
	return num == 0 ? E_OK : E_SYS;
}

int
writer_new(struct writer **out, size_t cap, enum writer_pace pace,
    const struct writer_ops *ops, void *arg)
{
	pthread_condattr_t attr;
	struct writer *w;
	int r;

	*out = NULL;
	if ((w = calloc(1, sizeof(*w))) == NULL)
		return E_NOMEM;
	if ((w->buf = malloc(cap)) == NULL) {
		free(w);
		return E_NOMEM;
	}
	w->cap = cap;
	w->pace = pace;
	w->ops = ops;
	w->arg = arg;
	pthread_mutex_init(&w->lock, NULL);
	pthread_condattr_init(&attr);
#ifdef HAVE_PTHREAD_CONDATTR_SETCLOCK
	pthread_condattr_setclock(&attr, WAIT_CLOCK);
#endif
	pthread_cond_init(&w->news, &attr);
	pthread_cond_init(&w->ended, &attr);
	pthread_condattr_destroy(&attr);
	if ((r = writer_start(w)) != E_OK) {
		writer_free(w);
		return r;
	}
	*out = w;
	return E_OK;
}

int
writer_close(struct writer *w, unsigned ms)
{
	struct timespec until = time_from_now(ms);
	int done, error;

	pthread_mutex_lock(&w->lock);
	w->closing = 1;
	pthread_cond_signal(&w->news);
	while (!w->done)
		if (pthread_cond_timedwait(&w->ended, &w->lock, &until) != 0)
			break;
	done = w->done;
	error = w->error;
	w->alone = !done;
	if (!done)
		pthread_detach(w->thread);
	pthread_mutex_unlock(&w->lock);
	if (!done)
		return E_TIMEOUT;
	pthread_join(w->thread, NULL);
	writer_free(w);
	errno = error;
	return error != 0 ? E_SYS : E_OK;
}
