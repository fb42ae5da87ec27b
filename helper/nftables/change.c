/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nftables/change.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netlink.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "nftables/declaration.h"
#include "nftables/expression.h"

/* An attribute of elements has at most 64 KiB. */
#define ELEMENTS_MAX 60000

static void __attribute__((format(printf, 2, 3)))
notice(struct change *change, const char *format, ...)
{
	va_list arguments;

	if (change->noticed[0])
		return;
	va_start(arguments, format);
	vsnprintf(change->noticed, sizeof(change->noticed), format, arguments);
	va_end(arguments);
}

static size_t
begin(struct change *change, uint16_t type, uint16_t flags)
{
	change->n++;
	return bytes_begin_message(change->batch, type, flags, ++*change->sequence);
}

static void
finish(const struct change *change, size_t message)
{
	bytes_end_message(change->batch, message);
}

/* ---------------------------------------------------------------- elements */

/* Elements of one set on their way into as few messages as hold them. */
struct elements {
	struct change *change;
	const char *set;
	uint16_t type;
	size_t message; /* where it begins, while `open` */
	size_t list;
	bool open;
};

static void
close_elements(struct elements *elements)
{
	if (!elements->open)
		return;
	bytes_end(elements->change->batch, elements->list);
	finish(elements->change, elements->message);
	elements->open = false;
}

/* to: the chain that it leads to; "": nowhere; NULL: it is no map's, or to go. */
static void
put_element(struct elements *elements, const void *key, uint32_t size, bool is_end, const char *to)
{
	struct bytes *batch = elements->change->batch;
	size_t element, nest;

	if (elements->open && batch->n - elements->list > ELEMENTS_MAX)
		close_elements(elements);
	if (!elements->open) {
		elements->message = begin(elements->change, elements->type,
		    elements->type == NFT_MSG_NEWSETELEM ? NLM_F_CREATE : 0);
		bytes_put_text(batch, NFTA_SET_ELEM_LIST_TABLE, LABEL_TABLE);
		bytes_put_text(batch, NFTA_SET_ELEM_LIST_SET, elements->set);
		elements->list = bytes_begin(batch, NFTA_SET_ELEM_LIST_ELEMENTS);
		elements->open = true;
	}
	element = bytes_begin(batch, NFTA_LIST_ELEM);
	nest = bytes_begin(batch, NFTA_SET_ELEM_KEY);
	bytes_put(batch, NFTA_DATA_VALUE, key, size);
	bytes_end(batch, nest);
	if (to)
		expression_put_goto(batch, NFTA_SET_ELEM_DATA, *to ? to : NULL);
	if (is_end)
		bytes_put_u32(batch, NFTA_SET_ELEM_FLAGS, NFT_SET_ELEM_INTERVAL_END);
	bytes_end(batch, element);
}

/* What ends a range is the next key; nothing, where there is none. */
static bool
next_key(const uint8_t *last, uint8_t *next, uint32_t size)
{
	memcpy(next, last, size);
	while (size--)
		if (++next[size])
			return true;
	return false;
}

static void
put_span(struct elements *elements, const uint8_t *first, const uint8_t *last, uint32_t size,
    const char *to)
{
	uint8_t next[16];

	put_element(elements, first, size, false, to);
	if (next_key(last, next, size))
		put_element(elements, next, size, true, NULL);
}

static void
put_member(struct elements *elements, const struct member *member, const char *to)
{
	const uint32_t first = htonl(member->first), last = htonl(member->last);

	if (member->first < LAYOUT_RANGES)
		put_element(elements, &member->first, sizeof(member->first), false, to);
	else
		put_span(
		    elements, (const uint8_t *)&first, (const uint8_t *)&last, sizeof(first), to);
}

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
		notice(elements->change, "%s %u to %u %s", ranges ? "uids" : "uid",
		    (unsigned int)at->first, (unsigned int)at->last,
		    adding ? "not led to their fence" : "led where they should not be");
		put_member(elements, at, adding ? one->chains[at->chain].name.text : NULL);
	}
	close_elements(elements);
}

/* ---------------------------------------------------------------- steps */

