/* SPDX-License-Identifier: ISC */
#include "passthrough/negotiate.h"

#include <linux/fuse.h>
#include <string.h>
#include <unistd.h>

void
negotiate_request(struct negotiate *n, const void *m, size_t len)
{
	struct fuse_in_header h;
	struct fuse_init_in in;
	size_t have;

	if (atomic_load_explicit(&n->done, memory_order_relaxed) ||
	    len < sizeof(h))
		return;
	memcpy(&h, m, sizeof(h));
	have = len - sizeof(h);
	if (h.opcode != FUSE_INIT || have < 16)
		return;
	memset(&in, 0, sizeof(in));
	memcpy(&in, (const char *)m + sizeof(h),
	    have < sizeof(in) ? have : sizeof(in));
	n->unique = h.unique;
	n->offered = in.flags;
	if ((in.flags & FUSE_INIT_EXT) != 0)
		n->offered |= (uint64_t)in.flags2 << 32;
}

/* Is this the good answer to INIT, in the layout that has the flags? */
static int
negotiate_is_reply(const struct negotiate *n, const struct iovec *iov,
    int count)
{
	struct fuse_out_header h;

	if (count != 2 || iov[0].iov_len != sizeof(h) ||
	    iov[1].iov_len != sizeof(struct fuse_init_out))
		return 0;
	memcpy(&h, iov[0].iov_base, sizeof(h));
	return h.unique == n->unique && h.error == 0;
}

ssize_t
negotiate_writev(struct negotiate *n, int fd, struct iovec *iov, int count)
{
	struct fuse_init_out out;
	struct iovec with[2];
	uint64_t add;

	if (atomic_load_explicit(&n->done, memory_order_relaxed) ||
	    !negotiate_is_reply(n, iov, count))
		return writev(fd, iov, count);
	memcpy(&out, iov[1].iov_base, sizeof(out));
	add = n->want & n->offered;
	out.flags |= (uint32_t)add;
	if ((out.flags & FUSE_INIT_EXT) != 0)
		out.flags2 |= (uint32_t)(add >> 32);
	with[0] = iov[0];
	with[1].iov_base = &out;
	with[1].iov_len = sizeof(out);
	atomic_store(&n->done, 1);
	return writev(fd, with, 2);
}
