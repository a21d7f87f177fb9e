/* SPDX-License-Identifier: ISC */
/*
 * odd-daemon FAULT MOUNTPOINT: a FUSE file system with an empty root (or with
 * one file by any name) that has one fault, for tests of what the relay makes
 * of it.
 *
 * It speaks the protocol by hand, because no library would send these
 * replies.  The faults below concern STATFS, so that "stat -f" asks for
 * them and everything else goes on working.  Each request is told on
 * stdout, for the test to wait for.  The structures are the kernel's own
 * (<linux/fuse.h>), so that a mistake in the relay's tables shows.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define MAX_WRITE (128u * 1024)
#define BUFFER (MAX_WRITE + 4096 + 65536)
#define EXIT_STATUS 7
#define STORM_NOTES 100000
#define FILE_NOTES 4
#define FILE_ID 2
#define FILE_SIZE 65536
#define INIT_IN_MIN 16 /* what every version of INIT has */

enum fault {
	NONE,
	AGAIN,	    /* (no fault) reads once more after ENODEV, as a
			 * thread does that was busy at the unmount, and
			 * is not ended by SIGTERM either */
	POLLS,	    /* (no fault) waits in poll(), and never in read() */
	MUTE,	    /* not even INIT is answered */
	QUITS,	    /* asked INIT, it says why not and ends with EXIT_STATUS */
	DEAF,	    /* INIT and GETATTR are answered, nothing else */
	DIE,	    /* ends with EXIT_STATUS */
	FORKS,	    /* a child has the device, too, and does nothing */
	SHARES,	    /* (no fault) a process at the socket "share" is given
			 * the device, too... */
	GIVES,	    /* (no fault) ...or it alone: status 0 follows */
	CLOSES,	    /* the device, and lives on */
	STRANGER,   /* an unasked unique first, then the answer */
	TWICE,	    /* the answer, two times */
	LEN_ABOVE,  /* the length word says more than was sent */
	LEN_BELOW,  /* the length word says less than was sent */
	LONG,	    /* more payload than STATFS has */
	CUT,	    /* less payload than STATFS has */
	POSITIVE,   /* error > 0 */
	HUGE_ERROR, /* error below -511 */
	STORM,	    /* (no fault) 100,000 notifications first */
	LEAVES,	    /* has a file; asked to read it, it invalidates what is
			 * being read, and ends with EXIT_STATUS... */
	HOLDS,	    /* ...or goes on, and does not answer */
	OTHER_TYPE, /* the file's attributes are a directory's */
	WRITE_NOTHING, /* no byte is ever written */
	BAD_LOCK,      /* a lock of the file ends before it begins */
	NOTES	       /* (no fault) notifications that end in many ways,
			 * each told on stdout with its errno */
};

static const char *const fault_name[] = { "none", "again", "polls", "mute",
	"quits", "deaf", "die", "forks", "shares", "gives", "closes",
	"stranger", "twice", "len-above", "len-below", "long", "cut",
	"positive", "huge-error", "storm", "leaves", "holds", "other-type",
	"write-nothing", "bad-lock", "notes" };

struct reply {
	struct fuse_out_header head;
	unsigned char body[512];
};

static int dev;

/* Send n bytes of body; the length word says `lie` more than is sent. */
static void
reply_send(struct reply *r, size_t n, int lie)
{
	size_t len = sizeof(r->head) + n;

	r->head.len = (uint32_t)((int)len + lie);
	/* A refused reply (EINVAL of the real device) is not our trouble. */
	if (write(dev, r, len) == -1 && errno != EINVAL && errno != ENOENT)
		warn("write");
}

static void
init_answer(const struct fuse_in_header *h, const struct fuse_init_in *in)
{
	struct reply r;
	struct fuse_init_out out;
	size_t len;

	memset(&r, 0, sizeof(r));
	memset(&out, 0, sizeof(out));
	out.major = FUSE_KERNEL_VERSION;
	out.minor = in->minor < 31 ? in->minor : 31;
	out.max_readahead = in->max_readahead;
	out.max_write = MAX_WRITE;
	out.max_background = 64;
	out.flags = FUSE_POSIX_LOCKS;
	out.congestion_threshold = 48;
	r.head.unique = h->unique;
	len = out.minor < 23 ? FUSE_COMPAT_22_INIT_OUT_SIZE : sizeof(out);
	memcpy(r.body, &out, sizeof(out));
	reply_send(&r, len, 0);
}

static struct fuse_attr
attr_of(uint64_t node)
{
	struct fuse_attr a;

	memset(&a, 0, sizeof(a));
	a.ino = node;
	a.mode = node == FUSE_ROOT_ID ? S_IFDIR | 0755 : S_IFREG | 0644;
	a.size = node == FUSE_ROOT_ID ? 0 : FILE_SIZE;
	a.nlink = 2;
	return a;
}

