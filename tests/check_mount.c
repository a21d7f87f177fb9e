/* SPDX-License-Identifier: ISC */
/* A mount from its start to its end, with a socket as its front and nobody as
 * its daemon: which events it reports, and in which order. */
#include <check.h>
#include <event2/event.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "relay/conf.h"
#include "serve/mount.h"
#include "tests/suite.h"

static struct event_base *base;
static struct relay relay;
static struct reaper reaper;
static struct unmounted unmounted;
static struct front_conf conf;
static struct mount_env env;
static struct mount *mount;
static int peer, device;
static char events[16]; /* a letter each */

static void
event_cb(void *arg, enum mount_event what, int value)
{
	static const char letter[] = { [MOUNT_CONNECTED] = 'c',
		[MOUNT_SERVED] = 's',
		[MOUNT_READY] = 'r',
		[MOUNT_TIMED_OUT] = 't',
		[MOUNT_UNMOUNTED] = 'u',
		[MOUNT_ORPHANED] = 'o',
		[MOUNT_KILLED] = 'k',
		[MOUNT_DAEMON_GONE] = 'g',
		[MOUNT_SERVER_ENDED] = 'e',
		[MOUNT_FAILED] = 'f',
		[MOUNT_RESTS] = 'd',
		[MOUNT_OVER] = '.' };

	ck_assert_ptr_eq(arg, &env);
	ck_assert_int_eq(value, 0);
	ck_assert_uint_lt(strlen(events), sizeof(events) - 1);
	events[strlen(events)] = letter[what];
	if (what == MOUNT_OVER)
		event_base_loopbreak(base);
}

static void
other_cb(void *arg, pid_t pid, int status)
{
	(void)arg;
	(void)pid;
	(void)status;
}

static void
setup(void)
{
	struct mount_request q = { .target = "/mnt",
		.given = "mnt",
		.source = "x",
		.type = "fuse",
		.options = "",
		.device = -1 };
	struct relay_conf rc = relay_conf_default;
	int pair[2];

	log_init("check", LOG_ERROR, -1);
	memset(events, 0, sizeof(events));
	rc.transport = TRANSPORT_SEQPACKET; /* which tells of its end */
	ck_assert_ptr_nonnull(base = event_base_new());
	ck_assert_int_eq(relay_init(&relay, base, &rc), E_OK);
	ck_assert_int_eq(reaper_init(&reaper, base, other_cb, NULL), E_OK);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	peer = pair[1];
	conf = (struct front_conf){ .kind = FRONT_FD, .fd = pair[0] };
	env = (struct mount_env){ .base = base,
		.relay = &relay,
		.reaper = &reaper,
		.unmounted = &unmounted,
		.front = &conf,
		.event = event_cb };
	ck_assert_int_eq(mount_start(&mount, &env, &env, NULL, &q, &device),
	    E_OK);
	ck_assert_int_ne(device, -1);
	ck_assert_str_eq(events, "c");
	ck_assert_int_eq(mount_has_daemon(mount), 1);
	ck_assert_int_eq(mount_is_kept(mount), 1);
	ck_assert_int_eq(mount_is_at(mount, "/mnt"), 1);
	ck_assert_int_eq(mount_rest(mount), MOUNT_GOES_ON);
}

static void
teardown(void)
{
	reaper_fini(&reaper);
	relay_fini(&relay);
	event_base_free(base);
}

/* Until it is over: these were the events. */
static void
expect(const char *want)
{
	ck_assert_int_eq(relay_loop(&relay), E_OK);
	ck_assert_str_eq(events, want);
}

/* The daemon closes its device end, or ends: the front is told to unmount. */
START_TEST(daemon_first)
{
	close(device);
	expect("cgu.");
}
END_TEST

/* The front hangs up: the daemon, which nobody is, is ended. */
START_TEST(front_first)
{
	close(peer);
	expect("cou.");
}
END_TEST

/* The relay unmounts. */
START_TEST(unmounted_by_us)
{
	mount_stop(mount);
	mount_unmount(mount);
	ck_assert_int_eq(mount_is_kept(mount), 0);
	ck_assert_int_eq(mount_is_at(mount, "/mnt"), 1);
	mount_unmount(mount); /* which does not matter */
	expect("cuo.");
}
END_TEST

/* What is no message ends the front, and is a failure of ours to serve. */
START_TEST(front_lost)
{
	static const char noise[40] = "this is no message of FUSE's at all";

	ck_assert_int_eq(write(peer, noise, sizeof(noise)), sizeof(noise));
	expect("cfu.");
}
END_TEST

/* Processes ended, and none is left that has the device end. */
START_TEST(nobody_holds)
{
	close(device);
	mount_check(mount);
	ck_assert_int_eq(mount_has_daemon(mount), 0);
	expect("cgu.");
}
END_TEST

/* The relay ends at once. */
START_TEST(dropped)
{
	mount_abandon(mount);
	mount_free(mount);
	ck_assert_str_eq(events, "c");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("mount");
	TCase *tc = tcase_create("mount");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, daemon_first);
	tcase_add_test(tc, front_first);
	tcase_add_test(tc, unmounted_by_us);
	tcase_add_test(tc, front_lost);
	tcase_add_test(tc, nobody_holds);
	tcase_add_test(tc, dropped);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
