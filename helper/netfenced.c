/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "choice.h"
#include "explain/yaml.h"
#include "iptables/listed.h"
#include "log.h"
#include "netfence/paths.h"
#include "policy/people.h"
#include "supervisor.h"
#include "wire/client.h"

#define FLUSH_LOCK_MS 10000

static const char usage_text[] =
    "usage: netfenced [-c CONFDIR] [-r RUNDIR] [-S STATEDIR] [-e ENGINE] [-d]\n"
    "       netfenced [-c CONFDIR] -t | -T\n"
    "       netfenced [-r RUNDIR] --flush\n"
    "       netfenced -V | -h\n";

enum task { TASK_SERVE, TASK_CHECK, TASK_PRINT, TASK_FLUSH };

struct arguments {
	struct places places;
	enum settings_engine engine;
	bool chosen;
	enum task task;
	bool debug;
};

/* print: the rules, too, if they are good. */
static int
check(const char *folder, bool print)
{
	struct ruleset *set = NULL;
	struct why why;
	int people, result = ruleset_load(folder, &set, &why);

	/* -T shows the rules; whether those whom they name are there is a check's business. */
	if (set && !print) {
		people = people_check(set, &people_of_host, &why);
		result = result ? result : people;
	}
	if (set)
		report_print(&set->report, stderr);
	else if (result < 0)
		fprintf(stderr, "netfenced: %s\n", why.text);
	if (print && result == 0)
		yaml_ruleset(stdout, set);
	ruleset_free(set);
	if (print && (fflush(stdout) != 0 || ferror(stdout))) {
		perror("netfenced");
		return EXIT_FAILURE;
	}
	return result < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* As the engines' process waits, but here nobody else waits for us. */
static int
take_lock(int lock, struct why *why)
{
	int64_t until_ms = wire_clock_ms() + FLUSH_LOCK_MS;

	while (flock(lock, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return why_errno(why, errno, "the xtables lock");
		if (wire_clock_ms() >= until_ms)
			return why_set(why, EBUSY, "another program holds the xtables lock");
		usleep(10000);
	}
	return 0;
}

/* What this engine has left, if anything. */
static int
flush_family(enum settings_engine which, enum family family, int tables, struct why *why)
{
	const struct fence_plan nothing = { 0 };
	struct engine_state *state = NULL;
	unsigned int commits = 0;
	int result = choice_open_left(which, family, tables, &state, why);

	if (result == 0 && state)
		result = choice_engine(which)->apply(state, &nothing, &commits, why);
	choice_engine(which)->close(state);
	return result;
}

/* All of iptables' tables are written under the lock; where there are none nobody needs it. */
static int
flush_iptables(struct why *why)
{
	cleanup_fd int lock = -1, ipv4 = listed_open(FAMILY_IPV4), ipv6 = listed_open(FAMILY_IPV6);
	int result, second;

	if (!listed_filter(ipv4) && !listed_filter(ipv6))
		return 0;
	result = resources_open_lock(resources_lock_path(), &lock, why);
	if (result == 0)
		result = take_lock(lock, why);
	if (result < 0)
		return result;
	result = flush_family(SETTINGS_ENGINE_IPTABLES, FAMILY_IPV4, ipv4, why);
	second = flush_family(SETTINGS_ENGINE_IPTABLES, FAMILY_IPV6, ipv6, result < 0 ? NULL : why);
	return result < 0 ? result : second;
}

/* Every trace in the kernel, whichever engine left it, and the records that would bring it back. */
static int
flush(const struct arguments *arguments, struct why *why)
{
	cleanup_fd int only = -1;
	int result, second;

	result = resources_take_only(arguments->places.run, &only, why);
	if (result < 0)
		return result;
	result = flush_iptables(why);
	second = flush_family(SETTINGS_ENGINE_NFTABLES, FAMILY_IPV4, -1, result < 0 ? NULL : why);
	if (result == 0)
		result = second;
	if (result == 0)
		result = resources_forget_records(arguments->places.run, why);
	return result;
}

static int
usage(int status)
{
	fputs(usage_text, status ? stderr : stdout);
	return status;
}

/* 0 to go on, or the exit status + 1. */
static int
parse(int argc, char **argv, struct arguments *arguments)
{
	int option, i;

	/* The one long option; the rest is getopt's. */
	for (i = 1; i < argc; i++)
		if (!strcmp(argv[i], "--flush")) {
			arguments->task = TASK_FLUSH;
			memmove(&argv[i], &argv[i + 1], (size_t)(argc - i) * sizeof(*argv));
			argc--;
			break;
		}
	while ((option = getopt(argc, argv, "c:r:S:e:dtTVh")) != -1) {
		switch (option) {
		case 'c':
			arguments->places.rules = optarg;
			break;
		case 'r':
			arguments->places.run = optarg;
			break;
		case 'S':
			arguments->places.state = optarg;
			break;
		case 'e':
			arguments->chosen = true;
			if (choice_find(optarg, &arguments->engine))
				break;
			fprintf(stderr,
			    "netfenced: there is no engine \"%s\"; there are: auto, iptables, "
			    "nftables\n",
			    optarg);
			return 2 + 1;
		case 'd':
			arguments->debug = true;
			break;
		case 't':
			arguments->task = TASK_CHECK;
			break;
		case 'T':
			arguments->task = TASK_PRINT;
			break;
		case 'V':
			puts("netfenced " NETFENCE_VERSION);
			return EXIT_SUCCESS + 1;
		case 'h':
			return usage(EXIT_SUCCESS) + 1;
		default:
			return usage(2) + 1;
		}
	}
	return optind < argc ? usage(2) + 1 : 0;
}

int
main(int argc, char **argv)
{
	struct arguments arguments = {
		.places = { NETFENCE_CONFDIR, NETFENCE_RUNDIR, NETFENCE_STATEDIR },
		.engine = SETTINGS_ENGINE_AUTO,
	};
	struct why why;
	int status = parse(argc, argv, &arguments);

	if (status)
		return status - 1;
	log_open("netfenced", arguments.debug);
	switch (arguments.task) {
	case TASK_CHECK:
		return check(arguments.places.rules, false);
	case TASK_PRINT:
		return check(arguments.places.rules, true);
	case TASK_FLUSH:
		if (flush(&arguments, &why) == 0)
			return EXIT_SUCCESS;
		fprintf(stderr, "netfenced: %s\n", why.text);
		return EXIT_FAILURE;
	case TASK_SERVE:
		break;
	}
	return supervisor_run(&arguments.places, arguments.engine, arguments.chosen);
}
