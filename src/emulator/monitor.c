/* SPDX-License-Identifier: ISC */
#include "emulator/monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/nosignal.h"

static const char monitor_mount[] = "mount";
static const char monitor_unmount[] = "unmount";

static int
monitor_is(const struct monitor *m, const char *word, size_t len)
{
	return m->have == len && memcmp(m->word, word, len) == 0;
}

/* One more letter.  The words come without an end mark, perhaps in parts
 * or glued together. */
static void
monitor_letter(struct monitor *m, char c)
{
	if (m->have == 0 && c != 'm' && c != 'u') {
		log_warn("monitor: byte 0x%02x starts no word",
		    (unsigned char)c);
		return;
	}
	m->word[m->have++] = c;
	if (monitor_is(m, monitor_mount, sizeof(monitor_mount) - 1)) {
		m->have = 0;
		m->asked = 1;
		m->calls->mount(m->arg);
	} else if (monitor_is(m, monitor_unmount,
		       sizeof(monitor_unmount) - 1)) {
		m->have = 0;
		m->calls->unmount(m->arg);
	} else if (m->have == sizeof(m->word)) {
		log_warn("monitor: unknown word dropped");
		m->have = 0;
	}
}

static void
monitor_in_cb(evutil_socket_t fd, short what, void *arg)
{
	struct monitor *m = arg;
	char bytes[64];
	ssize_t n, i;

	(void)what;
	n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		event_del(&m->in);
		m->calls->unmount(m->arg);
		return;
	}
	for (i = 0; i < n; i++)
		monitor_letter(m, bytes[i]);
}

int
monitor_init(struct monitor *m, struct event_base *base, int fd,
    const struct monitor_calls *calls, void *arg)
{
	memset(m, 0, sizeof(*m));
	m->fd = fd;
	m->calls = calls;
	m->arg = arg;
	if (fd == -1)
		return E_OK;
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) == -1 ||
	    fcntl(fd, F_SETFL, O_NONBLOCK) == -1 ||
	    event_assign(&m->in, base, fd, EV_READ | EV_PERSIST, monitor_in_cb,
		m) != 0 ||
	    event_add(&m->in, NULL) != 0)
		return E_SYS;
	return E_OK;
}

void
monitor_fini(struct monitor *m)
{
	if (event_initialized(&m->in))
		event_del(&m->in);
	file_close(&m->fd);
}

void
monitor_answer(struct monitor *m, int32_t status)
{
	monitor_answer_first(m, status);
	m->asked = 0;
}

void
monitor_answer_first(struct monitor *m, int32_t status)
{
	if (!m->asked)
		return;
	if (send(m->fd, &status, sizeof(status),
		MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)sizeof(status))
		log_warn("monitor: the status could not be sent");
}
