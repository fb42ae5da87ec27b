/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "ctl/person.h"
#include "ctl/screen.h"
#include "netfence/paths.h"
#include "policy/names.h"

static const struct command {
	const char *name;
	const char *usage;
	const char *help;
	enum ctl_exit (*run)(const struct ctl *ctl);
} commands[] = {
	{ "status", "status", "is it in force: daemon, families, rules, fences", ctl_status },
	{ "sessions", "sessions [-l]", "who is fenced, and how they came in", ctl_sessions },
	{ "show", "show USER | --group GROUP", "the policy that applies, and why this one",
	    ctl_show },
	{ "explain", "explain USER WHAT WHERE", "may they: explain alice tcp/22 10.0.0.5",
	    ctl_explain },
	{ "login-test", "login-test USER", "what a login would get; changes nothing",
	    ctl_login_test },
	{ "rules", "rules [USER]", "the kernel rules, in iptables-save's syntax", ctl_rules },
	{ "doctor", "doctor [--all]", "what is open: PAM, sshd, and ways round the fence",
	    ctl_doctor },
	{ "check", "check [--as NAME] [PATH]", "errors in the rules; needs no daemon", ctl_check },
	{ "reload", "reload [--dry-run] [--confirm TIME]", "use the rules that the files hold",
	    ctl_reload },
	{ "confirm", "confirm", "they may stay, after reload --confirm", ctl_confirm },
	{ "rollback", "rollback", "the previous rules, until the next reload", ctl_rollback },
};

#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

/* Columns for a command and its arguments, in front of what it does. */
#define WIDTH 28

static void
print_help(FILE *stream)
{
	size_t i;

	fputs("usage: netfencectl [-c CONFDIR] [-r RUNDIR] [-S STATEDIR] [--json] COMMAND\n\n",
	    stream);
	for (i = 0; i < N_COMMANDS; i++) {
		if (strlen(commands[i].usage) > WIDTH - 2)
			fprintf(stream, "  %s\n  %*s%s\n", commands[i].usage, WIDTH, "",
			    commands[i].help);
		else
			fprintf(stream, "  %-*s%s\n", WIDTH, commands[i].usage, commands[i].help);
	}
}

enum ctl_exit
ctl_usage(const struct ctl *ctl, const char *usage)
{
	(void)ctl;
	fprintf(stderr, "usage: netfencectl %s\n", usage);
	return CTL_USAGE;
}

/* Takes --json out, wherever it stands: getopt knows letters only. */
static int
take_json(int argc, char **argv, struct ctl *ctl)
{
	int i, kept = 1;

	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--json"))
			ctl->json = true;
		else
			argv[kept++] = argv[i];
	}
	argv[kept] = NULL;
	return kept;
}

int
main(int argc, char **argv)
{
	struct ctl ctl = {
		.rules = NETFENCE_CONFDIR, .run = NETFENCE_RUNDIR, .state = NETFENCE_STATEDIR
	};
	struct nearest nearest = { .wanted = NULL };
	size_t i;
	int option;

	screen_begin();
	argc = take_json(argc, argv, &ctl);
	while ((option = getopt(argc, argv, "+c:r:S:Vh")) != -1) {
		switch (option) {
		case 'c':
			ctl.rules = optarg;
			break;
		case 'r':
			ctl.run = optarg;
			break;
		case 'S':
			ctl.state = optarg;
			break;
		case 'V':
			puts("netfencectl " NETFENCE_VERSION);
			return CTL_YES;
		case 'h':
			print_help(stdout);
			return CTL_YES;
		default:
			print_help(stderr);
			return CTL_USAGE;
		}
	}
	ctl.argc = argc - optind;
	ctl.argv = argv + optind;
	if (!ctl.argc) {
		print_help(stderr);
		return CTL_USAGE;
	}
	nearest.wanted = ctl.argv[0];
	for (i = 0; i < N_COMMANDS; i++) {
		if (strcmp(ctl.argv[0], commands[i].name))
			continue;
		if (ctl.argc == 2 && !strcmp(ctl.argv[1], "-h")) {
			printf("usage: netfencectl %s\n       %s\n", commands[i].usage,
			    commands[i].help);
			return CTL_YES;
		}
		return commands[i].run(&ctl);
	}
	for (i = 0; i < N_COMMANDS; i++)
		nearest_offer(&nearest, commands[i].name);
	person_unknown("command", ctl.argv[0], nearest.best);
	fputs("netfencectl -h lists them\n", stderr);
	return CTL_USAGE;
}
