/* SPDX-License-Identifier: ISC */
/*
 * What does the relay cost on a byte stream?
 *
 * Two peers answer the same requests in turn, both started anew for each
 * measurement:
 *
 *	base	this program == stream == bench-daemon A
 *	relay	this program == stream == fuserelay == bench-daemon U
 *
 * The base is what a user has today, a file system patched to cut its
 * messages out of the stream; with --base-relay it is another build of the
 * relay, or with --relay-arg the same one without that option.  Absolute
 * numbers are the machine's; only the ratio of two medians measured in
 * turns says something about the relay.
 */
#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "foreign.h"
#include "load.h"
#include "peer.h"
#include "report.h"

/*
 * The project's regression floor: the ratio to a patched daemon that the
 * relay must not fall below.  It is 0.8 times what a bare prototype reached
 * without spinning (batched raw descriptors, no checks of the messages), on
 * two CPUs.  The goal is higher; below this something is broken.
 */
static const struct {
	const char *kind;
	unsigned depth;
	double floor;
} floors[] = { { "small", 1, .46 }, { "small", 8, .30 }, { "small", 32, .97 },
	{ "w128k", 1, .34 }, { "w128k", 8, .46 }, { "r128k", 1, .35 },
	{ "r128k", 8, .48 }, { "w1M", 1, .49 }, { "w1M", 8, .63 },
	{ "r1M", 1, .78 }, { "r1M", 8, .91 } };

#define ROWS (sizeof(floors) / sizeof(floors[0]))

/* The descriptor that a program under test finds its stream at. */
#define STREAM_FD 9
#define STREAM_FD_TEXT "9"

#define WARMUP_SECONDS 0.05
#define CALLS_SECONDS 0.1
#define ARGS_MAX 64

static struct row rows[ROWS];
static const char *const side_name[2] = { "base", "relay" };

/* Processors that others used in the measurements that count. */
static double foreign_sum;
static unsigned foreign_count, repeated;

struct options {
	unsigned rounds;
	double seconds;
	double busy;	/* processors that others may use */
	long patience;	/* seconds */
	time_t give_up; /* measure nothing again from then on */
	int sndbuf, check, realtime;
	const char *relay, *base_relay, *json;
	const char *shift; /* of the daemon's buffers; NULL: its own */
	const char *args[ARGS_MAX]; /* options of the relay under test */
	size_t arg_count;
	char daemon[4096]; /* path of bench-daemon */
};

static const char usage_text[] =
    "usage: bench-stream [options] [KIND[/DEPTH]...]\n"
    "Compare the relay with a patched daemon on a byte stream.\n"
    "KIND: small w128k w1M r128k r1M; without one, all of them.\n"
    "  --relay=PATH       the relay under test (./fuserelay)\n"
    "  --relay-arg=ARG    give it this option as well (may be repeated)\n"
    "  --base-relay=PATH  base is this relay instead of a patched daemon\n"
    "  --rounds=N         rounds (5), 1 to 99\n"
    "  --seconds=S        length of each measurement (0.5)\n"
    "  --realtime         measure at real-time priority, resting in between: "
    "for\n"
    "                     machines that never are quiet\n"
    "  --busy=CPUS        repeat what others took more than this part in "
    "(0.2)\n"
    "  --patience=SEC     do so for this long (100)\n"
    "  --sndbuf=BYTES     send buffer of the front's end (system's default)\n"
    "  --shift=BYTES      where in a page the daemon's buffers begin; 16: as "
    "large\n"
    "                     ones of malloc() do\n"
    "  --json=FILE        write the results there too\n"
    "  --check            exit 1 if a ratio is below its floor\n";

static void
rows_init(void)
{
	const struct load_kind *k;
	size_t i, j;

	for (i = 0; i < ROWS; i++) {
		rows[i].depth = floors[i].depth;
		rows[i].floor = floors[i].floor;
		rows[i].base.calls = rows[i].relay.calls = -1;
		for (j = 0; (k = load_kind(j)) != NULL; j++)
			if (strcmp(k->name, floors[i].kind) == 0)
				rows[i].kind = k;
	}
}

/* Take the rows that name stands for; 0 if there are none. */
static int
rows_want(const char *name)
{
	char full[32];
	size_t i;
	int found = 0;

	for (i = 0; i < ROWS; i++) {
		snprintf(full, sizeof(full), "%s/%u", rows[i].kind->name,
		    rows[i].depth);
		if (name == NULL || strcmp(name, full) == 0 ||
		    strcmp(name, rows[i].kind->name) == 0)
			found = rows[i].wanted = 1;
	}
	return found;
}

static int
start_direct(struct peer *p, const struct options *o)
{
	char *argv[] = { (char *)(uintptr_t)o->daemon, (char *)"A",
		(char *)"/dev/fd/" STREAM_FD_TEXT, (char *)(uintptr_t)o->shift,
		NULL };

	return peer_start(p, argv, STREAM_FD, o->sndbuf);
}

