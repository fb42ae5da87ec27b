/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A configuration, read, checked and compiled: the rules of netfence.yaml(5) on one side, plain
 * policies and a table of names on the other. Nothing here does NSS, and nothing but ruleset_load
 * and ruleset_check_file touches a file.
 */
#ifndef NETFENCE_RULESET_H
#define NETFENCE_RULESET_H

#include <stdio.h>

#include "base/arena.h"
#include "base/why.h"
#include "netfence/rule.h"
#include "policy/who.h"

enum severity { SEVERITY_WARNING, SEVERITY_ERROR };

struct diagnostic {
	enum severity severity;
	const char
	    *file;     /* as the administrator would name it, e.g. /etc/netfence/users/alice.yaml */
	uint32_t line; /* from 1; 0: the file as a whole */
	uint32_t column;  /* from 1, in characters; 0: the line as a whole */
	const char *text; /* one line, with the mend where one is known */
};

/* Sorted by file as read, line, column. */
struct report {
	uint32_t n_errors;
	uint32_t n_warnings;
	uint32_t n; /* of diagnostics */
	struct diagnostic *diagnostics;
};

enum settings_engine { SETTINGS_ENGINE_AUTO, SETTINGS_ENGINE_IPTABLES, SETTINGS_ENGINE_NFTABLES };

/*
 * engine        which of them writes the kernel's tables
 * nflog_group   of netlink's log, where the kernel says what it denied
 * self_service  whether fenced users may ask `netfencectl why`
 */
struct settings {
	enum settings_engine engine;
	uint16_t nflog_group;
	bool self_service;
};

struct source; /* report.h */
struct reader; /* reader.h */

/*
 * policies  those that somebody can get: named ones under `policies:` and each one written out
 *           or changed under users, groups, others; the indices in `who` point here
 * precedence  of each of who.groups, in their order
 * n_files   how many files were read
 * resolv_conf  the file that `resolvers` stands for, where a rule names them; or NULL. Then
 *           n_resolvers and resolvers are what it held
 */
struct ruleset {
	struct arena *arena; /* holds everything, the ruleset itself too */
	uint32_t n_policies;
	struct policy *policies;
	struct who who;
	int32_t *precedence;
	struct settings settings;
	struct report report;
	uint32_t n_files;
	const struct source *sources; /* n_files of them: for ruleset_bundle() */
	struct reader *reader;        /* where everything stands: for people_check() */
	const char *resolv_conf;
	uint32_t n_resolvers[FAMILIES];
	struct address_range *resolvers[FAMILIES];
};

/* Reads netfence.yaml, rules.d/, users/ and groups/ below `folder`, owners, modes and links
 * checked. Always gives a ruleset with its report (unless -ENOMEM), the caller's to free; returns
 * 0, or -EINVAL where the report holds an error and the ruleset must not be used. */
int ruleset_load(const char *folder, struct ruleset **ruleset, struct why *why);

/* The same for the text of one file alone, wherever it lies and whoever owns it. A file in a folder
 * called users or groups is read as a policy, any other as netfence.yaml is; in those, and in one
 * called rules.d, names may be used that other files define. The ruleset is for its report, not to
 * be put in force. -errno of the file where it cannot be read (then *ruleset is NULL). */
int ruleset_check_file(const char *path, struct ruleset **ruleset, struct why *why);

/* The whole configuration below `folder`, with the file at `path` in the place of `as`
 * ("groups/supporters.yaml", "netfence.yaml", "rules.d/10-x.yaml"), whether there is one or not.
 * Where `as` is no such place, or the file cannot be read, *ruleset is NULL. */
int ruleset_check_as(const char *folder, const char *as, const char *path, struct ruleset **ruleset,
    struct why *why);

/* The texts that a ruleset was read from, as bytes that ruleset_load_bundle() takes: what was in
 * force can be so again, whatever the files say by then. malloc'd, the caller's; NULL where there
 * is no memory.
 */
char *ruleset_bundle(const struct ruleset *ruleset, size_t *length);
int ruleset_load_bundle(
    const char *bytes, size_t length, struct ruleset **ruleset, struct why *why);

/* Reads ruleset->resolv_conf again: 1 where other servers stand there now, so that the rules want
 * to be loaded anew; 0 where not, or where nothing hangs on it; -errno where it cannot be read. One
 * that is not there holds none. */
int ruleset_resolvers_changed(const struct ruleset *ruleset);

void ruleset_free(struct ruleset *ruleset); /* NULL is allowed */

/* FILE:LINE:COLUMN: error: TEXT, a line each. */
void report_print(const struct report *report, FILE *stream);

#endif
