/* SPDX-License-Identifier: ISC */
/*
 * fuserelay-passthrough: shows a directory at a mount point.
 *
 * The reference file system of the project.  The device that the mount
 * gives may in truth be a socket of fuserelay(1): nothing is done with it
 * but the library's reads and writes of whole messages.
 */
#include "passthrough/fs.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/log.h"

/* Every open file and every node holds a descriptor. */
static void
raise_descriptor_limit(void)
{
	struct rlimit rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) == 0 && rl.rlim_cur != rl.rlim_max) {
		rl.rlim_cur = rl.rlim_max;
		setrlimit(RLIMIT_NOFILE, &rl);
	}
}

static int
serve_loop(struct fuse_session *se, const struct options *opt)
{
	struct fuse_loop_config *config;
	int r;

	if (opt->single)
		return fuse_session_loop(se);
	if ((config = fuse_loop_cfg_create()) == NULL)
		return ENOMEM;
	if (opt->max_threads != 0)
		fuse_loop_cfg_set_max_threads(config, opt->max_threads);
	r = fuse_session_loop_mt(se, config);
	fuse_loop_cfg_destroy(config);
	return r;
}

/* From the mounted session to its end. */
static int
serve(struct fuse_session *se, struct fs *fs, const struct options *opt)
{
	const char *what;
	struct stat st;
	int r;

	if (fuse_daemonize(opt->foreground || opt->debug) != 0) {
		log_error("cannot go to the background: %s", strerror(errno));
		return EXIT_SERVE;
	}
	if ((r = fs_init(fs, opt, &what)) != 0) {
		log_error("%s: %s", what, strerror(r));
		return EXIT_SERVE;
	}
	fs->socket = fstat(fuse_session_fd(se), &st) == 0 &&
	    S_ISSOCK(st.st_mode);
	/* A signal that asked for the end is no failure. */
	r = serve_loop(se, opt);
	if (r > 0)
		r = 0;
	fs_fini(fs);
	return r == 0 ? 0 : EXIT_SERVE;
}

int
main(int argc, char *argv[])
{
	struct fuse_args args = FUSE_ARGS_INIT(argc, argv);
	struct fuse_session *se = NULL;
	struct options opt;
	struct fs fs;
	int r, done;

	log_init("fuserelay-passthrough", LOG_WARN, 2);
	r = passthrough_options_parse(&opt, &args, &done);
	if (r != 0 || done)
		goto out;
	if (opt.debug)
		log_init("fuserelay-passthrough", LOG_DEBUG, 2);
	umask(0);
	raise_descriptor_limit();
	se = fuse_session_new(&args, &fs_ops, sizeof(fs_ops), &fs);
	r = EXIT_USAGE;
	if (se == NULL)
		goto out;
	r = EXIT_MOUNT;
	if (fuse_set_signal_handlers(se) != 0)
		goto out;
	if (fuse_session_mount(se, opt.mountpoint) == 0) {
		if (fuse_session_custom_io(se, &fs_io, fuse_session_fd(se)) ==
		    0)
			r = serve(se, &fs, &opt);
		fuse_session_unmount(se);
	}
	fuse_remove_signal_handlers(se);
out:
	if (se != NULL)
		fuse_session_destroy(se);
	passthrough_options_free(&opt);
	fuse_opt_free_args(&args);
	return r;
}
