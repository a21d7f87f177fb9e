/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "relay/packet_io.h"

#include <errno.h>
#include <string.h>

#include "base/nosignal.h"

#if defined(HAVE_SENDMMSG) && defined(HAVE_RECVMMSG)

static void
packet_io_rows(struct mmsghdr *mh, struct iovec *iov, size_t n)
{
	size_t i;

	memset(mh, 0, n * sizeof(*mh));
	for (i = 0; i < n; i++) {
		mh[i].msg_hdr.msg_iov = &iov[i];
		mh[i].msg_hdr.msg_iovlen = 1;
	}
}

unsigned
packet_io_recv(int fd, struct iovec *iov, size_t *len, unsigned want, int *num)
{
	struct mmsghdr mh[PACKET_IO_MAX];
	int n, i;

	*num = 0;
	packet_io_rows(mh, iov, want);
	do
		n = recvmmsg(fd, mh, want, MSG_DONTWAIT, NULL);
	while (n == -1 && errno == EINTR);
	if (n == -1) {
		*num = errno;
		return 0;
	}
	for (i = 0; i < n; i++)
		len[i] = mh[i].msg_len;
	return (unsigned)n;
}

/* How many of the first n packets were sent whole, before one that was not. */
static size_t
packet_io_whole(const struct mmsghdr *mh, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (mh[i].msg_len != mh[i].msg_hdr.msg_iov->iov_len)
			break;
	return i;
}

size_t
packet_io_send(int fd, struct iovec *iov, size_t n, int *num)
{
	struct mmsghdr mh[PACKET_IO_MAX];
	size_t sent, whole;
	int k;

	*num = 0;
	packet_io_rows(mh, iov, n);
	for (sent = 0; sent < n; sent += whole) {
		do
			k = sendmmsg(fd, mh + sent, (unsigned)(n - sent),
			    MSG_DONTWAIT | MSG_NOSIGNAL);
		while (k == -1 && errno == EINTR);
		if (k == -1) {
			*num = errno;
			break;
		}
		whole = packet_io_whole(mh + sent, (size_t)k);
		if (whole < (size_t)k) {
			errno = *num = EPROTO;
			return sent + whole;
		}
	}
	return sent;
}

#else /* a call for each packet */

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

#endif
