/* SPDX-License-Identifier: ISC */
#include "relay/notifier.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "relay/devpair.h"

#define NOTIFIER_MAX (1024u * 1024 + 4096)	/* a STORE of a whole READ */

struct notifier {
	int sock;		/* our end of the queue, non-blocking */
};

/* What the thread owns. */
struct notifier_side {
	int sock, dev;
	uint8_t *buf;
};

static void *
notifier_run(void *arg)
{
	struct notifier_side *s = arg;
	ssize_t n;

	while ((n = recv(s->sock, s->buf, NOTIFIER_MAX, 0)) > 0) {
		/* Its errors (no such inode, ...) are the daemon's to hear
		 * of only on a real device. */
		if (write(s->dev, s->buf, (size_t)n) == -1)
			continue;
	}
	close(s->sock);
	close(s->dev);
	free(s->buf);
	free(s);
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

int
notifier_new(struct notifier **out, int dev)
{
	struct notifier *n = malloc(sizeof(*n));
	struct notifier_side *s = malloc(sizeof(*s));
	int sv[2] = { -1, -1 }, copy = -1;

	*out = NULL;
	if (n == NULL || s == NULL)
		goto fail;
	s->buf = NULL;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sv) == -1 ||
	    fcntl(sv[0], F_SETFD, FD_CLOEXEC) == -1 ||
	    fcntl(sv[1], F_SETFD, FD_CLOEXEC) == -1 ||
	    (copy = fcntl(dev, F_DUPFD_CLOEXEC, 0)) == -1 ||
	    (s->buf = malloc(NOTIFIER_MAX)) == NULL)
		goto fail;
	devpair_enlarge(sv[0]);
	n->sock = sv[0];
	s->sock = sv[1];
	s->dev = copy;
	if (notifier_start(s) != E_OK)
		goto fail;
	*out = n;
	return E_OK;
fail:
	if (s != NULL)
		free(s->buf);
	if (copy != -1)
		close(copy);
	if (sv[0] != -1) {
		close(sv[0]);
		close(sv[1]);
	}
	free(s);
	free(n);
	return E_SYS;
}

int
notifier_put(struct notifier *n, struct span m)
{
	if (m.len > NOTIFIER_MAX ||
	    send(n->sock, m.p, m.len, MSG_DONTWAIT | MSG_NOSIGNAL) == -1)
		return E_FULL;
	return E_OK;
}

void
notifier_free(struct notifier *n)
{
	if (n == NULL)
		return;
	close(n->sock);
	free(n);
}
