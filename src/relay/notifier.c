/* SPDX-License-Identifier: ISC */
/*
 * The thread receives notifications from a packet socket, writes each to the
 * device, and sends back what write() said, with the head of the notification.
 * It shares one variable with the loop: since when it is in write().  The loop
 * and the thread each free what is theirs, so that neither waits for the other.
 */
#include "relay/notifier.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/nosignal.h"
#include "relay/devpair.h"
#include "wire/head.h"
#include "wire/ops.h"

#define NOTIFIER_MAX (1024u * 1024 + 4096) /* bytes: a STORE of 1 MiB */
#define HEAD_STORE 40	   /* bytes of a STORE without its data */
#define HEAD_FIXED 64	   /* of those without a name */
#define NOTIFIER_LOOK_MS 1 /* how often the thread is looked at */

struct notifier_shared {
	atomic_uint users;     /* the loop and the thread */
	atomic_int quit;       /* write no more */
	atomic_int tid;	       /* the thread's, 0: not known */
	_Atomic int64_t since; /* ns, when a write began; 0: none */
	int dev;	       /* owned */
};

struct notifier {
	int sock;	  /* our end of the queue */
	struct event *ev; /* an answer came; its timer: look at the thread */
	size_t waiting;	  /* put and not done */
	int stuck;	  /* the kernel does not finish the first of them */
	struct notifier_shared *shared;
	const struct notifier_events *tells;
	void *arg;
};

/* An answer of the thread's, with as many bytes of `head` as there are. */
struct notifier_answer {
	int32_t error;	/* errno, or 0 */
	uint32_t whole; /* bytes of the message */
	uint8_t head[NOTIFIER_HEAD_MAX];
};

#define ANSWER_FIXED offsetof(struct notifier_answer, head)

/* What the thread alone owns. */
struct notifier_side {
	int sock;
	uint8_t *buf;
	struct notifier_shared *shared;
};

static int64_t
notifier_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void
notifier_unshare(struct notifier_shared *s)
{
	if (s == NULL || atomic_fetch_sub(&s->users, 1) > 1)
		return;
	close(s->dev);
	free(s);
}

static void
notifier_side_free(struct notifier_side *s)
{
	file_close(&s->sock);
	notifier_unshare(s->shared);
	free(s->buf);
	free(s);
}

#ifdef __linux__
static int
notifier_tid(void)
{
	return gettid();
}

/*
 * Is the thread asleep?  In the kernel's part of a write it sleeps for locks
 * only, and whoever holds one for long waits for a reply.
 */
static int
notifier_is_asleep(int tid)
{
	char path[64], text[128], *state;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	state = strrchr(text, ')');
	return state != NULL && (state[2] == 'D' || state[2] == 'S');
}
#else
static int
notifier_tid(void)
{
	return 0;
}

static int
notifier_is_asleep(int tid)
{
	(void)tid;
	return 0;
}
#endif

struct notifier_head
notifier_head_of(struct span m)
{
	struct notifier_head h = { .head = m, .whole = m.len };
	int32_t code = head_error(m);
	size_t max = HEAD_FIXED;

	if (code == FUSE_NOTIFY_STORE)
		max = HEAD_STORE;
	else if (code == FUSE_NOTIFY_INVAL_ENTRY || code == FUSE_NOTIFY_DELETE)
		max = NOTIFIER_HEAD_MAX;
	if (h.head.len > max)
		h.head.len = max;
	return h;
}

/* Tell the loop what write() said of m.  (The loop may be gone.) */
static void
notifier_tell(struct notifier_side *s, struct span m, int error)
{
	struct notifier_head h = notifier_head_of(m);
	struct notifier_answer a = { .error = error,
		.whole = (uint32_t)m.len };
	ssize_t n;

	memcpy(a.head, m.p, h.head.len);
	n = send(s->sock, &a, ANSWER_FIXED + h.head.len, MSG_NOSIGNAL);
	(void)n;
}

static void *
notifier_run(void *arg)
{
	struct notifier_side *s = arg;
	int error;
	ssize_t n;

	atomic_store(&s->shared->tid, notifier_tid());
	while ((n = recv(s->sock, s->buf, NOTIFIER_MAX, 0)) > 0) {
		if (atomic_load(&s->shared->quit))
			break;
		atomic_store(&s->shared->since, notifier_now());
		/* Its errors (no such inode, ...) are the daemon's to hear
		 * of only on a real device. */
		error = write(s->shared->dev, s->buf, (size_t)n) == -1 ?
		    errno :
		    0;
		atomic_store(&s->shared->since, 0);
		notifier_tell(s, (struct span){ s->buf, (size_t)n }, error);
	}
	notifier_side_free(s);
	return NULL;
}

