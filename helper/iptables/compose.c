/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iptables/compose.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/room.h"
#include "iptables/dispatch.h"
#include "iptables/index.h"

/* A chain that is not in the new table. */
#define GONE UINT32_MAX

/* A rule of the new table whose verdict is to become where a chain begins. */
struct jump {
	uint32_t offset;
	uint32_t chain;
};

/*
 * Chains of the new table are named by numbers: those of the old table by theirs, the layout's by
 * the number of the old table's chains and theirs.
 * became  for each chain of the old table, the chain that it is now, or GONE
 * was     for each of the layout's, the old table's of that name, or INDEX_NONE
 * first   for each number, where that chain begins in the new table
 */
struct work {
	const struct xtable *old;
	const struct layout *layout;
	struct composed *out;
	struct entry owners[KRULE_GAPS + 1]; /* some owner rules, by how many gaps they have */
	struct entry anybody;                /* a dispatch rule for whoever comes */
	struct index names;                  /* of the layout's chains */
	uint32_t *became;
	uint32_t *was;
	uint32_t *first;
	struct jump *jumps;
	uint32_t n_jumps;
	uint32_t jumps_room;
	uint32_t root; /* which of the layout's chains the gate leads to */
	bool ours_done;
};

static bool
note(struct work *work, const char *name, const char *words)
{
	if (!work->out->differs)
		why_set(&work->out->first, EUCLEAN, "%s %s", name, words);
	work->out->differs = true;
	return true;
}

/* ---------------------------------------------------------------- where rules lead */

/* The chain of the old table that a rule of it leads to, or GONE: it leads to none. A standard
 * target that leads to the next rule is a rule without a target. */
static uint32_t
leads_to(const struct xtable *old, uint32_t offset)
{
	uint32_t low = 0, high = old->n_chains, middle;
	int32_t verdict;

	if (xtable_target_name(old, offset)[0])
		return GONE;
	verdict = xtable_verdict(old, offset);
	if (verdict < 0 || (uint32_t)verdict == offset + xtable_entry_size(old, offset))
		return GONE;
	while (low < high) {
		middle = low + (high - low) / 2;
		if (old->chains[middle].first == (uint32_t)verdict)
			return middle;
		if (old->chains[middle].first < (uint32_t)verdict)
			low = middle + 1;
		else
			high = middle;
	}
	return GONE;
}

static bool
is_output(const struct xtable_chain *chain)
{
	return chain->hook != XTABLE_HOOKS && strcmp(chain->name, OUTPUT_CHAIN) == 0;
}

/* Whether a rule is a jump of ours in OUTPUT: whatever else it says, it is nobody else's. */
static bool
is_our_jump(const struct xtable *old, const struct xtable_chain *chain, uint32_t offset)
{
	uint32_t target;

	if (!is_output(chain))
		return false;
	target = leads_to(old, offset);
	return target != GONE && strcmp(old->chains[target].name, CHAIN_PREFIX) == 0;
}

/* Stale chains of ours that others' rules lead to. */
static void
find_kept(struct work *work)
{
	const struct xtable *old = work->old;
	const struct xtable_chain *chain;
	uint32_t i, offset, target;

	for (i = 0; i < old->n_chains; i++) {
		chain = &old->chains[i];
		if (chain->hook == XTABLE_HOOKS && chain_name_ours(chain->name))
			continue;
		for (offset = chain->first; offset < chain->end;
		     offset += xtable_entry_size(old, offset)) {
			target = leads_to(old, offset);
			if (target != GONE && work->became[target] == GONE &&
			    !is_our_jump(old, chain, offset))
				work->became[target] = target;
		}
	}
}

