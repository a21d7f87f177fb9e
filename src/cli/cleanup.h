/* SPDX-License-Identifier: ISC */
/* "fuserelay cleanup": remove what killed relays left, and nothing else. */
#ifndef FR_CLI_CLEANUP_H
#define FR_CLI_CLEANUP_H

/*
 * Undo the dead mounts of this user's dead relays; with dry_run only name
 * them.  A line per thing to stdout.  0, or 125 if something was left.
 */
int cleanup_command(int dry_run);

#endif
