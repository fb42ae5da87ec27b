/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts that read a configuration share: where they report, what they have gathered, and
 * what they build.
 *
 * config.c gathers the files' top levels into sections. define.c, settings.c, rule.c, egress.c and
 * written.c make addresses, settings, rules, lists of them and policies of what stands there, the
 * last with the keys of policy_key.c; compile.c runs them in that order. lint.c and people.c look
 * at what has come of it.
 */
#ifndef NETFENCE_POLICY_READER_H
#define NETFENCE_POLICY_READER_H

#include "policy/address.h"
#include "policy/document.h"
#include "policy/names.h"
#include "policy/service.h"

#define NAME_MAX_BYTES 248 /* of a user or group: "groups/NAME" is a policy's name */

/* Work that one configuration may cause: expanding names of names of addresses. */
#define EXPANDED_MAX (16 * POLICY_ADDRESSES_MAX)

enum progress { PROGRESS_NONE, PROGRESS_BUSY, PROGRESS_GOOD, PROGRESS_BAD };

/*
 * One name under `define`, `policies`, `users` or `groups`, or `others`.
 * mark      of the name, or the file that bears it
 * value     what stands there; NODE_EMPTY for an empty file
 * progress  BAD: reported; whatever names it is not usable, and says nothing
 * height    how many names deep it reaches, itself included
 * addresses of a define, once it is good
 * policy    of the others, once they are good: index into reader->policies
 * precedence  of that policy
 */
struct entry {
	struct entry *next;
	const char *name;
	struct mark mark;
	const struct node *value;
	enum progress progress;
	unsigned int height;
	struct addresses addresses;
	uint32_t policy;
	int32_t precedence;
};

/* By name, and in the order in which they were read. */
struct section {
	struct names *names;
	struct entry *first;
	struct entry *last;
	uint32_t n;
};

/* A member of an `exempt` list. */
struct exempt {
	struct exempt *next;
	const char *name;
	struct mark mark;
};

/*
 * open      names may be defined where nobody could look: in another file, or in a part of one
 *           that could not be read. An unknown name is then nobody's error.
 * settings_values  where each of the settings stands, for the second one
 * resolv_conf, resolvers  where name servers are named, and which; `resolvers_named` by a rule
 * serve_warned  that `serve` has a price, said once
 * policies  n of them; room for one per entry
 * addresses of the rules of all policies so far, a rule without any counted as one
 * expanded  addresses taken out of names so far
 * included  rules that have been included so far, of whatever policy
 */
struct reader {
	struct arena *arena;
	struct reporter *reporter;
	const struct services *services;
	bool open;
	struct section define;
	struct section named;
	struct section users;
	struct section groups;
	struct entry *others;
	const struct node *exempt_users_value; /* where the list stands, for the second one */
	const struct node *exempt_groups_value;
	struct exempt *exempt_users;
	struct exempt *exempt_groups;
	struct settings settings;
	const struct node *settings_values[3];
	const char *resolv_conf;
	struct addresses resolvers;
	bool resolvers_named;
	bool serve_warned;
	struct policy *policies;
	uint32_t n_policies;
	uint32_t addresses;
	uint32_t expanded;
	uint32_t included;
};

#endif
