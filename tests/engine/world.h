/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Network namespaces for the engine's tests: each test gets its own before it touches a table, so
 * that the machine's tables stay out of reach.
 */
#ifndef NETFENCE_TESTS_WORLD_H
#define NETFENCE_TESTS_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fence/engine.h"
#include "iptables/text.h"

/* The legacy tools lock a file of the machine's otherwise. */
static inline void
world_environment(void)
{
	setenv("XTABLES_LOCKFILE", "/dev/null", 1);
	setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
}

/* Runs a shell command, which must succeed; its output, malloc'd. */
static inline char *
world_run(const char *command)
{
	FILE *pipe = popen(command, "re");
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	char buffer[4096];
	size_t n;
	int status;

	assert_non_null(pipe);
	assert_non_null(out);
	while ((n = fread(buffer, 1, sizeof(buffer), pipe)) > 0)
		fwrite(buffer, 1, n, out);
	fclose(out);
	status = pclose(pipe);
	if (status != 0)
		fail_msg("%s: status %d: %s", command, status, text);
	return text;
}

static inline void
world_do(const char *command)
{
	free(world_run(command));
}

/* Makes this process the only one in a new network namespace with lo up; skips, aloud, without
 * root. */
static inline void
world_enter(void)
{
	if (geteuid() != 0) {
		fprintf(stderr, "SKIPPED: needs root\n");
		skip();
	}
	world_environment();
	/* Where these are modules nobody loads them for an engine; netfenced's supervisor has. */
	world_do("modprobe -q -b -a ip_tables ip6_tables iptable_filter ip6table_filter "
		 "2> /dev/null || :");
	assert_int_equal(unshare(CLONE_NEWNET), 0);
	world_do("ip link set lo up");
}

/* What iptables-legacy-save says of the filter table, without its comments; malloc'd. */
static inline char *
world_save(enum family family, bool counters)
{
	char command[128];

	snprintf(command, sizeof(command), "ip%stables-legacy-save -t filter %s | grep -v '^#'",
	    family == FAMILY_IPV6 ? "6" : "", counters ? "-c" : "");
	return world_run(command);
}

/* Feeds the text to iptables-legacy-restore, which leaves what the text does not name. */
static inline void
world_restore(enum family family, const char *text, const char *options)
{
	char command[128];
	FILE *pipe;

	snprintf(command, sizeof(command), "ip%stables-legacy-restore -n %s",
	    family == FAMILY_IPV6 ? "6" : "", options);
	pipe = popen(command, "we");
	assert_non_null(pipe);
	fputs(text, pipe);
	if (pclose(pipe) != 0)
		fail_msg("%s refuses:\n%s", command, text);
}

/* iptables_rules_text(), malloc'd. */
static inline char *
world_text(const struct fence_plan *plan, enum family family)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	assert_int_equal(iptables_rules_text(plan, family, out), 0);
	fclose(out);
	return text;
}

/* The lines of a save that are not ours: built-in chains, and whatever else was there before.
 * Cuts them out of `text` where `ours`, or all others where not. */
static inline void
world_only(char *text, bool ours)
{
	char *to = text, *line = text, *end;
	size_t length;

	for (; *line; line = end) {
		end = strchrnul(line, '\n');
		end += *end == '\n';
		length = (size_t)(end - line);
		if (*line == '*' || *line == 'C' ||
		    (memmem(line, length, "NETFENCE", 8) != NULL) == ours) {
			memmove(to, line, length);
			to += length;
		}
	}
	*to = '\0';
}

/* The engine that a test is about; a test for both sets it, from its initial state. */
static const struct engine *world_uses = &iptables_engine;

#define WORLD_IPTABLES ((void *)(uintptr_t)&iptables_engine)
#define WORLD_NFTABLES ((void *)(uintptr_t)&nftables_engine)
#define world_test_both(test)                            \
	cmocka_unit_test_prestate(test, WORLD_IPTABLES), \
	    cmocka_unit_test_prestate(test, WORLD_NFTABLES)

/* Opens the engine, or fails with its words. */
static inline struct engine_state *
world_engine(enum family family)
{
	struct engine_state *state = NULL;
	struct why why;

	if (world_uses->open(family, &state, &why))
		fail_msg("open: %s", why.text);
	return state;
}

/* Applies the plan; how many commits that took. nftables have one table for both families. */
static inline unsigned int
world_apply(enum family family, const struct fence_plan *plan)
{
	struct engine_state *state =
	    world_engine(world_uses == &nftables_engine ? FAMILY_IPV4 : family);
	unsigned int commits = 0;
	struct why why;

	if (world_uses->apply(state, plan, &commits, &why))
		fail_msg("apply: %s", why.text);
	world_uses->close(state);
	return commits;
}

#endif