static int
notifier_start(struct notifier_side *s)
{
	sigset_t all, old;
	pthread_t thread;
	int r;

	/* Signals are for the thread with the event loop. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	r = pthread_create(&thread, NULL, notifier_run, s);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (r != 0)
		return E_SYS;
	pthread_detach(thread);
	return E_OK;
}

/* The timer runs only while something waits: idle, nothing wakes up. */
static void
notifier_set_timer(struct notifier *n)
{
	struct timeval tv = { 0, NOTIFIER_LOOK_MS * 1000 };

	if (n->waiting > 0)
		event_add(n->ev, &tv);
	else
		event_remove_timer(n->ev);
}

/* Is the thread in a write() that the kernel does not finish? */
static int
notifier_is_stuck(struct notifier_shared *s)
{
	int64_t since = atomic_load(&s->since);

	if (since == 0)
		return 0;
	if (notifier_now() - since >= (int64_t)NOTIFIER_HOLD_MS * 1000000)
		return 1;
	/* Asleep in that very write, not in what comes after it. */
	return notifier_is_asleep(atomic_load(&s->tid)) &&
	    atomic_load(&s->since) == since;
}

/* Receive the thread's answers. */
static void
notifier_take(struct notifier *n)
{
	struct notifier_answer a;
	struct notifier_head h;
	ssize_t len;

	while (n->waiting > 0 &&
	    (len = recv(n->sock, &a, sizeof(a), MSG_DONTWAIT)) >=
		(ssize_t)ANSWER_FIXED) {
		n->waiting--;
		n->stuck = 0;
		h.head.p = a.head;
		h.head.len = (size_t)len - ANSWER_FIXED;
		h.whole = a.whole;
		n->tells->done(n->arg, &h, a.error);
	}
}

static void
notifier_cb(evutil_socket_t fd, short what, void *arg)
{
	struct notifier *n = arg;

	(void)fd;
	if (what & EV_READ)
		notifier_take(n);
	else
		n->stuck = notifier_is_stuck(n->shared);
	notifier_set_timer(n);
	n->tells->progress(n->arg);
}

/* The thread's half. */
static int
notifier_side_new(struct notifier_side **out, int dev)
{
	struct notifier_side *s = calloc(1, sizeof(*s));

	*out = NULL;
	if (s == NULL)
		return E_NOMEM;
	s->sock = -1;
	s->buf = malloc(NOTIFIER_MAX);
	s->shared = malloc(sizeof(*s->shared));
	if (s->buf == NULL || s->shared == NULL) {
		free(s->shared);
		s->shared = NULL;
		notifier_side_free(s);
		return E_NOMEM;
	}
	atomic_init(&s->shared->users, 1);
	atomic_init(&s->shared->quit, 0);
	atomic_init(&s->shared->tid, 0);
	atomic_init(&s->shared->since, 0);
	s->shared->dev = fcntl(dev, F_DUPFD_CLOEXEC, 0);
	if (s->shared->dev == -1) {
		notifier_side_free(s);
		return E_SYS;
	}
	*out = s;
	return E_OK;
}

int
notifier_new(struct notifier **out, struct event_base *base, int dev,
    const struct notifier_events *ev, void *arg)
{
	struct notifier *n = calloc(1, sizeof(*n));
	struct notifier_side *s = NULL;
	int sv[2], r;

	*out = NULL;
	if (n == NULL)
		return E_NOMEM;
	n->sock = -1;
	n->tells = ev;
	n->arg = arg;
	if ((r = notifier_side_new(&s, dev)) != E_OK)
		goto fail;
	r = E_SYS;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sv) == -1)
		goto fail;
	n->sock = sv[0];
	s->sock = sv[1];
	if (fcntl(sv[0], F_SETFD, FD_CLOEXEC) == -1 ||
	    fcntl(sv[1], F_SETFD, FD_CLOEXEC) == -1)
		goto fail;
	devpair_enlarge(n->sock);
	r = E_NOMEM;
	n->ev = event_new(base, n->sock, EV_READ | EV_PERSIST, notifier_cb, n);
	if (n->ev == NULL || event_add(n->ev, NULL) == -1)
		goto fail;
	atomic_fetch_add(&s->shared->users, 1);
	n->shared = s->shared;
	if ((r = notifier_start(s)) != E_OK)
		goto fail;
	*out = n;
	return E_OK;
fail:
	if (s != NULL)
		notifier_side_free(s);
	notifier_free(n);
	return r;
}

int
notifier_holds(const struct notifier *n)
{
	return n->waiting > 0 && !n->stuck;
}

int
notifier_put(struct notifier *n, struct span m)
{
	if (m.len > NOTIFIER_MAX)
		return E_FULL;
	if (send(n->sock, m.p, m.len, MSG_DONTWAIT | MSG_NOSIGNAL) == -1)
		return notifier_holds(n) ? E_HELD : E_FULL;
	n->waiting++;
	if (n->waiting == 1)
		notifier_set_timer(n);
	return E_OK;
}

int
notifier_is_busy(const struct notifier *n)
{
	return n->waiting > 0;
}

void
notifier_free(struct notifier *n)
{
	if (n == NULL)
		return;
	if (n->shared != NULL)
		atomic_store(&n->shared->quit, 1);
	if (n->ev != NULL)
		event_free(n->ev);
	file_close(&n->sock);
	notifier_unshare(n->shared);
	free(n);
}
