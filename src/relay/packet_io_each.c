/* SPDX-License-Identifier: ISC */
#include "relay/packet_io.h"

#include <errno.h>

#include "base/nosignal.h"

unsigned
packet_io_recv(int fd, struct iovec *iov, size_t *len, unsigned want, int *num)
{
	unsigned i;
	ssize_t n;

	*num = 0;
	for (i = 0; i < want; i++) {
		do
			n = recv(fd, iov[i].iov_base, iov[i].iov_len,
			    MSG_DONTWAIT);
		while (n == -1 && errno == EINTR);
		if (n == -1) {
			if (i == 0 ||
			    (errno != EAGAIN && errno != EWOULDBLOCK))
				*num = errno;
			break;
		}
		len[i] = (size_t)n;
		/* Perhaps the end of the connection, which reads for ever. */
		if (n == 0)
			return i + 1;
	}
	return i;
}

size_t
packet_io_send(int fd, struct iovec *iov, size_t n, int *num)
{
	size_t sent;
	ssize_t k;

	*num = 0;
	for (sent = 0; sent < n; sent++) {
		do
			k = send(fd, iov[sent].iov_base, iov[sent].iov_len,
			    MSG_DONTWAIT | MSG_NOSIGNAL);
		while (k == -1 && errno == EINTR);
		if (k == -1) {
			*num = errno;
			break;
		}
		if ((size_t)k != iov[sent].iov_len) {
			errno = *num = EPROTO;
			break;
		}
	}
	return sent;
}
