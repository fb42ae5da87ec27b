/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nftables/change.h"

#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netlink.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "nftables/declaration.h"
#include "nftables/elements.h"
#include "nftables/members.h"

void
nchange_notice(struct change *change, const char *format, ...)
{
	va_list arguments;

	if (change->noticed[0])
		return;
	va_start(arguments, format);
	vsnprintf(change->noticed, sizeof(change->noticed), format, arguments);
	va_end(arguments);
}

size_t
nchange_begin(struct change *change, uint16_t type, uint16_t flags)
{
	change->n++;
	return bytes_begin_message(change->batch, type, flags, ++*change->sequence);
}

void
nchange_end(const struct change *change, size_t message)
{
	bytes_end_message(change->batch, message);
}

/* ---------------------------------------------------------------- sets, limits, chains */

static void
add_set(struct change *change, const struct rset *set, uint32_t id)
{
	struct elements elements = {
		.change = change, .set = set->name.text, .type = NFT_MSG_NEWSETELEM
	};
	const uint32_t size = declaration_key_size(set->kind);
	size_t message = nchange_begin(change, NFT_MSG_NEWSET, NLM_F_CREATE);
	uint32_t i;

	declaration_put_set(change->batch, &set->name, set->kind, id);
	nchange_end(change, message);
	for (i = 0; i < set->n; i++)
		elements_put_span(&elements, set->spans[i].first, set->spans[i].last, size, NULL);
	elements_end(&elements);
}

static void
add_sets(struct change *change, const struct ruleset *is, const struct ruleset *ought)
{
	uint32_t i;

	for (i = 0; i < ought->n_sets; i++) {
		if (ruleset_find_set(is, ought->sets[i].name.text))
			continue;
		nchange_notice(change, "set %s is gone", ought->sets[i].name.text);
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
		nchange_notice(change, "limit %s is gone", ought->limits[i].text);
		message = nchange_begin(change, NFT_MSG_NEWOBJ, NLM_F_CREATE);
		declaration_put_limit(change->batch, &ought->limits[i]);
		nchange_end(change, message);
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
		nchange_notice(change, "chain %s is gone", ought->chains[i].name.text);
		message = nchange_begin(change, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
		declaration_put_chain(change->batch, &ought->chains[i].name, ought->chains[i].base);
		nchange_end(change, message);
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
		message = nchange_begin(change, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
		bytes_put_text(change->batch, NFTA_RULE_TABLE, LABEL_TABLE);
		bytes_put_text(change->batch, NFTA_RULE_CHAIN, chain->name.text);
		bytes_append(change->batch, at, size);
		nchange_end(change, message);
	}
}

static void
empty(struct change *change, const struct label *name)
{
	size_t message = nchange_begin(change, NFT_MSG_DELRULE, 0);

	bytes_put_text(change->batch, NFTA_RULE_TABLE, LABEL_TABLE);
	bytes_put_text(change->batch, NFTA_RULE_CHAIN, name->text);
	nchange_end(change, message);
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
			nchange_notice(
			    change, "chain %s does not hold what it ought to", chain->name.text);
			empty(change, &chain->name);
		}
		put_rules(change, chain);
	}
}

static void
empty_chains(struct change *change, const struct ruleset *is, const struct ruleset *ought)
{
	uint32_t i;

	for (i = 0; i < is->n_chains; i++) {
		const struct label *name = &is->chains[i].name;

		if (ruleset_find_chain(ought, name->text) != RULESET_NO_CHAIN)
			continue;
		nchange_notice(change, "chain %s should not be there", name->text);
		empty(change, name);
	}
}

static void
remove_chains(struct change *change, const struct ruleset *is, const struct ruleset *ought)
{
	uint32_t i;
	size_t message;

	for (i = 0; i < is->n_chains; i++) {
		if (ruleset_find_chain(ought, is->chains[i].name.text) != RULESET_NO_CHAIN)
			continue;
		message = nchange_begin(change, NFT_MSG_DELCHAIN, 0);
		bytes_put_text(change->batch, NFTA_CHAIN_TABLE, LABEL_TABLE);
		bytes_put_text(change->batch, NFTA_CHAIN_NAME, is->chains[i].name.text);
		nchange_end(change, message);
	}
}

/* All elements of a map that is to go: with older kernels a chain that they lead to cannot go in
 * the same batch else. */
static void
empty_map(struct change *change, const struct label *name)
{
	size_t message = nchange_begin(change, NFT_MSG_DELSETELEM, 0);

	bytes_put_text(change->batch, NFTA_SET_ELEM_LIST_TABLE, LABEL_TABLE);
	bytes_put_text(change->batch, NFTA_SET_ELEM_LIST_SET, name->text);
	nchange_end(change, message);
}

