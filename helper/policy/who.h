/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is fenced: the names in the rules, in the order in which they decide. A pure function of
 * names, run by netfenced for each login, by netfencectl, and by the module when the daemon is
 * away (from the `who` file, which holds just this table). Links neither YAML nor NSS.
 */
#ifndef NETFENCE_WHO_H
#define NETFENCE_WHO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/why.h"

#define WHO_NO_POLICY UINT32_MAX
#define WHO_FILE_MAX  (4 * 1024 * 1024) /* bytes */

struct who_entry {
	const char *name;
	uint32_t policy; /* index into the ruleset's policies; WHO_NO_POLICY from a file */
};

/*
 * users, exempt_users, exempt_groups  sorted by strcmp of the name
 * groups   in the order in which they decide: highest precedence first, then by strcmp
 * others   where `others` is set: its policy's index in others_policy
 * uid_min  UID_MIN of login.defs: below it, and from 61184 to 65535, `others` takes nobody
 */
struct who {
	uint32_t n_users;
	struct who_entry *users;
	uint32_t n_groups;
	struct who_entry *groups;
	uint32_t n_exempt_users;
	const char **exempt_users;
	uint32_t n_exempt_groups;
	const char **exempt_groups;
	bool others;
	uint32_t others_policy;
	uint32_t uid_min;
};

enum who_reason {
	WHO_ROOT,         /* uid 0: never fenced */
	WHO_EXEMPT_USER,  /* never fenced */
	WHO_EXEMPT_GROUP, /* never fenced */
	WHO_USER,         /* fenced: the user's own entry */
	WHO_GROUP,        /* fenced: the first group that matches */
	WHO_OTHERS,       /* fenced: `others` */
	WHO_NOBODY        /* free: nothing matches */
};

struct who_answer {
	enum who_reason reason;
	bool fenced;
	const char *name; /* of the user or group that decided, or NULL; the table's */
	uint32_t policy;  /* WHO_NO_POLICY where free */
};

/* groups: n names in any order, NULLs allowed and skipped. Never fails. */
struct who_answer who_match(const struct who *who, const char *user, uint32_t uid,
    const char *const *groups, size_t n_groups);

/* The table as the text of a `who` file, malloc'd, the caller's; NULL where there is no memory.
 * A name with a newline in it cannot be one (the reader refuses it). */
char *who_print(const struct who *who);

/* From such a text of `length` bytes, which need not end in NUL. *who gets one malloc'd block,
 * let go of with who_free(). -EBADMSG for anything that is not whole and well-formed: the text
 * ends in a line "end", so that one cut short is noticed. */
int who_parse(const char *text, size_t length, struct who **who, struct why *why);
void who_free(struct who *who); /* of who_parse() only; NULL is allowed */

/* who_parse() of a file, that must be regular, root's, and writable by nobody else; not a link.
 * Errors as open(2) has them, -EPERM for owner and mode, -EFBIG, -EBADMSG. */
int who_read(const char *path, struct who **who, struct why *why);

#endif
