/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * login once ROUNDS FIRST SERVICE[@NETNS]...
 *     Logs in as users bFIRST, bFIRST+1, ..., each once with each of the PAM services, in turn, and
 *     says the medians: "SERVICE OPEN CLOSE" in microseconds. A login is a process of its own, as
 *     sshd's is, from its start until pam_open_session() has returned; and from there, told to
 *     close, to its end. NETNS is where it takes place.
 * login many COUNT AT-ONCE FIRST SERVICE[@NETNS]
 *     Runs `pamtester SERVICE USER open_session close_session` for COUNT users, and says how many
 *     a second that were.
 */
#include <fcntl.h>
#include <sched.h>
#include <security/pam_appl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"

#define SERVICES_MAX 16

extern char **environ;

struct contender {
	char *service;
	int netns; /* -1: here */
	struct samples open;
	struct samples close;
};

static int
say(int n, const struct pam_message **messages, struct pam_response **responses, void *unused)
{
	(void)messages;
	(void)unused;
	*responses = calloc((size_t)n, sizeof(**responses));
	return *responses ? PAM_SUCCESS : PAM_BUF_ERR;
}

/* What sshd does, without what only sshd needs: descriptor 3 tells when, 4 says how long. */
static int
one(const char *service, const char *user)
{
	static const struct pam_conv conversation = { say, NULL };
	pam_handle_t *pam;
	char code, byte;

	if (pam_start(service, user, &conversation, &pam) != PAM_SUCCESS)
		return 1;
	code = (char)pam_open_session(pam, 0);
	if (write(3, &code, 1) != 1 || code != PAM_SUCCESS)
		return 1;
	if (read(4, &byte, 1) < 0)
		return 1;
	pam_close_session(pam, 0);
	return pam_end(pam, PAM_SUCCESS);
}

static void
login(struct contender *contender, unsigned int number)
{
	int ready[2], until[2], status;
	char user[32], code = -1;
	double began;
	pid_t child;

	snprintf(user, sizeof(user), "b%u", number);
	if (pipe2(ready, O_CLOEXEC) < 0 || pipe2(until, O_CLOEXEC) < 0)
		bench_die("pipe");
	began = clock_ns();
	child = vfork();
	if (child == 0) {
		if (contender->netns >= 0)
			setns(contender->netns, CLONE_NEWNET);
		dup2(ready[1], 13);
		dup2(until[0], 14);
		dup2(13, 3);
		dup2(14, 4);
		execl("/proc/self/exe", "login", "one", contender->service, user, NULL);
		_exit(127);
	}
	close(ready[1]);
	close(until[0]);
	if (read(ready[0], &code, 1) != 1 || code != PAM_SUCCESS) {
		fprintf(stderr, "login: %s as %s: %d\n", contender->service, user, code);
		exit(1);
	}
	samples_add(&contender->open, clock_ns() - began);
	began = clock_ns();
	close(until[1]);
	if (waitpid(child, &status, 0) != child || status != 0)
		fprintf(stderr, "login: %s as %s: status %d\n", contender->service, user, status);
	samples_add(&contender->close, clock_ns() - began);
	close(ready[0]);
}

static void
understand(struct contender *contender, char *text)
{
	char *at = strchr(text, '@');

	contender->service = text;
	contender->netns = -1;
	if (!at)
		return;
	*at = '\0';
	contender->netns = open(at + 1, O_RDONLY | O_CLOEXEC);
	if (contender->netns < 0)
		bench_die(at + 1);
}

static int
once(unsigned int rounds, unsigned int first, int n, char **services)
{
	static struct contender contenders[SERVICES_MAX];
	unsigned int round;
	int i;

	for (i = 0; i < n && i < SERVICES_MAX; i++)
		understand(&contenders[i], services[i]);
	for (round = 0; round < rounds; round++)
		for (i = 0; i < n; i++)
			login(&contenders[(i + (int)round) % n], first + round);
	for (i = 0; i < n; i++)
		printf("%s %.1f %.1f\n", contenders[i].service,
		    samples_median(&contenders[i].open) / 1e3,
		    samples_median(&contenders[i].close) / 1e3);
	return 0;
}

static int
many(unsigned int count, unsigned int at_once, unsigned int first, char *service)
{
	static struct contender contender;
	unsigned int begun = 0, over = 0;
	posix_spawn_file_actions_t quiet;
	double began = clock_ns();
	char program[] = "pamtester", opening[] = "open_session", closing[] = "close_session";
	char user[32];
	char *command[] = { program, service, user, opening, closing, NULL };
	int status;
	pid_t child;

	understand(&contender, service);
	if (contender.netns >= 0 && setns(contender.netns, CLONE_NEWNET) < 0)
		bench_die("setns");
	posix_spawn_file_actions_init(&quiet);
	posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
	while (over < count) {
		while (begun < count && begun - over < at_once) {
			snprintf(user, sizeof(user), "b%u", first + begun);
			if (posix_spawnp(&child, command[0], &quiet, NULL, command, environ))
				bench_die("pamtester");
			begun++;
		}
		wait(&status);
		if (status)
			fprintf(
			    stderr, "login: pamtester %s: status %d\n", contender.service, status);
		over++;
	}
	printf("%.1f\n", count / ((clock_ns() - began) / 1e9));
	return 0;
}

int
main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "one"))
		return one(argv[2], argv[3]);
	if (argc > 4 && !strcmp(argv[1], "once"))
		return once(
		    (unsigned int)atoi(argv[2]), (unsigned int)atoi(argv[3]), argc - 4, argv + 4);
	if (argc == 6 && !strcmp(argv[1], "many"))
		return many((unsigned int)atoi(argv[2]), (unsigned int)atoi(argv[3]),
		    (unsigned int)atoi(argv[4]), argv[5]);
	fprintf(stderr, "usage: login once|many ...\n");
	return 2;
}
