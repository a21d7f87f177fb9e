/* SPDX-License-Identifier: ISC */
#include "script.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS_MAX 16
#define STEP_MAX 16384

int files[FILES];

/* One step, taken apart. */
struct step {
	char text[STEP_MAX]; /* the words point in here */
	char *argv[WORDS_MAX];
	int argc;
	const char *want; /* NULL: anything but an errno */
	int optional, other, user;
};

void
script_mistake(const char *what, const char *word)
{
	fprintf(stderr, "posix-suite: %s: %s\n", what, word);
	exit(2);
}

/* Copies a word, {N} and '' replaced; answers where the copy ends. */
static char *
word_expand(char *to, const char *end, const char *word)
{
	while (*word != '\0') {
		if (strncmp(word, "''", 2) == 0) {
			word += 2;
		} else if (*word == '{') {
			long n = strtol(word + 1, NULL, 10);

			if (n < 0 || n >= end - to)
				script_mistake("word too long", word);
			memset(to, 'x', (size_t)n);
			to += n;
			word = strchr(word, '}') + 1;
		} else {
			if (end - to < 2)
				script_mistake("word too long", word);
			*to++ = *word++;
		}
	}
	*to++ = '\0';
	return to;
}

static void
step_parse(struct step *s, char *text)
{
	char *word, *save = NULL, *to = s->text;

	memset(s->argv, 0, sizeof(s->argv));
	s->argc = s->optional = s->other = s->user = 0;
	s->want = NULL;
	for (word = strtok_r(text, " \t\n", &save); word != NULL;
	     word = strtok_r(NULL, " \t\n", &save)) {
		if (strcmp(word, "->") == 0) {
			s->want = strtok_r(NULL, " \t\n", &save);
			break;
		}
		if (s->argc == 0 && *word == '?') {
			s->optional = 1;
			word++;
		}
		if (s->argc == 0 && strcmp(word, "B:") == 0)
			s->other = 1;
		else if (s->argc == 0 && strcmp(word, "u1") == 0)
			s->user = 1;
		else if (s->argc == 0 && strcmp(word, "u2") == 0)
			s->user = 2;
		else if (s->argc == WORDS_MAX - 1)
			script_mistake("too many words", word);
		else {
			s->argv[s->argc++] = to;
			to = word_expand(to, s->text + sizeof(s->text), word);
		}
	}
}

static const struct command *
command_find(const char *name)
{
	static const struct command *const tables[] = { commands_name,
		commands_attr, commands_file };
	const struct command *c;
	size_t i;

	for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (c = tables[i]; c->name != NULL; c++)
			if (strcmp(c->name, name) == 0)
				return c;
	script_mistake("no such command", name);
}

static void
user_become(int user)
{
	gid_t both[2] = { USER_1, USER_2 };
	uid_t id = user == 1 ? USER_1 : USER_2;

	if (user == 0)
		return;
	if (setgroups(user == 1 ? 2 : 0, both) == -1 ||
	    setresgid(id, id, 0) == -1 || setresuid(id, id, 0) == -1)
		script_mistake("cannot become a user", strerror(errno));
}

static void
user_back(int user)
{
	if (user != 0 &&
	    (setresuid(0, 0, 0) == -1 || setresgid(0, 0, 0) == -1 ||
		setgroups(0, NULL) == -1))
		script_mistake("cannot become root again", strerror(errno));
}

static const char *
errno_word(int e)
{
	const char *name = strerrorname_np(e);

	return name != NULL ? name : "E?";
}

static void
step_do(struct step *s, char *out)
{
	const struct command *c = command_find(s->argv[0]);
	int r, saved;

	if (s->argc - 1 < c->min || s->argc - 1 > c->max)
		script_mistake("wrong number of words", s->argv[0]);
	strcpy(out, "ok");
	user_become(s->user);
	r = c->run(s->argc, s->argv, out);
	saved = errno;
	user_back(s->user);
	if (r == -1)
		strcpy(out, errno_word(saved));
}