static void
getattr_answer(const struct fuse_in_header *h, enum fault fault)
{
	struct reply r;
	struct fuse_attr_out out;

	memset(&r, 0, sizeof(r));
	memset(&out, 0, sizeof(out));
	out.attr_valid = 3600;
	out.attr = attr_of(h->nodeid);
	if (fault == OTHER_TYPE)
		out.attr.mode = S_IFDIR | 0755;
	r.head.unique = h->unique;
	memcpy(r.body, &out, sizeof(out));
	reply_send(&r, sizeof(out), 0);
}

/* Attributes that may be asked for again at once. */
static void
entry_answer(const struct fuse_in_header *h)
{
	struct reply r;
	struct fuse_entry_out out;

	memset(&r, 0, sizeof(r));
	memset(&out, 0, sizeof(out));
	out.nodeid = FILE_ID;
	out.entry_valid = 3600;
	out.attr = attr_of(FILE_ID);
	r.head.unique = h->unique;
	memcpy(r.body, &out, sizeof(out));
	reply_send(&r, sizeof(out), 0);
}

static void
write_answer(const struct fuse_in_header *h)
{
	struct reply r;

	memset(&r, 0, sizeof(r));
	r.head.unique = h->unique;
	reply_send(&r, sizeof(struct fuse_write_out), 0);
}

static void
lock_answer(const struct fuse_in_header *h)
{
	struct reply r;
	struct fuse_lk_out out;

	memset(&r, 0, sizeof(r));
	memset(&out, 0, sizeof(out));
	out.lk.start = 9;
	out.lk.end = 1;
	out.lk.type = F_WRLCK;
	r.head.unique = h->unique;
	memcpy(r.body, &out, sizeof(out));
	reply_send(&r, sizeof(out), 0);
}

static void
notify(uint64_t node)
{
	struct reply r;
	struct fuse_notify_inval_inode_out out;

	memset(&r, 0, sizeof(r));
	memset(&out, 0, sizeof(out));
	r.head.error = FUSE_NOTIFY_INVAL_INODE;
	out.ino = node;
	memcpy(r.body, &out, sizeof(out));
	reply_send(&r, sizeof(out), 0);
}

/* Of nodes that the kernel has never heard of. */
static void
notify_storm(void)
{
	uint64_t i;

	for (i = 0; i < STORM_NOTES; i++)
		notify(1000 + i);
}

/* Say what a notification with n bytes of body came to. */
static void
note(const char *name, struct reply *r, int32_t code, size_t n)
{
	ssize_t done;

	r->head.len = (uint32_t)(sizeof(r->head) + n);
	r->head.error = code;
	r->head.unique = 0;
	done = write(dev, r, r->head.len);
	printf("note %s %d\n", name, done == -1 ? errno : 0);
}

static void
notify_each(void)
{
	struct fuse_notify_inval_entry_out entry;
	struct fuse_notify_inval_inode_out inode;
	struct reply r;

	memset(&r, 0, sizeof(r));
	memset(&inode, 0, sizeof(inode));
	inode.ino = FILE_ID;
	memcpy(r.body, &inode, sizeof(inode));
	note("INVAL_INODE", &r, FUSE_NOTIFY_INVAL_INODE, sizeof(inode));
	inode.ino = 1000;
	memcpy(r.body, &inode, sizeof(inode));
	note("INVAL_INODE", &r, FUSE_NOTIFY_INVAL_INODE, sizeof(inode));
	memset(&entry, 0, sizeof(entry));
	entry.parent = FUSE_ROOT_ID;
	entry.namelen = 6;
	memcpy(r.body, &entry, sizeof(entry));
	memcpy(r.body + sizeof(entry), "absent", 7);
	note("INVAL_ENTRY", &r, FUSE_NOTIFY_INVAL_ENTRY, sizeof(entry) + 7);
	note("99", &r, 99, 8);
}

static void
notify_of_file(void)
{
	int i;

	for (i = 0; i < FILE_NOTES; i++)
		notify(FILE_ID);
}

static void
statfs_answer(const struct fuse_in_header *h, enum fault fault)
{
	struct reply r;
	struct fuse_statfs_out out;

	memset(&r, 0, sizeof(r));
	memset(&out, 0, sizeof(out));
	out.st.bsize = out.st.frsize = 4096;
	out.st.namelen = 255;
	r.head.unique = h->unique;
	memcpy(r.body, &out, sizeof(out));

	switch (fault) {
	case DIE:
		exit(EXIT_STATUS);
	case FORKS:
		if (fork() == 0)
			for (;;)
				pause();
		return;
	case CLOSES:
		close(dev);
		for (;;)
			pause();
	case STRANGER:
		r.head.unique = h->unique + 1000000;
		reply_send(&r, sizeof(out), 0);
		r.head.unique = h->unique;
		break;
	case TWICE:
		reply_send(&r, sizeof(out), 0);
		break;
	case LEN_ABOVE:
		reply_send(&r, sizeof(out), 8);
		return;
	case LEN_BELOW:
		reply_send(&r, sizeof(out), -8);
		return;
	case LONG:
		reply_send(&r, sizeof(out) + 64, 0);
		return;
	case CUT:
		reply_send(&r, sizeof(out) - 8, 0);
		return;
	case STORM:
		notify_storm();
		break;
	case NOTES:
		notify_each();
		break;
	case POSITIVE:
		r.head.error = EIO;
		reply_send(&r, 0, 0);
		return;
	case HUGE_ERROR:
		r.head.error = -100000;
		reply_send(&r, 0, 0);
		return;
	case NONE:
	case AGAIN:
	case POLLS:
	case SHARES:
	case GIVES:
	case MUTE:
	case DEAF:
	case LEAVES:
	case HOLDS:
	case OTHER_TYPE:
	case WRITE_NOTHING:
	case BAD_LOCK:
	default:
		break;
	}
	reply_send(&r, sizeof(out), 0);
}