static bool
begin(struct work *work)
{
	const struct xtable *old = work->old;
	const struct layout *layout = work->layout;
	size_t n = (size_t)old->n_chains + layout->n;
	static const struct uid_gap gaps[KRULE_GAPS];
	struct krule owner = krule_any(KRULE_GOTO);
	uint32_t i, own;

	entry_make(&owner, old->family, &work->anybody);
	owner.owner = true;
	owner.gaps = gaps;
	for (owner.n_gaps = 0; owner.n_gaps <= KRULE_GAPS; owner.n_gaps++)
		entry_make(&owner, old->family, &work->owners[owner.n_gaps]);
	work->became = calloc(n + 1, sizeof(*work->became));
	work->was = calloc(n + 1, sizeof(*work->was));
	work->first = calloc(n + 1, sizeof(*work->first));
	if (!work->became || !work->was || !work->first || !index_begin(&work->names, layout->n))
		return false;
	for (i = 0; i < layout->n; i++) {
		index_add(&work->names, layout->chains[i].name.text, i);
		work->was[i] = INDEX_NONE;
		if (layout->gated && strcmp(layout->chains[i].name.text, CHAIN_PREFIX) == 0)
			work->root = i;
	}
	for (i = 0; i < old->n_chains; i++) {
		if (old->chains[i].hook != XTABLE_HOOKS || !chain_name_ours(old->chains[i].name)) {
			work->became[i] = i;
			continue;
		}
		own = index_find(&work->names, old->chains[i].name);
		work->became[i] = own == INDEX_NONE ? GONE : old->n_chains + own;
		if (own != INDEX_NONE)
			work->was[own] = i;
	}
	find_kept(work);
	return true;
}

/* ---------------------------------------------------------------- putting it together */

static bool
came_from(struct work *work, uint32_t from)
{
	struct composed *out = work->out;
	uint32_t room, *grown;

	if (out->table.n_entries > out->room) {
		room = out->table.n_entries + out->table.n_entries / 2 + 64;
		grown = reallocarray(out->from, room, sizeof(*grown));
		if (!grown)
			return false;
		out->from = grown;
		out->room = room;
	}
	out->from[out->table.n_entries - 1] = from;
	return true;
}

static bool
put(struct work *work, const void *bytes, uint32_t size, uint32_t from, uint32_t *offset)
{
	return xtable_append(&work->out->table, bytes, size, 1, offset) && came_from(work, from);
}

static bool
put_jump(struct work *work, uint32_t offset, uint32_t chain)
{
	struct jump *jumps =
	    room_for(work->jumps, work->n_jumps, &work->jumps_room, sizeof(*jumps));

	if (!jumps)
		return false;
	work->jumps = jumps;
	jumps[work->n_jumps++] = (struct jump){ offset, chain };
	return true;
}

/* One entry of somebody else's. */
static bool
copy_entry(struct work *work, uint32_t offset, uint32_t number)
{
	const struct xtable *old = work->old;
	uint32_t size = xtable_entry_size(old, offset), target = leads_to(old, offset), at;

	if (!put(work, old->entries + offset, size, number, &at))
		return false;
	if (target != GONE)
		return put_jump(work, at, work->became[target]);
	if (xtable_target_name(old, offset)[0] || xtable_verdict(old, offset) < 0)
		return true;
	if ((uint32_t)xtable_verdict(old, offset) != offset + size)
		return put_jump(work, at, GONE);
	xtable_set_verdict(&work->out->table, at, (int32_t)(at + size));
	return true;
}

/* A rule of ours. `found`: where in the old table the one is, of number `number`, that ought to be
 * the same; *same becomes false where it is not. */
static bool
put_rule(struct work *work, struct entry *entry, uint32_t found, uint32_t number, bool *same)
{
	*same = *same && entry_same(entry, work->old->family, work->old->entries + found);
	return put(work, entry->bytes, (uint32_t)entry->size, number, NULL);
}

/* The same of a rule that leads to one of the layout's chains. */
static bool
put_leading(struct work *work, struct entry *entry, uint32_t own, uint32_t found, uint32_t number,
    bool *same)
{
	const struct xtable *old = work->old;
	uint32_t at = work->out->table.size;

	if (work->was[own] == INDEX_NONE)
		*same = false;
	else
		entry_lead_to(entry, old->family, (int32_t)old->chains[work->was[own]].first);
	return put_rule(work, entry, found, number, same) &&
	       put_jump(work, at, old->n_chains + own);
}

/* Rule number i of a chain of ours. */
static bool
put_own_rule(struct work *work, const struct kchain *chain, uint32_t i, uint32_t found,
    uint32_t number, bool *same)
{
	const struct krule *rule;
	const struct owner *owner;
	struct entry entry, *dispatch;

	if (!chain->dispatch) {
		rule = &chain->rules[i];
		entry_make(rule, work->old->family, &entry);
		if (rule->target == KRULE_GOTO || rule->target == KRULE_JUMP)
			return put_leading(work, &entry, index_find(&work->names, rule->chain.text),
			    found, number, same);
		return put_rule(work, &entry, found, number, same);
	}
	owner = &work->layout->owners[chain->owners + i];
	dispatch = owner->first ? &work->owners[owner->n_gaps] : &work->anybody;
	if (owner->first)
		entry_set_owner(dispatch, work->old->family, owner->first, owner->last,
		    work->layout->gaps + owner->gaps, owner->n_gaps);
	return put_leading(work, dispatch, owner->chain, found, number, same);
}

