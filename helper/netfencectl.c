/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/command.h"
#include "ctl/complete.h"
#include "ctl/ctl.h"
#include "ctl/person.h"
#include "ctl/screen.h"
#include "netfence/paths.h"
#include "policy/names.h"

static const struct command commands[] = {
	{ "status", "status", "is it in force: daemon, families, rules, fences", ctl_status },
	{ "sessions", "sessions [-l]", "who is fenced, and how they came in", ctl_sessions },
	{ "denials", "denials [USER] [--since TIME] [--follow]",
	    "what was denied: when, to whom, how often, why", ctl_denials },
	{ "show", "show USER | --group GROUP", "the policy that applies, and why this one",
	    ctl_show },
	{ "explain", "explain USER WHAT WHERE", "may they: explain alice tcp/22 10.0.0.5",
	    ctl_explain },
	{ "login-test", "login-test USER", "what a login would get; changes nothing",
	    ctl_login_test },
	{ "grant", "grant USER WHAT WHERE --for TIME [--reason TEXT]",
	    "let them reach that for a while", ctl_grant },
	{ "grants", "grants [USER]", "what is granted, to whom, until when", ctl_grants },
	{ "revoke", "revoke ID", "end a grant now", ctl_revoke },
	{ "terminate", "terminate USER | --session ID",
	    "end what runs in the user's sessions, or in one", ctl_terminate },
	{ "off", "off --for TIME --reason TEXT", "no fence, and everybody gets in, for a while",
	    ctl_off },
	{ "on", "on", "fenced again, before that time is over", ctl_on },
	{ "check", "check [--as NAME] [PATH]", "errors in the rules; needs no daemon", ctl_check },
	{ "reload", "reload [--dry-run] [--confirm TIME]", "use the rules that the files hold",
	    ctl_reload },
	{ "confirm", "confirm", "they may stay, after reload --confirm", ctl_confirm },
	{ "rollback", "rollback", "the previous rules, until the next reload", ctl_rollback },
	{ "rules", "rules [USER]", "the kernel rules, in iptables-save's syntax", ctl_rules },
	{ "suggest", "suggest USER | --group GROUP [--merge N]",
	    "rules for what was denied, or observed, to review", ctl_suggest },
	{ "doctor", "doctor [--all]", "what is open: PAM, sshd, and ways round the fence",
	    ctl_doctor },
	{ "metrics", "metrics [--textfile FILE] [--strict]", "numbers for Prometheus and the like",
	    ctl_metrics },
	{ "why", "why [WHAT WHERE]", "what is allowed to yourself; not for root", ctl_why },
};

#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

/* Columns for a command and its arguments, in front of what it does. */
#define WIDTH 28