static void
remove_sets(struct change *change, const struct ruleset *is, const struct ruleset *ought)
{
	uint32_t i;
	size_t message;

	for (i = 0; i < is->n_sets; i++) {
		const struct label *name = &is->sets[i].name;

		if (ruleset_find_set(ought, name->text))
			continue;
		nchange_notice(change, "set %s should not be there", name->text);
		if (nset_is_users(is->sets[i].kind))
			empty_map(change, name);
		message = nchange_begin(change, NFT_MSG_DELSET, 0);
		bytes_put_text(change->batch, NFTA_SET_TABLE, LABEL_TABLE);
		bytes_put_text(change->batch, NFTA_SET_NAME, name->text);
		nchange_end(change, message);
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
		nchange_notice(change, "limit %s should not be there", name->text);
		message = nchange_begin(change, NFT_MSG_DELOBJ, 0);
		bytes_put_text(change->batch, NFTA_OBJ_TABLE, LABEL_TABLE);
		bytes_put_text(change->batch, NFTA_OBJ_NAME, name->text);
		bytes_put_u32(change->batch, NFTA_OBJ_TYPE, NFT_OBJECT_LIMIT);
		nchange_end(change, message);
	}
}

/* ---------------------------------------------------------------- the table */

static void
put_table(struct change *change, uint16_t type)
{
	size_t message = nchange_begin(change, type, type == NFT_MSG_NEWTABLE ? NLM_F_CREATE : 0);

	if (type == NFT_MSG_NEWTABLE)
		declaration_put_table(change->batch);
	else
		bytes_put_text(change->batch, NFTA_TABLE_NAME, LABEL_TABLE);
	nchange_end(change, message);
}

/* What of one name is there, but is something else, cannot be changed into what it ought to be. */
static void
compare_kinds(struct change *change, const struct ruleset *is, const struct ruleset *ought)
{
	uint32_t i, number;

	for (i = 0; i < ought->n_sets; i++) {
		const struct rset *set = &ought->sets[i];
		const struct rset *found = ruleset_find_set(is, set->name.text);

		if (found && (found->kind != set->kind || !ruleset_same_spans(found, set)))
			nchange_notice(
			    change, "set %s does not hold what it ought to", set->name.text);
	}
	if (nlayout_count_users(is->members, is->n_members) +
		nlayout_count_users(ought->members, ought->n_members) >
	    declaration_room(ought->users))
		nchange_notice(change, "map %s holds more than it ought to",
		    nset_users_label(ought->users).text);
	for (i = 0; i < ought->n_chains; i++) {
		number = ruleset_find_chain(is, ought->chains[i].name.text);
		if (number != RULESET_NO_CHAIN && is->chains[number].base != ought->chains[i].base)
			nchange_notice(change, "chain %s is another kind of chain",
			    ought->chains[i].name.text);
	}
}

int
nchange_make(struct change *change, const struct ruleset *is, const struct ruleset *ought,
    enum step step, struct why *why)
{
	static const struct ruleset none;
	int error = 0;

	change->n = 0;
	change->noticed[0] = '\0';
	if (is->there && !ought->there)
		nchange_notice(change, "the table inet %s should not be there", LABEL_TABLE);
	if (is->odd[0])
		nchange_notice(change, "%s", is->odd);
	if (is->there && ought->there)
		compare_kinds(change, is, ought);
	if (is->there && change->noticed[0]) {
		put_table(change, NFT_MSG_DELTABLE);
		is = &none;
		step = STEP_ALL;
	}
	if (!ought->there)
		return change->batch->failed ? why_errno(why, ENOMEM, "nftables commit") : 0;
	if (!is->there) {
		nchange_notice(change, "the table inet %s is gone", LABEL_TABLE);
		put_table(change, NFT_MSG_NEWTABLE);
	}
	add_limits(change, is, ought);
	add_sets(change, is, ought);
	add_chains(change, is, ought);
	change_rules(change, is, ought, step < STEP_RULES);
	if (step == STEP_SHUT)
		members_shut(change, is, ought);
	if (step >= STEP_MOVE)
		error = members_change(change, false, is, ought, why);
	if (step == STEP_ALL) {
		if (!error)
			error = members_change(change, true, is, ought, why);
		empty_chains(change, is, ought);
		remove_sets(change, is, ought);
		remove_chains(change, is, ought);
		remove_limits(change, is, ought);
	}
	if (!error && change->batch->failed)
		error = why_errno(why, ENOMEM, "nftables commit");
	return error;
}
