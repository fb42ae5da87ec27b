/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iptables/table.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "iptables/policies.h"
#include "iptables/snapshot.h"

/* Commits that are tried when the table's size has changed since it was read. */
#define TRIES 5

/* Whether the table differs from the layout: in the gate, in anything at all, and in what first. */
struct difference {
	bool gate;
	bool any;
	struct why first;
};

static bool
chain_right(struct snapshot *snapshot, const struct kchain *chain)
{
	struct entry wanted;
	const void *rule;
	uint32_t i = 0;

	for (rule = snapshot_first_rule(snapshot, chain->name.text); rule;
	     rule = snapshot_next_rule(snapshot, rule), i++) {
		if (i == chain->n)
			return false;
		entry_make(&chain->rules[i], snapshot->family, &wanted);
		if (!entry_same(&wanted, snapshot->family, rule, snapshot_target(snapshot, rule)))
			return false;
	}
	return i == chain->n;
}

/* The gate is OUTPUT's first rule, and nothing else in OUTPUT leads to NETFENCE. Its place is part
 * of it: an ACCEPT that somebody puts before it would be a way out. */
static bool
gate_right(struct snapshot *snapshot, const struct layout *layout)
{
	struct entry wanted;
	const void *rule = snapshot_first_rule(snapshot, OUTPUT_CHAIN);

	if (layout->gated) {
		entry_make(&layout->gate, snapshot->family, &wanted);
		if (!rule ||
		    !entry_same(&wanted, snapshot->family, rule, snapshot_target(snapshot, rule)))
			return false;
		rule = snapshot_next_rule(snapshot, rule);
	}
	for (; rule; rule = snapshot_next_rule(snapshot, rule)) {
		if (strcmp(snapshot_target(snapshot, rule), CHAIN_PREFIX) == 0)
			return false;
	}
	return true;
}

/* A stale chain that somebody else's rule leads to cannot go. Empty, it does nothing. */
static bool
kept_empty(struct snapshot *snapshot, const char *chain)
{
	return !snapshot_first_rule(snapshot, chain) && snapshot_references(snapshot, chain) > 0;
}

static void
note(struct difference *difference, const char *name, const char *words)
{
	if (!difference->any)
		why_set(&difference->first, EUCLEAN, "%s %s", name, words);
	difference->any = true;
}

static struct difference
compare(struct snapshot *snapshot, const struct layout *layout)
{
	struct difference difference = { .gate = !gate_right(snapshot, layout) };
	const char *name;
	uint32_t i;

	if (difference.gate)
		note(&difference, OUTPUT_CHAIN,
		    layout->gated ? "does not begin with our one jump"
				  : "has a stale jump of ours");
	for (i = 0; i < layout->n; i++) {
		name = layout->chains[i].name.text;
		if (!snapshot_has(snapshot, name))
			note(&difference, name, "is missing");
		else if (!chain_right(snapshot, &layout->chains[i]))
			note(&difference, name, "was changed");
	}
	for (name = snapshot_first_chain(snapshot); name; name = snapshot_next_chain(snapshot)) {
		if (chain_name_ours(name) && !layout_find(layout, name) &&
		    !kept_empty(snapshot, name))
			note(&difference, name, "should not be there");
	}
	return difference;
}

static int
fill(struct snapshot *snapshot, const struct kchain *chain, struct why *why)
{
	struct entry entry;
	uint32_t i;
	int error;

	error = snapshot_flush(snapshot, chain->name.text, why);
	for (i = 0; !error && i < chain->n; i++) {
		entry_make(&chain->rules[i], snapshot->family, &entry);
		error = snapshot_append(snapshot, chain->name.text, &entry, why);
	}
	return error;
}

static int
edit_gate(struct snapshot *snapshot, const struct layout *layout, struct why *why)
{
	struct entry gate;
	int error;

	error = snapshot_remove_jumps(snapshot, OUTPUT_CHAIN, CHAIN_PREFIX, why);
	if (error || !layout->gated)
		return error;
	entry_make(&layout->gate, snapshot->family, &gate);
	return snapshot_insert_first(snapshot, OUTPUT_CHAIN, &gate, why);
}

/* Two rounds, since stale chains lead to one another: first all are emptied, then those go that
 * nothing leads to any more. */
static int
edit_stale(struct snapshot *snapshot, const struct layout *layout, struct why *why)
{
	const char *name, *next;
	int error = 0;

	for (name = snapshot_first_chain(snapshot); !error && name;
	     name = snapshot_next_chain(snapshot)) {
		if (chain_name_ours(name) && !layout_find(layout, name))
			error = snapshot_flush(snapshot, name, why);
	}
	for (name = error ? NULL : snapshot_first_chain(snapshot); !error && name; name = next) {
		next = snapshot_next_chain(snapshot); /* the name goes with its chain */
		if (chain_name_ours(name) && !layout_find(layout, name) &&
		    snapshot_references(snapshot, name) == 0)
			error = snapshot_delete(snapshot, name, why);
	}
	return error;
}