/* The second process: does steps that come as texts, answers outcomes. */
static void
other_main(int fd)
{
	static struct step s;
	char text[STEP_MAX], out[OUT_MAX];
	ssize_t n;

	while ((n = recv(fd, text, sizeof(text) - 1, 0)) > 0) {
		text[n] = '\0';
		step_parse(&s, text);
		step_do(&s, out);
		if (send(fd, out, strlen(out), 0) == -1)
			break;
	}
	_exit(0);
}

struct other {
	pid_t pid;
	int fd;
};

static void
other_start(struct other *o)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1)
		script_mistake("socketpair", strerror(errno));
	if ((o->pid = fork()) == -1)
		script_mistake("fork", strerror(errno));
	if (o->pid == 0) {
		close(pair[0]);
		other_main(pair[1]);
	}
	close(pair[1]);
	o->fd = pair[0];
}

static void
other_do(struct other *o, const char *text, char *out)
{
	ssize_t n;

	if (send(o->fd, text, strlen(text), 0) == -1 ||
	    (n = recv(o->fd, out, OUT_MAX - 1, 0)) <= 0)
		script_mistake("the second process is gone", text);
	out[n] = '\0';
}

static void
other_end(struct other *o)
{
	if (o->pid == 0)
		return;
	close(o->fd);
	waitpid(o->pid, NULL, 0);
}

/* Is out one of the words of want?  A value may be empty: "''". */
static int
outcome_is(const char *out, const char *want)
{
	const char *p;
	size_t n, len = strlen(out);

	if (strcmp(want, out) == 0)
		return 1;
	if (strcmp(want, "''") == 0)
		return len == 0;
	for (p = want;; p += n + 1) {
		n = strcspn(p, "|");
		if (n == len && memcmp(p, out, n) == 0)
			return 1;
		if (p[n] == '\0')
			return 0;
	}
}

static int
is_errno(const char *out)
{
	return out[0] == 'E' && out[1] >= 'A' && out[1] <= 'Z';
}

static enum script_end
step_judge(const struct step *s, const char *text, const char *out, char *why,
    size_t why_size)
{
	int good;

	if (s->optional &&
	    (strcmp(out, "ENOTSUP") == 0 || strcmp(out, "EOPNOTSUPP") == 0 ||
		strcmp(out, "ENOSYS") == 0)) {
		snprintf(why, why_size, "%.100s: %s", text, out);
		return SCRIPT_SKIPPED;
	}
	good = s->want == NULL ? !is_errno(out) : outcome_is(out, s->want);
	if (good)
		return SCRIPT_PASSED;
	snprintf(why, why_size, "\"%.200s\" gave %.200s", text, out);
	return SCRIPT_FAILED;
}

enum script_end
script_run(const char *text, char *why, size_t why_size)
{
	static struct step s;
	static char all[STEP_MAX], one[STEP_MAX], out[OUT_MAX];
	struct other other = { 0, -1 };
	enum script_end end = SCRIPT_PASSED;
	char *step, *save = NULL;
	int i;

	for (i = 0; i < FILES; i++)
		files[i] = -1;
	if (strlen(text) >= sizeof(all))
		script_mistake("script too long", text);
	strcpy(all, text);
	/* Now, so that it shares no open file. */
	if (strstr(all, "B: ") != NULL)
		other_start(&other);
	for (step = strtok_r(all, ";", &save);
	     step != NULL && end == SCRIPT_PASSED;
	     step = strtok_r(NULL, ";", &save)) {
		step += strspn(step, " \t\n");
		strcpy(one, step);
		step_parse(&s, one);
		if (s.argc == 0)
			continue;
		if (s.other)
			other_do(&other, step, out);
		else
			step_do(&s, out);
		end = step_judge(&s, step, out, why, why_size);
	}
	other_end(&other);
	for (i = 0; i < FILES; i++)
		if (files[i] != -1)
			close(files[i]);
	return end;
}

int
script_needs_root(const char *text)
{
	return strstr(text, "u1 ") != NULL || strstr(text, "u2 ") != NULL ||
	    strstr(text, "chown ") != NULL || strstr(text, "trusted.") != NULL;
}
