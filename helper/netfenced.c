/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "explain/yaml.h"
#include "fence/engine.h"
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
	const struct engine *engine;
	bool chosen; /* and not auto */
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

static int
flush_family(const struct engine *engine, enum family family, struct why *why)
{
	const struct fence_plan nothing = { 0 };
	struct engine_state *state = NULL;
	unsigned int commits = 0;
	int result = engine->open(family, &state, why);

	if (result == -EAFNOSUPPORT && family == FAMILY_IPV6)
		return 0;
	if (result == 0)
		result = engine->apply(state, &nothing, &commits, why);
	engine->close(state);
	return result;
}

/* Every trace in the kernel, and the records that would bring it back. */
static int
flush(const struct arguments *arguments, struct why *why)
{
	cleanup_fd int only = -1, lock = -1;
	int result, second;

	result = resources_take_only(arguments->places.run, &only, why);
	if (result == 0)
		result = resources_open_lock(resources_lock_path(), &lock, why);
	if (result == 0)
		result = take_lock(lock, why);
	if (result < 0)
		return result;
	result = flush_family(arguments->engine, FAMILY_IPV4, why);
	second = flush_family(arguments->engine, FAMILY_IPV6, result < 0 ? NULL : why);
	if (result == 0)
		result = second;
	if (result == 0)
		result = resources_forget_records(arguments->places.run, why);
	return result;
}

static const struct engine *
find_engine(const char *name)
{
	if (!strcmp(name, "auto") || !strcmp(name, iptables_engine.name))
		return &iptables_engine;
	return NULL;
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
			arguments->engine = find_engine(optarg);
			arguments->chosen = strcmp(optarg, "auto") != 0;
			if (arguments->engine)
				break;
			fprintf(stderr,
			    "netfenced: there is no engine \"%s\"; there is: iptables\n", optarg);
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
		.engine = &iptables_engine,
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