/* A wrong chain is written anew; one that is right is not touched, so that it keeps its counters.
 * What rules lead to is made before they are. */
static int
edit(struct snapshot *snapshot, const struct layout *layout, const struct difference *difference,
    struct why *why)
{
	uint32_t i;
	int error = 0;

	for (i = 0; !error && i < layout->n; i++) {
		if (!snapshot_has(snapshot, layout->chains[i].name.text))
			error = snapshot_create(snapshot, layout->chains[i].name.text, why);
	}
	for (i = 0; !error && i < layout->n; i++) {
		if (!chain_right(snapshot, &layout->chains[i]))
			error = fill(snapshot, &layout->chains[i], why);
	}
	if (!error && difference->gate)
		error = edit_gate(snapshot, layout, why);
	if (!error)
		error = edit_stale(snapshot, layout, why);
	return error;
}

/* EINVAL for a table whose rules each are right: some chain leads packets to ours that owner or
 * REJECT cannot judge, those that come in for example. Says which. */
static void
blame(struct snapshot *snapshot, struct why *why)
{
	const char *chain, *target;
	const void *rule;
	size_t used;

	if (!why)
		return;
	used = strlen(why->text);
	for (chain = snapshot_first_chain(snapshot); chain; chain = snapshot_next_chain(snapshot)) {
		if (chain_name_ours(chain))
			continue;
		for (rule = snapshot_first_rule(snapshot, chain); rule;
		     rule = snapshot_next_rule(snapshot, rule)) {
			target = snapshot_target(snapshot, rule);
			if (!chain_name_ours(target) || strcmp(chain, OUTPUT_CHAIN) == 0)
				continue;
			snprintf(why->text + used, sizeof(why->text) - used,
			    "; somebody's rule in chain %s leads to %s", chain, target);
			return;
		}
	}
}

/*
 * One look at the table and, unless it is right, one try to make it so; `before` gets the policies'
 * counters as they were. 1: it is right. 0: the kernel took a commit. Negative: as table_apply().
 */
static int
look(const struct layout *layout, enum family family, struct policies *before, struct why *why)
{
	struct snapshot snapshot;
	struct difference difference;
	int error;

	error = snapshot_open(family, &snapshot, why);
	if (error)
		return error;
	policies_read(&snapshot, before);
	difference = compare(&snapshot, layout);
	if (!difference.any) {
		error = 1;
	} else {
		error = edit(&snapshot, layout, &difference, why);
		if (!error)
			error = snapshot_commit(&snapshot, why);
		if (error == -EINVAL)
			blame(&snapshot, why);
	}
	snapshot_close(&snapshot);
	return error;
}

/* What is in force after a commit: 1 what ought to be, 0 something else. Negative: it cannot be
 * read. */
static int
look_again(
    const struct layout *layout, enum family family, const struct policies *before, struct why *why)
{
	struct snapshot snapshot;
	struct difference difference;
	int error;

	error = snapshot_open(family, &snapshot, why);
	if (error)
		return error;
	difference = compare(&snapshot, layout);
	policies_restore(&snapshot, before);
	snapshot_close(&snapshot);
	return !difference.any;
}

/*
 * The kernel refuses a table only when the number of its rules has changed since it was read
 * (EAGAIN): the lock is what keeps writers apart, and what is read at the end is what counts.
 * Reading also tells whether a commit that failed was taken after all, its counters apart.
 */
int
table_apply(const struct layout *layout, enum family family, unsigned int *commits, struct why *why)
{
	struct policies before = { 0 };
	struct why reading;
	int error = -EAGAIN;
	int state, i;

	for (i = 0; i < TRIES && error == -EAGAIN; i++) {
		error = look(layout, family, &before, why);
		if (error == 1)
			return 0;
	}
	state = look_again(layout, family, &before, &reading);
	if (error && state != 1)
		return error;
	++*commits;
	if (state < 0)
		return why_set(why, -state, "after the commit: %s", reading.text);
	if (state == 0)
		return why_set(
		    why, EAGAIN, "the table was changed again at once, past the xtables lock");
	return 0;
}

int
table_verify(const struct layout *layout, enum family family, struct why *why)
{
	struct snapshot snapshot;
	struct difference difference;
	int error;

	error = snapshot_open(family, &snapshot, why);
	if (error)
		return error;
	difference = compare(&snapshot, layout);
	snapshot_close(&snapshot);
	return difference.any ? why_set(why, EUCLEAN, "%s", difference.first.text) : 0;
}
