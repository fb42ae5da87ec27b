/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/lint.h"

#include <string.h>

#include "policy/address.h"

/*
 * What a rule can match at most, so coarse that two are compared in no time: of 4,096 rules there
 * are 8 million pairs.
 * able       in which families it can match at all
 * first, last  the eight leading bytes of its lowest and its highest address
 * protocols  a bit for each, modulo 64; all of them for any
 */
struct hull {
	bool able[FAMILIES];
	uint64_t first[FAMILIES];
	uint64_t last[FAMILIES];
	uint64_t protocols;
	bool certain; /* no limit, through which packets would go past it */
};

static uint64_t
leading(const uint8_t address[16])
{
	uint64_t bytes = 0;
	int i;

	for (i = 0; i < 8; i++)
		bytes = bytes << 8 | address[i];
	return bytes;
}

static bool
is_able(const struct rule *rule, enum family family)
{
	uint32_t i;

	for (i = 0; rule->n_to[family] && i < rule->n_what; i++) {
		if (what_in_family(&rule->what[i], family))
			return true;
	}
	return false;
}

static struct hull
hull_of(const struct rule *rule)
{
	struct hull hull = { .certain = !rule->limit.count };
	enum family family;
	uint32_t i;

	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		hull.able[family] = is_able(rule, family);
		if (!hull.able[family])
			continue;
		hull.first[family] = leading(rule->to[family][0].first);
		hull.last[family] = leading(rule->to[family][rule->n_to[family] - 1].last);
	}
	for (i = 0; i < rule->n_what; i++) {
		if (!(rule->n_to[FAMILY_IPV4] && what_in_family(&rule->what[i], FAMILY_IPV4)) &&
		    !(rule->n_to[FAMILY_IPV6] && what_in_family(&rule->what[i], FAMILY_IPV6)))
			continue;
		if (rule->what[i].protocol == WHAT_ANY)
			hull.protocols = UINT64_MAX;
		else
			hull.protocols |= UINT64_C(1) << (rule->what[i].protocol & 63);
	}
	return hull;
}

/* False where `before` surely leaves something to `hull`. */
static bool
may_hide(const struct hull *before, const struct hull *hull)
{
	enum family family;

	if (!before->certain || (hull->protocols & ~before->protocols))
		return false;
	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		if (hull->able[family] &&
		    (!before->able[family] || before->first[family] > hull->first[family] ||
			before->last[family] < hull->last[family]))
			return false;
	}
	return true;
}

/* Both lists are sorted, and the ranges in each apart: one range lies in one of the others. */
static bool
hides_addresses(const struct rule *before, const struct rule *rule, enum family family)
{
	const struct address_range *outer = before->to[family], *inner = rule->to[family];
	const struct address_range *end = outer + before->n_to[family];
	uint32_t i;

	for (i = 0; i < rule->n_to[family]; i++, inner++) {
		while (outer < end && memcmp(outer->last, inner->last, sizeof(inner->last)) < 0)
			outer++;
		if (outer == end || memcmp(outer->first, inner->first, sizeof(inner->first)) > 0)
			return false;
	}
	return true;
}

static bool
hides_ports(const struct what *before, const struct what *what)
{
	uint32_t i, j = 0;

	if (!before->n_ports)
		return true;
	for (i = 0; i < what->n_ports; i++) {
		while (j < before->n_ports && before->ports[j].last < what->ports[i].last)
			j++;
		if (j == before->n_ports || before->ports[j].first > what->ports[i].first)
			return false;
	}
	return what->n_ports > 0;
}

static bool
hides_what(const struct what *before, const struct what *what)
{
	if (before->protocol == WHAT_ANY)
		return true;
	if (before->protocol != what->protocol)
		return false;
	if (before->icmp_type != WHAT_ANY && before->icmp_type != what->icmp_type)
		return false;
	if (before->icmp_code != WHAT_ANY && before->icmp_code != what->icmp_code)
		return false;
	return hides_ports(before, what);
}

static bool
hides_in(const struct rule *before, const struct rule *rule, enum family family)
{
	uint32_t i, j;

	if (!is_able(rule, family))
		return true;
	for (i = 0; i < rule->n_what; i++) {
		if (!what_in_family(&rule->what[i], family))
			continue;
		for (j = 0; j < before->n_what; j++) {
			if (hides_what(&before->what[j], &rule->what[i]))
				break;
		}
		if (j == before->n_what)
			return false;
	}
	return hides_addresses(before, rule, family);
}