/* What has to be done before the member of `is` can become that of `ought`. */
static enum step
step_of(const struct ruleset *is, const struct member *from, const struct ruleset *ought,
    const struct member *to)
{
	const struct rchain *chain = &ought->chains[to->chain];
	const uint32_t number = ruleset_find_chain(is, chain->name.text);

	if (number == RULESET_NO_CHAIN)
		return STEP_ADD;
	if (from->chain == number || ruleset_same_rules(&is->chains[number], chain))
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

/* Where both lead to chains of one name most often, asking for the step is not cheap. */
enum step
change_step(const struct ruleset *is, const struct ruleset *ought)
{
	enum step step = STEP_ALL, next;
	uint32_t i = 0, j = 0;

	if (is->odd[0] || !is->there || !ought->there)
		return STEP_ALL;
	for (; step != STEP_ADD && next_pair(is, &i, ought, &j); pass_pair(is, &i, ought, &j)) {
		const struct member *from = &is->members[i], *to = &ought->members[j];

		if (from->chain != RULESET_NO_CHAIN && strcmp(is->chains[from->chain].name.text,
							   ought->chains[to->chain].name.text) == 0)
			continue;
		next = step_of(is, from, ought, to);
		if (next < step)
			step = next;
	}
	return step;
}

static void
shut_members(struct change *change, bool ranges, const struct ruleset *is,
    const struct ruleset *ought, uint16_t type)
{
	struct elements elements = {
		.change = change, .set = ranges ? LABEL_RANGES : LABEL_USERS, .type = type
	};
	const struct member *last = NULL;
	uint32_t i = 0, j = 0;

	for (; next_pair(is, &i, ought, &j); pass_pair(is, &i, ought, &j)) {
		const struct member *member = &is->members[i];

		if ((member->first >= LAYOUT_RANGES) != ranges || member == last ||
		    step_of(is, member, ought, &ought->members[j]) != STEP_SHUT)
			continue;
		put_member(&elements, member, type == NFT_MSG_NEWSETELEM ? "" : NULL);
		last = member;
	}
	close_elements(&elements);
}

static void
shut(struct change *change, const struct ruleset *is, const struct ruleset *ought)
{
	shut_members(change, false, is, ought, NFT_MSG_DELSETELEM);
	shut_members(change, false, is, ought, NFT_MSG_NEWSETELEM);
	shut_members(change, true, is, ought, NFT_MSG_DELSETELEM);
	shut_members(change, true, is, ought, NFT_MSG_NEWSETELEM);
}

/* ---------------------------------------------------------------- members */

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

static int
change_members(struct change *change, const struct ruleset *is, const struct ruleset *ought,
    bool ranges, struct why *why)
{
	cleanup_free uint32_t *from = number_chains(is, ought), *to = number_chains(ought, is);
	const char *set = ranges ? LABEL_RANGES : LABEL_USERS;
	struct elements gone = { .change = change, .set = set, .type = NFT_MSG_DELSETELEM };
	struct elements come = { .change = change, .set = set, .type = NFT_MSG_NEWSETELEM };

	if (!from || !to)
		return why_errno(why, ENOMEM, "nftables commit");
	put_members(&gone, ranges, is, ought, from);
	put_members(&come, ranges, ought, is, to);
	return 0;
}

/* ---------------------------------------------------------------- sets, limits, chains */

static void
add_set(struct change *change, const struct rset *set, uint32_t id)
{
	struct elements elements = {
		.change = change, .set = set->name.text, .type = NFT_MSG_NEWSETELEM
	};
	const uint32_t size = declaration_key_size(set->kind);
	size_t message = begin(change, NFT_MSG_NEWSET, NLM_F_CREATE);
	uint32_t i;

	declaration_put_set(change->batch, &set->name, set->kind, id);
	finish(change, message);
	for (i = 0; i < set->n; i++)
		put_span(&elements, set->spans[i].first, set->spans[i].last, size, NULL);
	close_elements(&elements);
}

static void
add_sets(struct change *change, const struct ruleset *is, const struct ruleset *ought)
{
	uint32_t i, j = 0;

	for (i = 0; i < ought->n_sets; i++) {
		while (
		    j < is->n_sets && strcmp(is->sets[j].name.text, ought->sets[i].name.text) < 0)
			j++;
		if (j < is->n_sets && !strcmp(is->sets[j].name.text, ought->sets[i].name.text))
			continue;
		notice(change, "set %s is gone", ought->sets[i].name.text);
		add_set(change, &ought->sets[i], i + 1);
	}
}

static void
add_limits(struct change *change, const struct ruleset *is, const struct ruleset *ought)
{
	uint32_t i, j = 0;
	size_t message;

	for (i = 0; i < ought->n_limits; i++) {
		while (j < is->n_limits && strcmp(is->limits[j].text, ought->limits[i].text) < 0)
			j++;
		if (j < is->n_limits && !strcmp(is->limits[j].text, ought->limits[i].text))
			continue;
		notice(change, "limit %s is gone", ought->limits[i].text);
		message = begin(change, NFT_MSG_NEWOBJ, NLM_F_CREATE);
		declaration_put_limit(change->batch, &ought->limits[i]);
		finish(change, message);
	}
}

static void
add_chains(struct change *change, const struct ruleset *is, const struct ruleset *ought)
{
	uint32_t i;
	size_t message;

	for (i = 0; i < ought->n_chains; i++) {
		if (ruleset_find_chain(is, ought->chains[i].name.text) != RULESET_NO_CHAIN)
			continue;
		notice(change, "chain %s is gone", ought->chains[i].name.text);
		message = begin(change, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
		declaration_put_chain(change->batch, &ought->chains[i].name, ought->chains[i].base);
		finish(change, message);
	}
}

static void
put_rules(struct change *change, const struct rchain *chain)
{
	const uint8_t *at = chain->rules.data, *end = at ? at + chain->rules.n : at;
	struct nlattr head;
	size_t message, size;

	for (; at < end; at += size) {
		memcpy(&head, at, sizeof(head));
		size = NLA_ALIGN(head.nla_len);
		message = begin(change, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
		bytes_put_text(change->batch, NFTA_RULE_TABLE, LABEL_TABLE);
		bytes_put_text(change->batch, NFTA_RULE_CHAIN, chain->name.text);
		bytes_append(change->batch, at, size);
		finish(change, message);
	}
}

static void
empty(struct change *change, const struct label *name)
{
	size_t message = begin(change, NFT_MSG_DELRULE, 0);

	bytes_put_text(change->batch, NFTA_RULE_TABLE, LABEL_TABLE);
	bytes_put_text(change->batch, NFTA_RULE_CHAIN, name->text);
	finish(change, message);
}

/* Rules lead to chains, and go by sets, that are all there by now. fresh: of chains that are new
 * only. */
static void
change_rules(
    struct change *change, const struct ruleset *is, const struct ruleset *ought, bool fresh)
{
	uint32_t i, number;

	for (i = 0; i < ought->n_chains; i++) {
		const struct rchain *chain = &ought->chains[i];

		number = ruleset_find_chain(is, chain->name.text);
		if (number != RULESET_NO_CHAIN) {
			if (fresh || ruleset_same_rules(&is->chains[number], chain))
				continue;
			notice(change, "chain %s does not hold what it ought to", chain->name.text);
			empty(change, &chain->name);
		}
		put_rules(change, chain);
	}
}

/* A chain can go when nothing leads there any more, and so all are emptied first. */
static void
remove_chains(struct change *change, const struct ruleset *is, const struct ruleset *ought)
{
	uint32_t i;
	int pass;
	size_t message;

	for (pass = 0; pass < 2; pass++) {
		for (i = 0; i < is->n_chains; i++) {
			const struct label *name = &is->chains[i].name;

			if (ruleset_find_chain(ought, name->text) != RULESET_NO_CHAIN)
				continue;
			notice(change, "chain %s should not be there", name->text);
			if (pass == 0) {
				empty(change, name);
				continue;
			}
			message = begin(change, NFT_MSG_DELCHAIN, 0);
			bytes_put_text(change->batch, NFTA_CHAIN_TABLE, LABEL_TABLE);
			bytes_put_text(change->batch, NFTA_CHAIN_NAME, name->text);
			finish(change, message);
		}
	}
}

static void
remove_sets(struct change *change, const struct ruleset *is, const struct ruleset *ought)
{
	uint32_t i, j = 0;
	size_t message;

	for (i = 0; i < is->n_sets; i++) {
		const struct label *name = &is->sets[i].name;

		while (j < ought->n_sets && strcmp(ought->sets[j].name.text, name->text) < 0)
			j++;
		if (j < ought->n_sets && !strcmp(ought->sets[j].name.text, name->text))
			continue;
		notice(change, "set %s should not be there", name->text);
		message = begin(change, NFT_MSG_DELSET, 0);
		bytes_put_text(change->batch, NFTA_SET_TABLE, LABEL_TABLE);
		bytes_put_text(change->batch, NFTA_SET_NAME, name->text);
		finish(change, message);
	}
}

static void
remove_limits(struct change *change, const struct ruleset *is, const struct ruleset *ought)
{
	uint32_t i, j = 0;
	size_t message;

	for (i = 0; i < is->n_limits; i++) {
		const struct label *name = &is->limits[i];

		while (j < ought->n_limits && strcmp(ought->limits[j].text, name->text) < 0)
			j++;
		if (j < ought->n_limits && !strcmp(ought->limits[j].text, name->text))
			continue;
		notice(change, "limit %s should not be there", name->text);
		message = begin(change, NFT_MSG_DELOBJ, 0);
		bytes_put_text(change->batch, NFTA_OBJ_TABLE, LABEL_TABLE);
		bytes_put_text(change->batch, NFTA_OBJ_NAME, name->text);
		bytes_put_u32(change->batch, NFTA_OBJ_TYPE, NFT_OBJECT_LIMIT);
		finish(change, message);
	}
}

/* ---------------------------------------------------------------- the table */

static void
put_table(struct change *change, uint16_t type)
{
	size_t message = begin(change, type, type == NFT_MSG_NEWTABLE ? NLM_F_CREATE : 0);

	if (type == NFT_MSG_NEWTABLE)
		declaration_put_table(change->batch);
	else
		bytes_put_text(change->batch, NFTA_TABLE_NAME, LABEL_TABLE);
	finish(change, message);
}

/* What of one name is there, but is something else, cannot be changed into what it ought to be. */
static void
compare_kinds(struct change *change, const struct ruleset *is, const struct ruleset *ought)
{
	uint32_t i, j = 0, number;

	for (i = 0; i < ought->n_sets; i++) {
		const struct rset *set = &ought->sets[i];

		while (j < is->n_sets && strcmp(is->sets[j].name.text, set->name.text) < 0)
			j++;
		if (j == is->n_sets || strcmp(is->sets[j].name.text, set->name.text) != 0)
			continue;
		if (is->sets[j].kind != set->kind || !ruleset_same_spans(&is->sets[j], set))
			notice(change, "set %s does not hold what it ought to", set->name.text);
	}
	for (i = 0; i < ought->n_chains; i++) {
		number = ruleset_find_chain(is, ought->chains[i].name.text);
		if (number != RULESET_NO_CHAIN && is->chains[number].base != ought->chains[i].base)
			notice(change, "chain %s is another kind of chain",
			    ought->chains[i].name.text);
	}
}

int
change_make(struct change *change, const struct ruleset *is, const struct ruleset *ought,
    enum step step, struct why *why)
{
	static const struct ruleset none;
	int error = 0;

	change->n = 0;
	change->noticed[0] = '\0';
	if (is->there && !ought->there)
		notice(change, "the table inet %s should not be there", LABEL_TABLE);
	if (is->odd[0])
		notice(change, "%s", is->odd);
	if (is->there && ought->there)
		compare_kinds(change, is, ought);
	if (is->there && change->noticed[0]) {
		put_table(change, NFT_MSG_DELTABLE);
		is = &none;
	}
	if (!ought->there)
		return change->batch->failed ? why_errno(why, ENOMEM, "nftables commit") : 0;
	if (!is->there) {
		notice(change, "the table inet %s is gone", LABEL_TABLE);
		put_table(change, NFT_MSG_NEWTABLE);
	}
	add_limits(change, is, ought);
	add_sets(change, is, ought);
	add_chains(change, is, ought);
	change_rules(change, is, ought, step < STEP_RULES);
	if (step == STEP_SHUT)
		shut(change, is, ought);
	if (step == STEP_ALL) {
		error = change_members(change, is, ought, false, why);
		if (!error)
			error = change_members(change, is, ought, true, why);
		remove_chains(change, is, ought);
		remove_sets(change, is, ought);
		remove_limits(change, is, ought);
	}
	if (!error && change->batch->failed)
		error = why_errno(why, ENOMEM, "nftables commit");
	return error;
}