/* A chain of ours: its head and end are kept, and its rules where all of them are right. */
static bool
put_ours(struct work *work, uint32_t own)
{
	const struct xtable *old = work->old;
	const struct kchain *chain = &work->layout->chains[own];
	const struct xtable_chain *was =
	    work->was[own] == INDEX_NONE ? NULL : &old->chains[work->was[own]];
	struct composed *out = work->out;
	bool same = was && was->n == chain->n;
	uint32_t i, found = was ? was->first : 0, begins;
	struct entry entry;

	xtable_make_head(old->family, chain->name.text, &entry);
	if (!put(work, entry.bytes, (uint32_t)entry.size, was ? was->number : XTABLE_NEW, NULL))
		return false;
	begins = out->table.n_entries;
	work->first[old->n_chains + own] = out->table.size;
	for (i = 0; i < chain->n; i++) {
		if (!put_own_rule(
			work, chain, i, found, was ? was->number + 1 + i : XTABLE_NEW, &same))
			return false;
		if (same)
			found += xtable_entry_size(old, found);
	}
	for (i = 0; !same && i < chain->n; i++)
		out->from[begins + i] = XTABLE_NEW;
	if (!same)
		note(work, chain->name.text, was ? "was changed" : "is missing");
	xtable_make_return(old->family, &entry);
	return put(work, entry.bytes, (uint32_t)entry.size,
	    was ? was->number + 1 + was->n : XTABLE_NEW, NULL);
}

/* A stale chain of ours, emptied. */
static bool
put_kept(struct work *work, uint32_t number)
{
	const struct xtable_chain *chain = &work->old->chains[number];
	struct entry entry;

	if (chain->n)
		note(work, chain->name, "should not be there");
	xtable_make_head(work->old->family, chain->name, &entry);
	if (!put(work, entry.bytes, (uint32_t)entry.size, chain->number, NULL))
		return false;
	work->first[number] = work->out->table.size;
	xtable_make_return(work->old->family, &entry);
	return put(work, entry.bytes, (uint32_t)entry.size, chain->number + 1 + chain->n, NULL);
}

/* The next of the old table's chains from *number on that is kept, though it is stale. */
static bool
next_kept(const struct work *work, uint32_t *number)
{
	const struct xtable_chain *chains = work->old->chains;

	for (; *number < work->old->n_chains; ++*number) {
		if (chains[*number].hook == XTABLE_HOOKS && chain_name_ours(chains[*number].name) &&
		    work->became[*number] == *number)
			return true;
	}
	return false;
}

/* All of ours, in the order of their names. */
static bool
put_all_ours(struct work *work)
{
	const struct layout *layout = work->layout;
	uint32_t own = 0, kept = 0;
	bool done = true;

	work->ours_done = true;
	while (done && (next_kept(work, &kept) || own < layout->n)) {
		if (own < layout->n && (kept == work->old->n_chains ||
					   strcmp(layout->chains[layout->sorted[own]].name.text,
					       work->old->chains[kept].name) < 0))
			done = put_ours(work, layout->sorted[own++]);
		else
			done = put_kept(work, kept++);
	}
	return done;
}

/*
 * The gate is OUTPUT's first rule, and nothing else in OUTPUT leads to NETFENCE. Its place is part
 * of it: an ACCEPT that somebody puts before it would be a way out.
 */
static bool
put_gate(struct work *work, const struct xtable_chain *output)
{
	const struct xtable *old = work->old;
	bool gated = work->layout->gated, same = output->n > 0;
	uint32_t i, offset = output->first;
	struct entry gate;

	if (gated) {
		entry_make(&work->layout->gate, old->family, &gate);
		if (!put_leading(work, &gate, work->root, offset, output->number, &same))
			return false;
	}
	for (i = 0; i < output->n; i++) {
		if ((!gated || i > 0) && is_our_jump(old, output, offset))
			same = false;
		offset += xtable_entry_size(old, offset);
	}
	if (gated && !same) {
		work->out->from[work->out->table.n_entries - 1] = XTABLE_NEW;
		note(work, OUTPUT_CHAIN, "does not begin with our one jump");
	}
	return true;
}

