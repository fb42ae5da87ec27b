/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "explain/explain.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verdict/words.h"

static bool
is_what(const struct rule *rule, const struct packet *packet)
{
	uint32_t i;

	for (i = 0; i < rule->n_what; i++) {
		if (verdict_is_what(&rule->what[i], packet))
			return true;
	}
	return false;
}

static bool
has_protocol(const struct rule *rule, const struct packet *packet)
{
	uint32_t i;

	for (i = 0; i < rule->n_what; i++) {
		if (rule->what[i].protocol == packet->protocol)
			return true;
	}
	return false;
}

/* False where it missed in more than one way, or where there is nothing near about it: a rule of
 * another protocol to everywhere. */
static bool
nearly_matches(const struct rule *rule, const struct packet *packet, enum explain_miss *miss)
{
	bool there =
	    verdict_in_ranges(rule->to[packet->family], rule->n_to[packet->family], packet->to);
	bool what = is_what(rule, packet);
	bool through = !rule->interface ||
		       (packet->interface && strcmp(rule->interface, packet->interface) == 0);

	if (there + what + through != 2)
		return false;
	*miss = !through                     ? MISS_INTERFACE
		: !there                     ? MISS_DESTINATION
		: has_protocol(rule, packet) ? MISS_PORT
					     : MISS_PROTOCOL;
	return *miss != MISS_PROTOCOL || !words_is_everywhere(rule->n_to, rule->to);
}

/* Keeps the list sorted by nearness, the earlier rule first where two are as near. */
static void
add_near(struct explanation *explanation, const struct rule *rule, enum explain_miss miss)
{
	uint32_t at = explanation->n_near;

	while (at && explanation->near[at - 1].miss > miss)
		at--;
	if (at == EXPLAIN_NEAR_MAX)
		return;
	if (explanation->n_near < EXPLAIN_NEAR_MAX)
		explanation->n_near++;
	memmove(&explanation->near[at + 1], &explanation->near[at],
	    (explanation->n_near - at - 1) * sizeof(*explanation->near));
	explanation->near[at] = (struct explain_near){ rule, miss };
}

static void
find_near(const struct policy *policy, const struct packet *packet, struct explanation *explanation)
{
	const struct verdict *verdict = &explanation->verdict;
	bool allowed = verdict->action == ACTION_ALLOW;
	const struct rule *rule = policy->egress, *end = verdict->rule;
	enum explain_miss miss;

	if (verdict->by == VERDICT_BY_DEFAULT)
		end = policy->egress + policy->n_egress;
	else if (verdict->by != VERDICT_BY_RULE)
		return;
	for (; rule < end; rule++) {
		if ((rule->action == ACTION_ALLOW) != allowed &&
		    nearly_matches(rule, packet, &miss))
			add_near(explanation, rule, miss);
	}
}

/*
 * TCP's connect() does not see that netfilter stopped the SYN; it is told by the ICMP answer of a
 * REJECT, to the next SYN after a second: "admin-prohibited" is EHOSTUNREACH in IPv4, EACCES in
 * IPv6. A DROP tells it nothing, until it has tried for long enough. Every other protocol gets
 * netfilter's EPERM from sendto(), from a DROP too. SCTP keeps such errors to itself.
 */
static void
find_sees(const struct packet *packet, enum action action, struct explanation *explanation)
{
	if (packet->protocol == IPPROTO_SCTP)
		return;
	if (packet->protocol != IPPROTO_TCP) {
		explanation->sees = "Operation not permitted";
	} else if (action == ACTION_DROP) {
		explanation->sees = "Connection timed out";
		explanation->late = true;
	} else {
		explanation->sees =
		    packet->family == FAMILY_IPV4 ? "No route to host" : "Permission denied";
	}
}

void
explain_packet(
    const struct policy *policy, const struct packet *packet, struct explanation *explanation)
{
	struct verdict *verdict = &explanation->verdict;

	*explanation = (struct explanation){ .allowed = true };
	verdict->by = VERDICT_BY_DEFAULT;
	if (!policy)
		return;
	*verdict = verdict_within(policy, packet);
	if (verdict->by == VERDICT_BY_RULE && verdict->rule->limit.count) {
		explanation->limited = true;
		explanation->beyond = verdict_beyond(policy, packet, verdict->rule);
	}
	explanation->allowed = verdict->action == ACTION_ALLOW || policy->mode == POLICY_OBSERVE;
	if (!explanation->allowed)
		find_sees(packet, verdict->action, explanation);
	find_near(policy, packet, explanation);
}

const char *
explain_reason(enum who_reason reason)
{
	static const char *const words[] = {
		[WHO_ROOT] = "root",
		[WHO_EXEMPT_USER] = "exempt-user",
		[WHO_EXEMPT_GROUP] = "exempt-group",
		[WHO_USER] = "user",
		[WHO_GROUP] = "group",
		[WHO_OTHERS] = "others",
		[WHO_NOBODY] = "nobody",
	};

	return words[reason];
}

static bool
is_member(const struct explain_subject *subject, const char *group)
{
	size_t i;

	for (i = 0; i < subject->n_groups; i++) {
		if (subject->groups[i] && strcmp(subject->groups[i], group) == 0)
			return true;
	}
	return false;
}

/* The groups with a policy that the user is in beside the one that decides; those that come first
 * in the list decide first. */
static void
say_other_groups(
    FILE *stream, const struct who *who, const struct explain_subject *subject, const char *but)
{
	uint32_t i, said = 0;

	for (i = 0; i < who->n_groups; i++) {
		if ((!but || strcmp(who->groups[i].name, but) != 0) &&
		    is_member(subject, who->groups[i].name))
			fprintf(
			    stream, "%s%s", said++ ? ", " : "; comes before ", who->groups[i].name);
	}
}

static void
say_who(FILE *stream, const struct who *who, const struct explain_subject *subject)
{
	const struct who_answer answer =
	    who_match(who, subject->user, subject->uid, subject->groups, subject->n_groups);

	switch (answer.reason) {
	case WHO_ROOT:
		fprintf(stream, "%s is uid 0, which is never fenced", subject->user);
		break;
	case WHO_EXEMPT_USER:
		fprintf(stream, "%s is exempt", subject->user);
		break;
	case WHO_EXEMPT_GROUP:
		fprintf(stream, "%s is in %s, which is exempt", subject->user, answer.name);
		break;
	case WHO_USER:
		fprintf(stream, "%s has an own entry; not exempt", subject->user);
		say_other_groups(stream, who, subject, NULL);
		break;
	case WHO_GROUP:
		fprintf(
		    stream, "%s is in %s; no own entry, not exempt", subject->user, answer.name);
		say_other_groups(stream, who, subject, answer.name);
		break;
	case WHO_OTHERS:
		fprintf(stream,
		    "%s is one of the others: no own entry, no group with one, not exempt",
		    subject->user);
		break;
	case WHO_NOBODY:
		fprintf(stream, "%s is free: no own entry, no group with one, %s", subject->user,
		    who->others ? "no account that 'others' takes" : "no 'others'");
		break;
	}
}

char *
explain_who(const struct who *who, const struct explain_subject *subject)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		return NULL;
	say_who(stream, who, subject);
	if (fclose(stream) == 0)
		return text;
	free(text);
	return NULL;
}
