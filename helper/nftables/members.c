/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nftables/members.h"

#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "nftables/declaration.h"
#include "nftables/elements.h"

/* ---------------------------------------------------------------- steps */

/* Whether a chain that is in force stays, with other rules. Chains lead to chains, so for whoever
 * goes from one to another any of them counts, but for the first, which all are led by. */
static bool
rules_change(const struct ruleset *is, const struct ruleset *ought)
{
	uint32_t i, number;

	for (i = 1; i < ought->n_chains; i++) {
		number = ruleset_find_chain(is, ought->chains[i].name.text);
		if (number != RULESET_NO_CHAIN &&
		    !ruleset_same_rules(&is->chains[number], &ought->chains[i]))
			return true;
	}
	return false;
}

/* What has to be done before the member of `is` can become that of `ought`. */
static enum step
step_of(const struct ruleset *is, const struct member *from, const struct ruleset *ought,
    const struct member *to, bool change)
{
	const uint32_t number = ruleset_find_chain(is, ought->chains[to->chain].name.text);

	if (number == RULESET_NO_CHAIN)
		return STEP_ADD;
	if (from->chain == number || !change)
		return STEP_ALL;
	return from->chain == RULESET_NO_CHAIN ? STEP_RULES : STEP_SHUT;
}

/* The members of both that have uids in common, in order. */
static bool
next_pair(const struct ruleset *is, uint32_t *i, const struct ruleset *ought, uint32_t *j)
{
	while (*i < is->n_members && *j < ought->n_members) {
		if (is->members[*i].last < ought->members[*j].first)
			++*i;
		else if (ought->members[*j].last < is->members[*i].first)
			++*j;
		else
			return true;
	}
	return false;
}

static void
pass_pair(const struct ruleset *is, uint32_t *i, const struct ruleset *ought, uint32_t *j)
{
	if (is->members[*i].last < ought->members[*j].last)
		++*i;
	else
		++*j;
}

/* Whether everybody is led by a map that is not the one that it ought to be, as far as one can
 * tell: the first chain has to change, and there is another map. */
static bool
moves(const struct ruleset *is, const struct ruleset *ought)
{
	const uint32_t base = ruleset_find_chain(is, LABEL_BASE);
	bool others = false;
	uint32_t i;

	for (i = 0; i < is->n_sets; i++)
		others |= nset_is_users(is->sets[i].kind) && is->sets[i].kind != ought->users;
	return others && base != RULESET_NO_CHAIN &&
	       !ruleset_same_rules(&is->chains[base], &ought->chains[0]);
}

/* Whether a set is to come that is told late what it holds. */
static bool
misses_ranges(const struct ruleset *is, const struct ruleset *ought)
{
	uint32_t i;

	for (i = 0; i < ought->n_sets; i++)
		if (declaration_is_interval(ought->sets[i].kind) &&
		    !ruleset_find_set(is, ought->sets[i].name.text))
			return true;
	return false;
}

/* Where both lead to chains of one name most often, asking for the step is not cheap. */
enum step
nchange_step(const struct ruleset *is, const struct ruleset *ought)
{
	enum step step = STEP_ALL, next;
	uint32_t i = 0, j = 0;
	bool change, move;

	if (is->odd[0] || !is->there || !ought->there || is->chains == ought->chains)
		return STEP_ALL;
	change = rules_change(is, ought);
	move = moves(is, ought);
	if ((change || move) && misses_ranges(is, ought))
		return STEP_ADD;
	for (; step != STEP_ADD && next_pair(is, &i, ought, &j); pass_pair(is, &i, ought, &j)) {
		const struct member *from = &is->members[i], *to = &ought->members[j];

		if (from->chain != RULESET_NO_CHAIN && strcmp(is->chains[from->chain].name.text,
							   ought->chains[to->chain].name.text) == 0)
			continue;
		next = step_of(is, from, ought, to, change);
		if (next < step)
			step = next;
	}
	return step > STEP_SHUT && move ? STEP_MOVE : step;
}