/* Somebody else's chain as it is, but for our jumps. */
static bool
copy_chain(struct work *work, uint32_t number)
{
	const struct xtable *old = work->old;
	const struct xtable_chain *chain = &old->chains[number];
	struct xtable *table = &work->out->table;
	uint32_t offset, entry = chain->number;
	bool output = is_output(chain);

	if (chain->hook != XTABLE_HOOKS)
		table->hook_entry[chain->hook] = table->size;
	if (output && !put_gate(work, chain))
		return false;
	for (offset = chain->begin; offset <= chain->end; entry++) {
		if (offset == chain->first)
			work->first[number] = table->size;
		if (offset == chain->end && chain->hook != XTABLE_HOOKS)
			table->underflow[chain->hook] = table->size;
		if (output && offset < chain->end && is_our_jump(old, chain, offset)) {
			if (!work->layout->gated)
				note(work, OUTPUT_CHAIN, "has a stale jump of ours");
		} else if (!copy_entry(work, offset, entry)) {
			return false;
		}
		offset += xtable_entry_size(old, offset);
	}
	return true;
}

static bool
put_chains(struct work *work)
{
	const struct xtable *old = work->old;
	const struct xtable_chain *chain;
	uint32_t i;

	for (i = 0; i < old->n_chains; i++) {
		chain = &old->chains[i];
		if (chain->hook == XTABLE_HOOKS && chain_name_ours(chain->name)) {
			if (work->became[i] == GONE)
				note(work, chain->name, "should not be there");
			continue;
		}
		/* iptables finds chains by halves: they are in the order of their names. */
		if (chain->hook == XTABLE_HOOKS && !work->ours_done &&
		    strcmp(chain->name, CHAIN_PREFIX) > 0 && !put_all_ours(work))
			return false;
		if (!copy_chain(work, i))
			return false;
	}
	return work->ours_done || put_all_ours(work);
}

/* The table's end, which is its last entry. */
static bool
put_end(struct work *work)
{
	const struct xtable *old = work->old;
	const struct xtable_chain *last = &old->chains[old->n_chains - 1];
	uint32_t offset = last->end + xtable_entry_size(old, last->end);

	return put(work, old->entries + offset, old->size - offset, old->n_entries - 1, NULL);
}

static int
lead(struct work *work, struct why *why)
{
	uint32_t i;

	for (i = 0; i < work->n_jumps; i++) {
		if (work->jumps[i].chain == GONE || !work->first[work->jumps[i].chain])
			return why_set(why, EPROTO, "a rule leads to no chain");
		xtable_set_verdict(&work->out->table, work->jumps[i].offset,
		    (int32_t)work->first[work->jumps[i].chain]);
	}
	return 0;
}

int
compose(const struct xtable *old, const struct layout *layout, struct composed *composed,
    struct why *why)
{
	struct work work = { .old = old, .layout = layout, .out = composed };
	int error;

	composed->differs = false;
	composed->table.family = old->family;
	composed->table.valid_hooks = old->valid_hooks;
	composed->table.n_entries = 0;
	composed->table.size = 0;
	memcpy(composed->table.hook_entry, old->hook_entry, sizeof(old->hook_entry));
	memcpy(composed->table.underflow, old->underflow, sizeof(old->underflow));
	if (!old->n_chains)
		error = why_set(why, EPROTO, "a table without chains");
	else if (!begin(&work) || !put_chains(&work) || !put_end(&work))
		error = why_errno(why, ENOMEM, "a table");
	else
		error = lead(&work, why);
	index_free(&work.names);
	free(work.became);
	free(work.was);
	free(work.first);
	free(work.jumps);
	return error;
}

void
compose_free(struct composed *composed)
{
	xtable_free(&composed->table);
	free(composed->from);
	composed->from = NULL;
	composed->room = 0;
}

void
compose_blame(const struct xtable *old, struct why *why)
{
	const struct xtable_chain *chain;
	uint32_t i, offset, target;
	size_t used = strlen(why->text);

	for (i = 0; i < old->n_chains; i++) {
		chain = &old->chains[i];
		if (is_output(chain) || chain_name_ours(chain->name))
			continue;
		for (offset = chain->first; offset < chain->end;
		     offset += xtable_entry_size(old, offset)) {
			target = leads_to(old, offset);
			if (target == GONE || !chain_name_ours(old->chains[target].name))
				continue;
			snprintf(why->text + used, sizeof(why->text) - used,
			    "; somebody's rule in chain %s leads to %s", chain->name,
			    old->chains[target].name);
			return;
		}
	}
}