static void
print_help(FILE *stream)
{
	size_t i;

	fputs("usage: netfencectl [-c CONFDIR] [-r RUNDIR] [-S STATEDIR] [--json] COMMAND\n"
	      "       netfencectl [COMMAND] -h | -V\n\n",
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
	const char *strange = command_strange_option(usage, ctl->argc, ctl->argv);
	struct command_word word;

	if (strange)
		person_unknown("option", strange, command_nearest_option(usage, strange, &word));
	fprintf(stderr, "usage: netfencectl %s\n", usage);
	return CTL_USAGE;
}

/* Takes --json out, wherever it stands, also behind the command. */
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

static const struct command *
find(const char *name)
{
	size_t i;

	for (i = 0; i < N_COMMANDS; i++)
		if (!strcmp(name, commands[i].name))
			return &commands[i];
	return NULL;
}

static enum ctl_exit
unknown_command(const char *name)
{
	struct nearest nearest = { .wanted = name };
	size_t i;

	for (i = 0; i < N_COMMANDS; i++)
		nearest_offer(&nearest, commands[i].name);
	person_unknown("command", name, nearest.best);
	fputs("netfencectl -h lists them\n", stderr);
	return CTL_USAGE;
}

static bool
wants_help(const struct ctl *ctl)
{
	int i;

	for (i = 1; i < ctl->argc; i++)
		if (!strcmp(ctl->argv[i], "-h") || !strcmp(ctl->argv[i], "--help"))
			return true;
	return false;
}

/* "--for=2h" as two words, where the option takes a value. The list is ours to free; its words are
 * argv's, cut in place. NULL where there is no memory. */
static char **
split_values(struct ctl *ctl, const char *usage)
{
	char **argv = calloc((size_t)ctl->argc * 2 + 1, sizeof(*argv)), *equals;
	struct command_word word;
	int i, n = 0;

	for (i = 0; argv && i < ctl->argc; i++) {
		argv[n++] = ctl->argv[i];
		equals = strchr(ctl->argv[i], '=');
		if (!i || strncmp(ctl->argv[i], "--", 2) != 0 || !equals)
			continue;
		*equals = '\0';
		if (command_has_option(usage, ctl->argv[i], &word) && word.value[0])
			argv[n++] = equals + 1;
		else
			*equals = '=';
	}
	if (argv) {
		ctl->argc = n;
		ctl->argv = argv;
	}
	return argv;
}

static enum ctl_exit
run(struct ctl *ctl)
{
	const struct command *command;
	enum ctl_exit result;
	char **argv;

	if (!strcmp(ctl->argv[0], "help")) {
		if (ctl->argc == 1) {
			print_help(stdout);
			return CTL_YES;
		}
		command = find(ctl->argv[1]);
		if (!command)
			return unknown_command(ctl->argv[1]);
		command_print_help(stdout, command);
		return CTL_YES;
	}
	/* For shells, not for people. */
	if (!strcmp(ctl->argv[0], "complete"))
		return complete(ctl, commands, N_COMMANDS);
	command = find(ctl->argv[0]);
	if (!command)
		return unknown_command(ctl->argv[0]);
	if (wants_help(ctl)) {
		command_print_help(stdout, command);
		return CTL_YES;
	}
	argv = split_values(ctl, command->usage);
	if (!argv) {
		fputs("netfencectl: no memory\n", stderr);
		return CTL_USAGE;
	}
	if (command_strange_option(command->usage, ctl->argc, ctl->argv))
		result = ctl_usage(ctl, command->usage);
	else
		result = command->run(ctl);
	free(argv);
	return result;
}

static enum ctl_exit
strange_option(const char *option)
{
	struct nearest nearest = { .wanted = option };

	nearest_offer(&nearest, "--json");
	nearest_offer(&nearest, "--help");
	nearest_offer(&nearest, "--version");
	person_unknown("option", option, nearest.best);
	fputs("netfencectl -h lists them\n", stderr);
	return CTL_USAGE;
}

int
main(int argc, char **argv)
{
	struct ctl ctl = {
		.rules = NETFENCE_CONFDIR, .run = NETFENCE_RUNDIR, .state = NETFENCE_STATEDIR
	};
	static const struct option longs[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	enum ctl_exit result;
	int option, at;

	screen_begin();
	argc = take_json(argc, argv, &ctl);
	opterr = 0;
	/* Of several letters behind one dash optind stays with them until the last. */
	while (at = optind, (option = getopt_long(argc, argv, "+:c:r:S:Vh", longs, NULL)) != -1) {
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
		case ':':
			fprintf(stderr, "netfencectl: %s takes a folder\n", argv[at]);
			return CTL_USAGE;
		default:
			return strange_option(argv[at]);
		}
	}
	ctl.argc = argc - optind;
	ctl.argv = argv + optind;
	if (!ctl.argc) {
		print_help(stderr);
		return CTL_USAGE;
	}
	result = run(&ctl);
	/* Half an answer is none: the disk is full, or whoever reads has gone. */
	if (fflush(stdout) != 0 || ferror(stdout)) {
		perror("netfencectl: standard output");
		return result == CTL_YES ? CTL_NO : result;
	}
	return result;
}