static void
shut_members(struct change *change, bool ranges, const struct ruleset *is,
    const struct ruleset *ought, uint16_t type)
{
	const struct label users = nset_users_label(ought->users);
	struct elements elements = {
		.change = change, .set = ranges ? LABEL_RANGES : users.text, .type = type
	};
	const struct member *last = NULL;
	uint32_t i = 0, j = 0;

	for (; next_pair(is, &i, ought, &j); pass_pair(is, &i, ought, &j)) {
		const struct member *member = &is->members[i];

		if ((member->first >= LAYOUT_RANGES) != ranges || member == last ||
		    step_of(is, member, ought, &ought->members[j], true) != STEP_SHUT)
			continue;
		elements_put_member(&elements, member, type == NFT_MSG_NEWSETELEM ? "" : NULL);
		last = member;
	}
	elements_end(&elements);
}

void
members_shut(struct change *change, const struct ruleset *is, const struct ruleset *ought)
{
	shut_members(change, false, is, ought, NFT_MSG_DELSETELEM);
	shut_members(change, false, is, ought, NFT_MSG_NEWSETELEM);
	shut_members(change, true, is, ought, NFT_MSG_DELSETELEM);
	shut_members(change, true, is, ought, NFT_MSG_NEWSETELEM);
}

/* ---------------------------------------------------------------- what differs */

/*
 * Walks members of both, in order of their uids, and puts those into the map that are in it and
 * only in `one`, or lead elsewhere there than in `other`. numbers[chain of one] is what that chain
 * is to the other.
 */
static void
put_members(struct elements *elements, bool ranges, const struct ruleset *one,
    const struct ruleset *other, const uint32_t *numbers)
{
	const bool adding = elements->type == NFT_MSG_NEWSETELEM;
	const struct member *at = one->members, *end = at ? at + one->n_members : at;
	const struct member *there = other->members,
			    *last = there ? there + other->n_members : there;

	for (; at < end; at++) {
		if ((at->first >= LAYOUT_RANGES) != ranges)
			continue;
		while (there < last && there->first < at->first)
			there++;
		if (there < last && there->first == at->first && there->last == at->last &&
		    at->chain != RULESET_NO_CHAIN && there->chain == numbers[at->chain])
			continue;
		nchange_notice(elements->change, "%s %u to %u %s", ranges ? "uids" : "uid",
		    (unsigned int)at->first, (unsigned int)at->last,
		    adding ? "not led to their fence" : "led where they should not be");
		elements_put_member(elements, at, adding ? one->chains[at->chain].name.text : NULL);
	}
	elements_end(elements);
}

/* What the chains of `one` are among those of `other`. */
static uint32_t *
number_chains(const struct ruleset *one, const struct ruleset *other)
{
	uint32_t *numbers = calloc((size_t)one->n_chains + 1, sizeof(*numbers));
	uint32_t i;

	for (i = 0; numbers && i < one->n_chains; i++) {
		numbers[i] = ruleset_find_chain(other, one->chains[i].name.text);
		/* None is like no other one, too. */
		if (numbers[i] == RULESET_NO_CHAIN)
			numbers[i]--;
	}
	return numbers;
}

/* Where the map of users leads all whom it does not have. */
static void
change_rest(struct change *change, const struct ruleset *is, const struct ruleset *ought)
{
	const struct label users = nset_users_label(ought->users);
	struct elements elements = {
		.change = change, .set = users.text, .type = NFT_MSG_DELSETELEM
	};
	const char *to = ought->chains[ought->rest].name.text;

	if (is->rest_there && is->rest != RULESET_NO_CHAIN &&
	    strcmp(is->chains[is->rest].name.text, to) == 0)
		return;
	nchange_notice(change, "uids without a fence of their own are not led to those of ranges");
	if (is->rest_there)
		elements_put_rest(&elements, NULL);
	elements_end(&elements);
	elements.type = NFT_MSG_NEWSETELEM;
	elements_put_rest(&elements, to);
	elements_end(&elements);
}

int
members_change(struct change *change, bool ranges, const struct ruleset *is,
    const struct ruleset *ought, struct why *why)
{
	cleanup_free uint32_t *from = number_chains(is, ought), *to = number_chains(ought, is);
	const struct label users = nset_users_label(ought->users);
	const char *set = ranges ? LABEL_RANGES : users.text;
	struct elements gone = { .change = change, .set = set, .type = NFT_MSG_DELSETELEM };
	struct elements come = { .change = change, .set = set, .type = NFT_MSG_NEWSETELEM };

	if (!from || !to)
		return why_errno(why, ENOMEM, "nftables commit");
	put_members(&gone, ranges, is, ought, from);
	put_members(&come, ranges, ought, is, to);
	if (!ranges)
		change_rest(change, is, ought);
	return 0;
}