static int
start_relay(struct peer *p, const struct options *o, const char *relay,
    size_t arg_count)
{
	const char *argv[ARGS_MAX + 16];
	size_t n = 0, i;

	argv[n++] = relay;
	argv[n++] = "run";
	argv[n++] = "--front=fd:" STREAM_FD_TEXT;
	argv[n++] = "--attach=fd";
	for (i = 0; i < arg_count; i++)
		argv[n++] = o->args[i];
	argv[n++] = "--";
	argv[n++] = o->daemon;
	argv[n++] = "U";
	argv[n++] = "{}";
	argv[n++] = o->shift;
	argv[n] = NULL;
	return peer_start(p, (char *const *)argv, STREAM_FD, o->sndbuf);
}

/* One side of one row: a measurement, and what the process spent on it. */
static int
measure(struct load *l, const struct peer *p, const struct row *row,
    const struct options *o, struct sample *s, unsigned round)
{
	struct load_result res;
	double cpu = peer_cpu(p);
	int r;

	r = load_run(l, row->kind, row->depth, WARMUP_SECONDS, o->seconds,
	    &res);
	if (r != E_OK)
		return r;
	s->rate[round] = (double)res.messages / res.seconds;
	s->cpu[round] = (peer_cpu(p) - cpu) / (double)res.all;
	return E_OK;
}

/* System calls per message; tracing costs, so it has a run of its own. */
static int
measure_calls(struct load *l, const struct peer *p, const struct row *row,
    struct sample *s)
{
	struct load_result res;
	int counter = peer_calls_open(p), r;

	if (counter == -1)
		return E_OK;
	r = load_run(l, row->kind, row->depth, 0, CALLS_SECONDS, &res);
	if (r == E_OK)
		s->calls = (double)peer_calls(counter) / (double)res.all;
	close(counter);
	return r;
}

/* Both sides of a row in turn; the first side changes from round to round. */
static int
measure_row(struct row *row, struct load l[2], const struct peer p[2],
    const struct options *o, unsigned round)
{
	struct sample *s[2] = { &row->base, &row->relay };
	unsigned side, turn;
	int r;

	for (turn = 0; turn < 2; turn++) {
		side = (turn + round) % 2;
		r = measure(&l[side], &p[side], row, o, s[side], round);
		if (r != E_OK)
			goto fail;
	}
	side = 1;
	if (round > 0 || (r = measure_calls(&l[1], &p[1], row, s[1])) == E_OK)
		return E_OK;
fail:
	log_error("%s, %s depth %u: %s", side_name[side], row->kind->name,
	    row->depth, r == E_SYS ? strerror(errno) : err_text(r));
	return r;
}

/* One round of one row, with peers of its own. */
static int
run_row(const struct options *o, struct row *row, unsigned round)
{
	struct peer p[2] = { { .pid = -1, .fd = -1 },
		{ .pid = -1, .fd = -1 } };
	struct load l[2];
	int i, r, ended;

	memset(l, 0, sizeof(l));
	r = o->base_relay != NULL ? start_relay(&p[0], o, o->base_relay, 0) :
				    start_direct(&p[0], o);
	if (r == E_OK)
		r = start_relay(&p[1], o, o->relay, o->arg_count);
	for (i = 0; i < 2 && r == E_OK; i++) {
		if ((r = load_init(&l[i], p[i].fd)) != E_OK ||
		    (r = load_handshake(&l[i])) != E_OK)
			log_error("%s, INIT: %s", side_name[i], err_text(r));
	}
	if (r == E_OK)
		r = measure_row(row, l, p, o, round);
	for (i = 0; i < 2; i++) {
		load_fini(&l[i]);
		ended = peer_stop(&p[i]);
		if (ended == E_OK || r != E_OK)
			continue;
		log_error("%s: %s", side_name[i],
		    ended == E_TIMEOUT ? "did not end, killed" :
					 "did not end with status 0");
		r = ended;
	}
	return r;
}

/* Measure until nobody else was busy meanwhile, as long as there is time. */
static int
run_row_quiet(const struct options *o, struct row *row, unsigned round)
{
	struct foreign f;
	double others;
	int r;

	for (;;) {
		foreign_begin(&f);
		if ((r = run_row(o, row, round)) != E_OK)
			return r;
		others = foreign_end(&f);
		if (others <= o->busy || time(NULL) >= o->give_up)
			break;
		repeated++;
		foreign_wait(o->busy, o->give_up);
	}
	foreign_sum += others;
	foreign_count++;
	return E_OK;
}

static int
run_all(const struct options *o)
{
	const struct timespec rest = { .tv_sec = 1 };
	unsigned round;
	size_t i;
	int r;

	for (round = 0; round < o->rounds; round++) {
		for (i = 0; i < ROWS; i++) {
			if (!rows[i].wanted)
				continue;
			if (o->realtime)
				nanosleep(&rest, NULL);
			if ((r = run_row_quiet(o, &rows[i], round)) != E_OK)
				return r;
		}
	}
	return E_OK;
}

