/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "ctl/command.h"

/* What `netfencectl COMMAND -h` says below the usage: arguments and options, then an example. */
static const struct {
	const char *name;
	const char *text;
	const char *example;
} helps[] = {
	{ "status", "Exit status 1 says that something is amiss; a line DEGRADED says what.\n",
	    "netfencectl status || netfencectl doctor" },
	{ "sessions",
	    "  -l  some lines for each, with all that is known of it\n"
	    "\n"
	    "A fence without a session is held by what its user has left running.\n",
	    "netfencectl sessions -l" },
	{ "show", "  --group GROUP  what members without an entry of their own get\n",
	    "netfencectl show alice" },
	{ "explain",
	    "  WHAT   tcp/22, udp/53, icmp/echo-request, a service's name\n"
	    "  WHERE  an address\n"
	    "\n"
	    "Exit status 1 says denied.\n",
	    "netfencectl explain alice tcp/22 10.0.0.5" },
	{ "login-test", "Fenced, free or refused, and why. Exit status 1 says refused.\n",
	    "netfencectl login-test alice" },
	{ "rules", "Without a user those of everybody.\n", "netfencectl rules alice" },
	{ "check",
	    "  PATH       one file alone, wherever it lies; without it all of the rules\n"
	    "  --as NAME  all, with PATH in the place of NAME, such as users/alice.yaml\n"
	    "\n"
	    "Exit status 1 says that there are errors.\n",
	    "netfencectl check --as groups/supporters.yaml draft.yaml" },
	{ "reload",
	    "  --dry-run       whom it would change and what it would cut; changes nothing\n"
	    "  --confirm TIME  the previous rules return unless `netfencectl confirm` follows\n"
	    "                  in that time: 90s, 5m, 2h\n"
	    "\n"
	    "Exit status 5 says that the rules have errors: then nothing has changed.\n",
	    "netfencectl reload --confirm 5m" },
	{ "confirm", "", "netfencectl confirm" },
	{ "rollback", "They stay, also over a restart. A second rollback takes back the first.\n",
	    "netfencectl rollback" },
	{ "grant",
	    "  WHAT WHERE     as in the rules: tcp/22, ntp, icmp; address, prefix, name\n"
	    "  --for TIME     how long: 30m, 2h, 1d\n"
	    "  --reason TEXT  for the record\n"
	    "\n"
	    "In force at once, gone by itself. The same grant again extends it.\n",
	    "netfencectl grant alice tcp/22 10.0.0.5 --for 2h --reason TICKET-7" },
	{ "grants", "Without a user those of everybody.\n", "netfencectl grants alice" },
	{ "revoke", "  ID  as netfencectl grants lists it\n", "netfencectl revoke 7" },
	{ "terminate",
	    "  --session ID  one session alone, as netfencectl sessions lists it\n"
	    "\n"
	    "TERM first, KILL a little later. The fence goes when nothing is left.\n",
	    "netfencectl terminate --session 17" },
	{ "off",
	    "  --for TIME     how long: 90s, 15m, 2h\n"
	    "  --reason TEXT  for the record\n"
	    "\n"
	    "Nobody is fenced meanwhile. Ends by itself, or with netfencectl on.\n",
	    "netfencectl off --for 15m --reason \"backup of the LAN\"" },
	{ "on", "", "netfencectl on" },
	{ "denials",
	    "  --since TIME  only those since then: 10m, 2h, 09:30\n"
	    "  --follow      go on with what comes, until interrupted\n",
	    "netfencectl denials alice --follow" },
	{ "why",
	    "Without arguments: your policy, the time that is left, what was denied last.\n"
	    "With WHAT and WHERE: may you? Exit status 1 says denied. Needs no root.\n",
	    "netfencectl why tcp/22 10.0.0.5" },
	{ "suggest",
	    "  --group GROUP  of what members of the group wanted\n"
	    "  --merge N      N addresses of one /24 or /64 become that prefix: more than was\n"
	    "                 seen; without it the rules allow just that\n"
	    "\n"
	    "Prints YAML to review; changes nothing. Exit status 1: nothing was seen.\n",
	    "netfencectl suggest alice > draft.yaml" },
	{ "doctor",
	    "  --all  also what is as it should be\n"
	    "\n"
	    "Exit status 1 says that something is open.\n",
	    "netfencectl doctor --all" },
	{ "metrics",
	    "  --textfile FILE  written there, in one go, for node_exporter\n"
	    "  --strict         counters named as OpenMetrics 1.0 has it; promtool and\n"
	    "                   node_exporter want them as they are without\n",
	    "netfencectl metrics | grep netfence_fences" },
};

void
command_print_help(FILE *stream, const struct command *command)
{
	size_t i;

	fprintf(stream, "usage: netfencectl %s\n       %s\n", command->usage, command->help);
	for (i = 0; i < sizeof(helps) / sizeof(helps[0]); i++) {
		if (strcmp(helps[i].name, command->name) != 0)
			continue;
		if (helps[i].text[0])
			fprintf(stream, "\n%s", helps[i].text);
		fprintf(stream, "\nexample:\n  %s\n", helps[i].example);
	}
}
