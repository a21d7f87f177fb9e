/* SPDX-License-Identifier: ISC */
/*
 * Acting for the client.
 *
 * With allow_other the kernel checks permissions (default_permissions), and
 * this program works with its own rights.  What is left to do is to give
 * new files to the caller, to apply the caller's umask where no default ACL
 * replaces it, and to let the source drop set-id bits when somebody without
 * the privilege to keep them writes.  All of this is state of one thread;
 * glibc would change all of them, so the calls are made directly.
 *
 * Run as an ordinary user, only the umask is followed: everything is done
 * as that user.
 */
#ifndef FR_PASSTHROUGH_CRED_H
#define FR_PASSTHROUGH_CRED_H

#include <fuse_lowlevel.h>
#include <linux/capability.h>

/* Supplementary groups of a caller that count. */
#define CRED_GROUPS_MAX 1024

struct cred_base {
	int switches; /* may take other ids */
	int masks;    /* umask can be set per thread */
	gid_t gid;
	int ngroups;
	gid_t *groups; /* owned; of the program itself */
	struct __user_cap_data_struct cap[2];
};

/* Looks at what this process may do.  0 or errno. */
int cred_init(struct cred_base *base) __attribute__((warn_unused_result));
void cred_fini(struct cred_base *base);

struct cred {
	int switched, grouped;
};

/*
 * The calling thread makes a file of that mode for the client: from here to
 * cred_end() with its user and group, its umask if umask is set, and its
 * groups if a set-group-id bit depends on them.  0 or errno; on error
 * nothing is changed.
 */
int cred_make(const struct cred_base *base, fuse_req_t req, mode_t mode,
    int umask, struct cred *c) __attribute__((warn_unused_result));

/* With the client's groups and without the right to keep set-group-id. */
int cred_acl(const struct cred_base *base, fuse_req_t req, struct cred *c)
    __attribute__((warn_unused_result));
void cred_end(const struct cred_base *base, const struct cred *c);

/* May what this thread does next keep set-id bits?  Stays until changed. */
void cred_keep_setid(const struct cred_base *base, int keep);

#endif
