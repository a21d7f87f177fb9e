/* SPDX-License-Identifier: ISC */
/* The tables of cases. */
#ifndef POSIX_CASES_H
#define POSIX_CASES_H

/* Scripts, see script.h; ended by NULL. */
struct section {
	const char *name;
	const char *const *scripts;
};
extern const struct section sections[];

extern const char *const cases_make[];
extern const char *const cases_remove[];
extern const char *const cases_rename[];
extern const char *const cases_link[];
extern const char *const cases_dir[];
extern const char *const cases_mode[];
extern const char *const cases_owner[];
extern const char *const cases_time[];
extern const char *const cases_open[];
extern const char *const cases_data[];
extern const char *const cases_size[];
extern const char *const cases_lock[];
extern const char *const cases_xattr[];

/*
 * What every operation on a path must do with a bad one: each operation is
 * tried with each path.  "%" in an operation is the path, in a setting the
 * operation.
 */
extern const char *const path_operations[];
extern const char *const path_settings[];

#endif
