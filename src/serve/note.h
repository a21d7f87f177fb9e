/* SPDX-License-Identifier: ISC */
/*
 * What a relay that is killed leaves behind, written down beforehand.
 *
 * One small file per kernel mount, in a directory of the user's own,
 * locked as long as the relay lives: whoever gets the lock later knows that
 * the relay is dead, whatever became of its process number.
 */
#ifndef FR_SERVE_NOTE_H
#define FR_SERVE_NOTE_H

#include <limits.h>
#include <sys/types.h>

#include "base/err.h"
#include "kmount/made.h"

/* What a note tells of its mount. */
struct note_mount {
	int mounted;	       /* 0: not yet, or the relay died meanwhile */
	unsigned major, minor; /* device number of the mount, or of what
				 * was there before (0:0: nothing) */
};

struct note {
	int fd; /* locked; -1: nothing written */
	struct note_mount made;
	char path[PATH_MAX];
};

struct note_entry {
	long pid; /* of the relay */
	struct note_mount made;
	char target[PATH_MAX]; /* where it was mounted */
};

/* Where the mount of a note is now. */
enum note_where {
	NOTE_GONE, /* nowhere */
	NOTE_THERE,
	NOTE_COVERED /* by what was mounted over it, or over a
				 * directory above */
};

/* The directory: /run/fuserelay for root, else below XDG_RUNTIME_DIR or
 * /tmp; made with mode 0700.  E_SYS, E_BIG, E_VALUE (it is not ours). */
int note_directory(char *out, size_t cap) ERR_MUSTCHECK;

/*
 * Write down that a mount will be made at target, as process pid sees it:
 * before it is made, so that nothing is ever left without a note.  Looks at
 * the table of mounts only, never at a mount.  E_SYS, E_BIG, E_VALUE.
 */
int note_begin(struct note *s, const char *target, pid_t pid) ERR_MUSTCHECK;

/* It was made.  E_SYS. */
int note_mounted(struct note *s, const struct kmount_made *made) ERR_MUSTCHECK;

/*
 * Look for the mount of a note in our own table, and put its path there: it is
 * known by its device number, for a directory above may have another name by
 * now.  E_SYS, E_BIG.
 */
int note_find(const struct note_entry *e, enum note_where *where,
    char path[PATH_MAX]) ERR_MUSTCHECK;

/* What went wrong, in words, when a function here returned r; of a directory
 * that is not ours, what to do about it.  Static text. */
const char *note_why(int r);

/* The mount is undone: take the note away again. */
void note_remove(struct note *s);

/* Let go of the note but leave it: the mount is still there, dead. */
void note_leave(struct note *s);

/*
 * Read a note.  *fd is its descriptor, locked by us: its relay is dead.
 * E_AGAIN: its relay lives.  E_VALUE: not such a file.  E_SYS.
 */
int note_read(const char *path, struct note_entry *e, int *fd) ERR_MUSTCHECK;

#endif