bool
lint_hides(const struct rule *before, const struct rule *rule)
{
	if (before->limit.count)
		return false;
	/* It has no address today, and may have one tomorrow. */
	if (!is_able(rule, FAMILY_IPV4) && !is_able(rule, FAMILY_IPV6))
		return false;
	if (before->interface &&
	    (!rule->interface || strcmp(before->interface, rule->interface) != 0))
		return false;
	return hides_in(before, rule, FAMILY_IPV4) && hides_in(before, rule, FAMILY_IPV6);
}

/* Whatever a packet is. */
static bool
takes_everything(const struct rule *rule)
{
	static const uint8_t lowest[16] = { 0 };
	static const uint8_t highest[FAMILIES][16] = {
		{ 255, 255, 255, 255 },
		{ 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255 },
	};
	enum family family;

	if (rule->limit.count || rule->interface || rule->what[0].protocol != WHAT_ANY)
		return false;
	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		if (rule->n_to[family] != 1 ||
		    memcmp(rule->to[family][0].first, lowest, sizeof(lowest)) != 0 ||
		    memcmp(rule->to[family][0].last, highest[family], sizeof(lowest)) != 0)
			return false;
	}
	return true;
}

static bool
same_mark(struct mark one, struct mark other)
{
	return one.source == other.source && one.line == other.line && one.column == other.column;
}

/* The rule after which nothing is left, if others are there; or all of them. */
static uint32_t
find_end(const struct policy *policy)
{
	uint32_t i;

	for (i = 0; i + 1 < policy->n_egress; i++) {
		if (takes_everything(&policy->egress[i]))
			break;
	}
	return i;
}

static const char *
verb(enum action action)
{
	return action == ACTION_ALLOW ? "allows" : action == ACTION_REJECT ? "rejects" : "drops";
}

static int
warn_end(struct reader *reader, const struct policy_draft *draft, uint32_t end)
{
	const struct policy *policy = &draft->policy;
	uint32_t i, n = policy->n_egress;

	/* One that ought to decide otherwise is the better example. */
	for (i = end + 1; i < n && (policy->egress[i].action == ACTION_ALLOW) ==
				       (policy->egress[end].action == ACTION_ALLOW);
	     i++)
		;
	i = i < n ? i : end + 1;
	return report_warning(reader->reporter, draft->marks[end],
	    "this %s everything: no rule below it ever decides, such as the one that %s at %s:%u",
	    verb(policy->egress[end].action), verb(policy->egress[i].action),
	    policy->egress[i].file, policy->egress[i].line);
}

static int
warn_hidden(struct reader *reader, const struct policy_draft *draft, uint32_t rule, uint32_t before)
{
	const struct rule *hidden = &draft->policy.egress[rule];
	const struct rule *other = &draft->policy.egress[before];
	struct mark mark = draft->marks[rule];

	if (strcmp(mark.source->name, hidden->file) == 0 && mark.line == hidden->line)
		return report_warning(reader->reporter, mark,
		    "this rule never decides: the one at %s:%u, which %s, matches all of it before",
		    other->file, other->line, verb(other->action));
	return report_warning(reader->reporter, mark,
	    "included here, the rule of %s:%u never decides: the one at %s:%u, which %s, matches "
	    "all of it before",
	    hidden->file, hidden->line, other->file, other->line, verb(other->action));
}

int
lint_rules(struct reader *reader, const struct policy_draft *draft)
{
	const struct policy *policy = &draft->policy;
	uint32_t n = policy->n_egress, end, i, j;
	struct mark warned = { .source = NULL };
	struct hull *hulls;
	int result = 0;

	if (!draft->marks || n < 2)
		return 0;
	hulls = arena_new_of(reader->arena, n, struct hull);
	if (!hulls)
		return -ENOMEM;
	end = find_end(policy);
	if (end + 1 < n)
		result = warn_end(reader, draft, end);
	for (i = 0; i <= end && i < n; i++) {
		hulls[i] = hull_of(&policy->egress[i]);
		for (j = 0; j < i; j++) {
			if (may_hide(&hulls[j], &hulls[i]) &&
			    !same_mark(draft->marks[j], draft->marks[i]) &&
			    lint_hides(&policy->egress[j], &policy->egress[i]))
				break;
		}
		/* Of the rules that one `include` brings, the first is enough. */
		if (j == i || same_mark(warned, draft->marks[i]))
			continue;
		warned = draft->marks[i];
		result = worse(result, warn_hidden(reader, draft, i, j));
	}
	return result;
}
