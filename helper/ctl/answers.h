/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the rules say of a user, twice: those in force, from netfenced, and those in the files.
 */
#ifndef NETFENCE_CTL_ANSWERS_H
#define NETFENCE_CTL_ANSWERS_H

#include "base/why.h"
#include "ctl/ctl.h"
#include "explain/question.h"
#include "policy/ruleset.h"

struct json_object;

/*
 * force, files  as answer_json() has them; NULL where there is none, with the reason in its `why`
 * away          netfenced does not answer at all, or not us
 * differ        both are there and do not say the same
 */
struct answers {
	struct json_object *force;
	struct why no_force;
	bool away;
	struct json_object *files;
	struct why no_files;
	bool differ;
};

/* The rules in the files. NULL where they are not to be used: *result says whether that is for
 * CTL_NOT_PERMITTED or CTL_RULES_UNUSABLE, `why` why. */
struct ruleset *answers_rules(const struct ctl *ctl, enum ctl_exit *result, struct why *why);

/* set: of answers_rules(). To be let go of with answers_clear(). */
void answers_get(const struct ctl *ctl, const struct question *question, const struct ruleset *set,
    struct answers *answers);
void answers_clear(struct answers *answers);

/* The one that counts: what is in force, or else what the files say; or NULL. */
struct json_object *answers_first(const struct answers *answers);

/* All of it for programs. */
void answers_print_json(const struct answers *answers);

/* "policy" and "who" in lines of their own. */
void answers_print_who(const struct answers *answers);

/* Since when a fence stands, or why nothing is known of that; and what of the files is not in
 * force. */
void answers_print_state(const struct answers *answers);

/* "grant 7 until 14:05, granted by root: TICKET-7", of one of the answer's grants. malloc'd, the
 * caller's; NULL where there is no memory. */
char *answers_say_grant(struct json_object *grant);

/* A line with a label, cleaned and broken as screen.h has it; "denied" and "allowed" in colour. */
void answers_print_text(const char *label, const char *text);

/* The same, and FILE:LINE of `object` at its end, or below it where the screen is too
 * narrow. behind: what follows the place, or NULL. */
void answers_print_line(
    const char *label, const char *text, struct json_object *object, const char *behind);

#endif