static int
report(const struct options *o)
{
	struct report rep = { .rows = rows,
		.count = ROWS,
		.rounds = o->rounds,
		.seconds = o->seconds,
		.sndbuf = o->sndbuf,
		.shift = o->shift,
		.foreign = foreign_sum / foreign_count,
		.repeated = repeated,
		.base_name = o->base_relay != NULL ? o->base_relay :
						     "direct" };
	char args[1024] = "";
	size_t i, n = 0;
	int status = 0;

	for (i = 0; i < o->arg_count && n < sizeof(args); i++)
		n += (size_t)snprintf(args + n, sizeof(args) - n, " %s",
		    o->args[i]);
	rep.relay_args = args;
	report_print(&rep);
	if (o->json != NULL && report_write_json(&rep, o->json) != E_OK) {
		log_error("%s: %s", o->json, strerror(errno));
		status = 2;
	}
	for (i = 0; i < ROWS && o->check && status == 0; i++)
		if (rows[i].wanted &&
		    report_ratio(&rep, &rows[i]) < rows[i].floor)
			status = 1;
	return status;
}

/* bench-daemon lies beside this program. */
static int
find_daemon(struct options *o)
{
	char path[sizeof(o->daemon) - sizeof("/bench-daemon")];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *slash;

	if (n <= 0)
		return E_NOTFOUND;
	path[n] = '\0';
	if ((slash = strrchr(path, '/')) == NULL)
		return E_NOTFOUND;
	*slash = '\0';
	snprintf(o->daemon, sizeof(o->daemon), "%s/bench-daemon", path);
	return access(o->daemon, X_OK) == 0 ? E_OK : E_NOTFOUND;
}

static int
options_parse(struct options *o, int argc, char **argv)
{
	static const struct option longs[] = { { "relay", required_argument,
						   NULL, 'r' },
		{ "relay-arg", required_argument, NULL, 'a' },
		{ "base-relay", required_argument, NULL, 'b' },
		{ "rounds", required_argument, NULL, 'n' },
		{ "seconds", required_argument, NULL, 's' },
		{ "realtime", no_argument, NULL, 't' },
		{ "busy", required_argument, NULL, 'u' },
		{ "patience", required_argument, NULL, 'p' },
		{ "sndbuf", required_argument, NULL, 'w' },
		{ "shift", required_argument, NULL, 'd' },
		{ "json", required_argument, NULL, 'j' },
		{ "check", no_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 } };
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (c) {
		case 'r':
			o->relay = optarg;
			break;
		case 'a':
			if (o->arg_count == ARGS_MAX)
				return E_FULL;
			o->args[o->arg_count++] = optarg;
			break;
		case 'b':
			o->base_relay = optarg;
			break;
		case 'n':
			o->rounds = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 's':
			o->seconds = strtod(optarg, NULL);
			break;
		case 't':
			o->realtime = 1;
			break;
		case 'u':
			o->busy = strtod(optarg, NULL);
			break;
		case 'p':
			o->patience = strtol(optarg, NULL, 10);
			break;
		case 'w':
			o->sndbuf = atoi(optarg);
			break;
		case 'd':
			o->shift = optarg;
			break;
		case 'j':
			o->json = optarg;
			break;
		case 'c':
			o->check = 1;
			break;
		case 'h':
			fputs(usage_text, stdout);
			exit(0);
		default:
			return E_VALUE;
		}
	}
	if (o->rounds < 1 || o->rounds > REPORT_ROUNDS_MAX ||
	    !(o->seconds > 0 && o->seconds <= 60) || o->sndbuf < 0)
		return E_VALUE;
	return E_OK;
}

int
main(int argc, char **argv)
{
	static struct options o = { .rounds = 5,
		.seconds = 0.5,
		.busy = 0.2,
		.patience = 100,
		.relay = "./fuserelay" };
	const struct sched_param lowest = { .sched_priority = 1 };
	int i;

	log_init("bench-stream", LOG_WARN, 2);
	signal(SIGPIPE, SIG_IGN);
	rows_init();
	if (options_parse(&o, argc, argv) != E_OK) {
		fputs(usage_text, stderr);
		return 2;
	}
	for (i = optind; i < argc || i == optind; i++) {
		if (!rows_want(argv[i])) {
			log_error("no such measurement: %s", argv[i]);
			return 2;
		}
	}
	if (find_daemon(&o) != E_OK) {
		log_error("bench-daemon is not beside this program");
		return 2;
	}
	/* The peers inherit it. */
	if (o.realtime && sched_setscheduler(0, SCHED_FIFO, &lowest) == -1) {
		log_error("real-time priority: %s", strerror(errno));
		return 2;
	}
	o.give_up = time(NULL) + o.patience;
	return run_all(&o) == E_OK ? report(&o) : 2;
}
