/* SPDX-License-Identifier: ISC */
#include "live/metrics.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"

#define UNIX_PREFIX "unix:"
#define BACKLOG 16
#define HEADERS_MAX 8192
#define TIMEOUT_S 10
#define AGAIN_S 1 /* after accept() failed */

struct metrics {
	struct evhttp *http;
	void (*print)(void *arg, const struct view_out *out);
	void *arg;
	char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
};

static void
metrics_put(void *arg, const char *p, size_t n)
{
	evbuffer_add(arg, p, n);
}

static void
metrics_get_cb(struct evhttp_request *req, void *arg)
{
	struct view_out out = { metrics_put, NULL };
	struct metrics *m = arg;

	if ((out.arg = evbuffer_new()) == NULL) {
		evhttp_send_error(req, HTTP_INTERNAL, NULL);
		return;
	}
	m->print(m->arg, &out);
	evhttp_add_header(evhttp_request_get_output_headers(req),
	    "Content-Type", "text/plain; version=0.0.4; charset=utf-8");
	evhttp_send_reply(req, HTTP_OK, "OK", out.arg);
	evbuffer_free(out.arg);
}

static void
metrics_again_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	evconnlistener_enable(arg);
}

/* No descriptor is left: who wants to connect can wait, without a loop that
 * tries all the time.  (The loop has ended when the listener goes.) */
static void
metrics_error_cb(struct evconnlistener *l, void *arg)
{
	struct timeval tv = { AGAIN_S, 0 };

	(void)arg;
	log_warn("metrics: accept: %s", strerror(errno));
	if (event_base_once(evconnlistener_get_base(l), -1, EV_TIMEOUT,
		metrics_again_cb, l, &tv) == 0)
		evconnlistener_disable(l);
}

/* Let the listening socket be served; it is taken over. */
static int
metrics_serve(struct metrics *m, int fd)
{
	struct evhttp_bound_socket *bound;

	bound = evhttp_accept_socket_with_handle(m->http, fd);
	if (bound == NULL)
		return E_SYS;
	evconnlistener_set_error_cb(evhttp_bound_socket_get_listener(bound),
	    metrics_error_cb);
	return E_OK;
}

static int
metrics_is_loopback(const struct sockaddr *sa)
{
	const struct sockaddr_in *v4 = (const void *)sa;
	const struct sockaddr_in6 *v6 = (const void *)sa;

	if (sa->sa_family == AF_INET)
		return ntohl(v4->sin_addr.s_addr) >> 24 == 127;
	return sa->sa_family == AF_INET6 &&
	    IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
}

static int
metrics_listen(const struct sockaddr *sa, socklen_t len)
{
	int fd, one = 1;

	fd = socket(sa->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0);
	if (fd == -1)
		return -1;
	if (sa->sa_family != AF_UNIX)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, sa, len) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	file_close(&fd);
	return -1;
}

/* Is it a socket of ours, and does nobody listen there any more?  (To connect
 * to a file is refused just as to a dead socket.) */
static int
metrics_is_stale(const struct sockaddr_un *sun)
{
	struct stat st;
	int fd, stale;

	if (lstat(sun->sun_path, &st) == -1 || !S_ISSOCK(st.st_mode) ||
	    st.st_uid != geteuid())
		return 0;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return 0;
	stale = connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) ==
		-1 &&
	    errno == ECONNREFUSED;
	close(fd);
	return stale;
}

static int
metrics_listen_unix(struct metrics *m, const char *path, int *out)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	mode_t mask;
	int fd;

	if (strlen(path) >= sizeof(sun.sun_path)) {
		errno = ENAMETOOLONG;
		return E_SYS;
	}
	strcpy(sun.sun_path, path);
	if (metrics_is_stale(&sun))
		unlink(path);
	mask = umask(0177);
	fd = metrics_listen((struct sockaddr *)&sun, sizeof(sun));
	umask(mask);
	if (fd == -1)
		return E_SYS;
	strcpy(m->path, path);
	*out = fd;
	return E_OK;
}

static int
metrics_has_port(const struct sockaddr *sa)
{
	const struct sockaddr_in *v4 = (const void *)sa;
	const struct sockaddr_in6 *v6 = (const void *)sa;

	return (sa->sa_family == AF_INET ? v4->sin_port : v6->sin6_port) != 0;
}

/* E_VALUE: told. */
static int
metrics_listen_inet(const char *where, int *fd)
{
	struct sockaddr_storage ss;
	int len = sizeof(ss);

	if (evutil_parse_sockaddr_port(where, (struct sockaddr *)&ss, &len) ==
		-1 ||
	    !metrics_has_port((struct sockaddr *)&ss)) {
		log_error("metrics: %s: should be ADDRESS:PORT or unix:PATH",
		    where);
		return E_VALUE;
	}
	if (!metrics_is_loopback((struct sockaddr *)&ss)) {
		log_error("metrics: %s is not an address of the loopback",
		    where);
		return E_VALUE;
	}
	*fd = metrics_listen((struct sockaddr *)&ss, (socklen_t)len);
	return *fd == -1 ? E_SYS : E_OK;
}

int
metrics_open(struct metrics **out, struct event_base *base, const char *where,
    void (*print)(void *arg, const struct view_out *out), void *arg)
{
	struct metrics *m = calloc(1, sizeof(*m));
	int fd = -1, r;

	*out = NULL;
	if (m == NULL || (m->http = evhttp_new(base)) == NULL) {
		log_error("metrics: out of memory");
		free(m);
		return E_NOMEM;
	}
	m->print = print;
	m->arg = arg;
	evhttp_set_allowed_methods(m->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
	evhttp_set_max_headers_size(m->http, HEADERS_MAX);
	evhttp_set_max_body_size(m->http, 0);
	evhttp_set_timeout(m->http, TIMEOUT_S);
	if (evhttp_set_cb(m->http, "/metrics", metrics_get_cb, m) == -1) {
		log_error("metrics: out of memory");
		metrics_close(m);
		return E_NOMEM;
	}
	r = strncmp(where, UNIX_PREFIX, sizeof(UNIX_PREFIX) - 1) == 0 ?
	    metrics_listen_unix(m, where + sizeof(UNIX_PREFIX) - 1, &fd) :
	    metrics_listen_inet(where, &fd);
	if (r == E_OK)
		r = metrics_serve(m, fd);
	if (r != E_OK) {
		if (r != E_VALUE)
			log_error("metrics: %s: %s", where, err_why(r));
		file_close(&fd);
		metrics_close(m);
		return r;
	}
	*out = m;
	return E_OK;
}

void
metrics_close(struct metrics *m)
{
	if (m == NULL)
		return;
	evhttp_free(m->http);
	if (m->path[0] != '\0')
		unlink(m->path);
	free(m);
}
