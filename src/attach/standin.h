/* SPDX-License-Identifier: ISC */
/*
 * A device to open where there is none: in a mount namespace of its own
 * (and a user namespace, for an ordinary user) the program finds /dev/null
 * under the name /dev/fuse.  It never matters what it opened, since its
 * descriptor is replaced at mount(2).
 */
#ifndef FR_ATTACH_STANDIN_H
#define FR_ATTACH_STANDIN_H

/* Move this process (single-threaded, before exec) into such a namespace.
 * NULL, or the name of the step that failed, with errno set. */
const char *standin_enter(void);

#endif
