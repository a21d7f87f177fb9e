/* SPDX-License-Identifier: ISC */
#include "front/ask.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fork.h"
#include "base/nosignal.h"
#include "front/front.h"

#define ASK_DROP_MS 2000
#define ASK_NAP_MS 2
#define ASK_TAKE_TRIES 8

/* Does the relay go on with it? */
static int
ask_is_taken(int sock)
{
	ssize_t n;
	char byte;

	do
		n = read(sock, &byte, 1);
	while (n == -1 && errno == EINTR);
	return n == 1;
}

__attribute__((noreturn)) static void
ask_child(const struct ask_work *w, int sock)
{
	struct kmount_answer a;
	int told;

	kmount_answer_init(&a);
	a.num = w->work(w->arg, &a);
	told = kmount_tell(sock, &a) == 0;
	if (a.num == 0 && w->undo != NULL && !(told && ask_is_taken(sock)))
		w->undo(w->arg, &a);
	_exit(0);
}

static pid_t
ask_fork(const struct ask_work *w, int sock)
{
	int keep[FRONT_FORK_KEEP], n = 0;

	keep[n++] = sock;
	keep[n++] = w->keep;
	if (w->place != NULL) {
		keep[n++] = w->place->proc;
		keep[n++] = w->place->root;
		keep[n++] = w->place->cwd;
	}
	return front_fork(keep, (size_t)n);
}

static void
ask_end(struct ask *q)
{
	event_free(q->ev);
	q->ev = NULL;
	close(q->sock);
	q->sock = -1;
}

/* Tell the child that its work is taken: 0, or an errno and it undoes it.  (One
 * that is gone by now undoes nothing.) */
static int
ask_take(int sock)
{
	int tries = ASK_TAKE_TRIES;

	while (send(sock, "", 1, MSG_NOSIGNAL) == -1 && errno != EPIPE &&
	    errno != ECONNRESET)
		if (--tries == 0)
			return errno;
	return 0;
}

static void
ask_cb(evutil_socket_t fd, short what, void *arg)
{
	struct kmount_answer a;
	struct ask *q = arg;
	int r;

	(void)what;
	if ((r = kmount_hear(fd, &a)) == E_AGAIN)
		return;
	if (r != E_OK)
		a.num = r == E_SYS ? errno : EIO;
	else if (a.num == 0 && q->undoes)
		a.num = ask_take(fd);
	ask_end(q); /* another question may follow at once */
	q->answered(q->arg, &a);
	kmount_answer_fini(&a);
}

int
ask_start(struct ask *q, struct event_base *base, struct reaper *reaper,
    const struct ask_work *w,
    void (*answered)(void *arg, struct kmount_answer *a), void *arg)
{
	int sv[2], saved;

	q->answered = answered;
	q->arg = arg;
	q->undoes = w->undo != NULL;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv) == -1)
		return E_SYS;
	q->sock = sv[0];
	q->ev = event_new(base, q->sock, EV_READ | EV_PERSIST, ask_cb, q);
	if (q->ev == NULL || event_add(q->ev, NULL) == -1) {
		errno = ENOMEM;
		goto fail;
	}
	if ((q->pid = ask_fork(w, sv[1])) == 0)
		ask_child(w, sv[1]);
	if (q->pid == -1)
		goto fail;
	reaper_forget(reaper, q->pid);
	close(sv[1]);
	return E_OK;
fail:
	saved = errno;
	if (q->ev != NULL)
		event_free(q->ev);
	q->ev = NULL;
	close(sv[0]);
	close(sv[1]);
	errno = saved;
	return E_SYS;
}

int
ask_is_open(const struct ask *q)
{
	return q->ev != NULL;
}

int
ask_drop(struct ask *q)
{
	const struct timespec nap = { 0, ASK_NAP_MS * 1000000 };
	int left = ASK_DROP_MS / ASK_NAP_MS;

	if (!ask_is_open(q))
		return 1;
	ask_end(q);
	if (!q->undoes)
		return 1;
	while (fork_wait(q->pid, NULL, WNOHANG) == 0) {
		if (left-- == 0)
			return 0;
		nanosleep(&nap, NULL);
	}
	return 1;
}