static void
error_answer(const struct fuse_in_header *h, int error)
{
	struct reply r;

	memset(&r, 0, sizeof(r));
	r.head.unique = h->unique;
	r.head.error = error;
	reply_send(&r, 0, 0);
}

static void
answer(const unsigned char *m, enum fault fault)
{
	struct fuse_in_header h;
	struct fuse_init_in in;

	memcpy(&h, m, sizeof(h));
	memset(&in, 0, sizeof(in));
	if (printf("opcode %u\n", h.opcode) < 0 || fflush(stdout) != 0)
		err(1, "stdout");
	switch (h.opcode) {
	case FUSE_INIT:
		memcpy(&in, m + sizeof(h), INIT_IN_MIN);
		if (fault == QUITS)
			errx(EXIT_STATUS, "the volume is not there");
		if (fault != MUTE)
			init_answer(&h, &in);
		break;
	case FUSE_GETATTR:
		getattr_answer(&h, fault);
		break;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		break;
	case FUSE_DESTROY:
		error_answer(&h, 0);
		break;
	case FUSE_STATFS:
		if (fault != DEAF)
			statfs_answer(&h, fault);
		break;
	case FUSE_READ:
		notify_of_file();
		if (fault == LEAVES)
			_exit(EXIT_STATUS);
		break;
	case FUSE_WRITE:
		write_answer(&h);
		break;
	case FUSE_GETLK:
		lock_answer(&h);
		break;
	case FUSE_LOOKUP:
		if (fault >= LEAVES)
			entry_answer(&h);
		else if (fault != DEAF)
			error_answer(&h, -ENOENT);
		break;
	default:
		if (fault != DEAF)
			error_answer(&h, -ENOSYS);
	}
}

/* To whoever listens at the socket "share"; it has it when this returns. */
static void
share_device(void)
{
	char byte = 0, space[CMSG_SPACE(sizeof(int))] = { 0 };
	struct sockaddr_un sun = { .sun_family = AF_UNIX,
		.sun_path = "share" };
	struct iovec iov = { &byte, 1 };
	struct msghdr mh = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = space,
		.msg_controllen = sizeof(space) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&mh);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &dev, sizeof(int));
	if (fd == -1 ||
	    connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == -1 ||
	    sendmsg(fd, &mh, 0) != 1 || read(fd, &byte, 1) != 1)
		err(1, "share");
	close(fd);
}

int
main(int argc, char **argv)
{
	static unsigned char buf[BUFFER];
	char opts[128];
	ssize_t n;
	struct pollfd pfd = { .events = POLLIN };
	size_t f, faults = sizeof(fault_name) / sizeof(fault_name[0]);

	if (argc != 3)
		errx(2, "usage: odd-daemon FAULT MOUNTPOINT");
	for (f = 0; f < faults; f++)
		if (strcmp(argv[1], fault_name[f]) == 0)
			break;
	if (f == faults)
		errx(2, "no fault named %s", argv[1]);

	dev = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (dev == -1)
		err(1, "/dev/fuse");
	pfd.fd = dev;
	snprintf(opts, sizeof(opts),
	    "fd=%d,rootmode=40000,user_id=%u,"
	    "group_id=%u",
	    dev, (unsigned)getuid(), (unsigned)getgid());
	if (mount("odd-daemon", argv[2], "fuse.odd-daemon",
		MS_NOSUID | MS_NODEV, opts) == -1)
		err(1, "mount %s", argv[2]);
	if (f == SHARES || f == GIVES)
		share_device();
	if (f == GIVES)
		return 0;
	if (f == AGAIN)
		signal(SIGTERM, SIG_IGN);
	if (f == POLLS && fcntl(dev, F_SETFL, O_NONBLOCK) == -1)
		err(1, "fcntl");
	for (;;) {
		if (f == POLLS && poll(&pfd, 1, -1) == -1)
			err(1, "poll");
		n = read(dev, buf, sizeof(buf));
		if (n == -1 &&
		    (errno == EINTR || errno == ENOENT || errno == EAGAIN))
			continue;
		if (n == -1 && errno != ENODEV)
			err(1, "read");
		if (n == -1 && f == AGAIN) {
			f = NONE;
			continue;
		}
		if (n == 0)
			warnx("error: end of file, which no device has");
		if (n <= 0)
			return 0;
		if ((size_t)n < sizeof(struct fuse_in_header))
			errx(1, "a request of %zd bytes", n);
		answer(buf, (enum fault)f);
	}
}
