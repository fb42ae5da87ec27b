/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nftables/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nftables/change.h"
#include "nftables/image.h"
#include "nftables/probe.h"

/* How often it is begun again because others have changed tables meanwhile. */
#define TRIES 50

int
ntable_open(struct ntable *table, struct why *why)
{
	int error;

	*table = (struct ntable){ .link = { .fd = -1 } };
	error = link_open(&table->link, why);
	if (error)
		return error;
	error = probe(&table->link, &table->log, why);
	if (error)
		link_close(&table->link);
	return error;
}

void
ntable_close(struct ntable *table)
{
	ruleset_clear(&table->held);
	link_close(&table->link);
}

/* The kernel's generation after `generation`; it leaves 0 out. */
static uint32_t
next(uint32_t generation)
{
	return generation == UINT32_MAX ? 1 : generation + 1;
}

/* Where the kernel hands back a chain in its own way, remembers that: what differs otherwise is
 * somebody else's work. Of a chain that somebody else has changed since the commit that was just
 * made, nothing is learned, as of all others then. */
static void
learn(struct ntable *table, struct ruleset *ought)
{
	struct ruleset image;
	uint32_t generation, i, number;
	bool good = image_read_chains(&table->link, &image, NULL) == 0 &&
		    link_generation(&table->link, &generation, NULL) == 0 &&
		    generation == table->generation;

	for (i = 0; good && i < ought->n_chains; i++) {
		number = ruleset_find_chain(&image, ought->chains[i].name.text);
		if (number == RULESET_NO_CHAIN ||
		    ruleset_same_rules(&image.chains[number], &ought->chains[i]))
			continue;
		bytes_free(&ought->chains[i].seen);
		ought->chains[i].seen = image.chains[number].rules;
		image.chains[number].rules = (struct bytes){ 0 };
	}
	ruleset_clear(&image);
}

/* What was learned of chains that are to stay as they are. */
static void
hand_on(struct ruleset *held, struct ruleset *ought)
{
	uint32_t i, number;

	for (i = 0; i < held->n_chains; i++) {
		struct rchain *from = &held->chains[i], *to;

		if (!from->seen.n)
			continue;
		number = ruleset_find_chain(ought, from->name.text);
		to = number == RULESET_NO_CHAIN ? NULL : &ought->chains[number];
		if (!to || to->rules.n != from->rules.n ||
		    memcmp(to->rules.data, from->rules.data, from->rules.n) != 0)
			continue;
		to->seen = from->seen;
		from->seen = (struct bytes){ 0 };
	}
}

/* One batch for what differs between the two. -EALREADY: a part of it; once more. */
static int
commit(struct ntable *table, const struct ruleset *is, const struct ruleset *ought,
    unsigned int *commits, struct why *why)
{
	struct bytes batch = { 0 };
	struct change change = { .batch = &batch, .sequence = &table->link.sequence };
	const enum step step = nchange_step(is, ought);
	uint32_t generation;
	int error;

	link_begin(&table->link, &batch, table->generation);
	error = nchange_make(&change, is, ought, step, why);
	/* The kernel takes a batch of this generation only; else it is asked. */
	if (!error && !change.n) {
		error = link_generation(&table->link, &generation, why);
		if (!error && generation != table->generation)
			error = -ERESTART;
	} else if (!error) {
		error = link_commit(&table->link, &batch, NULL, NULL, why);
		if (!error) {
			table->generation = next(table->generation);
			++*commits;
		}
	}
	bytes_free(&batch);
	return error || step == STEP_ALL ? error : -EALREADY;
}

/* As the kernel is, and not as we left it: somebody else may have been there. */
static int
commit_anew(struct ntable *table, struct ruleset *ought, unsigned int *commits, struct why *why)
{
	struct ruleset image;
	const unsigned int before = *commits;
	int error = image_read(&table->link, ought->users, &image, &table->generation, why);

	if (!error)
		error = commit(table, &image, ought, commits, why);
	ruleset_clear(&image);
	if (!error && *commits != before)
		learn(table, ought);
	return error;
}

static int
put_up(struct ntable *table, struct ruleset *ought, unsigned int *commits, struct why *why)
{
	int error = -ERESTART, tries;

	for (tries = 0; (error == -ERESTART || error == -EALREADY) && tries < TRIES; tries++) {
		if (table->known)
			error = commit(table, &table->held, ought, commits, why);
		else
			error = commit_anew(table, ought, commits, why);
		table->known = !error;
	}
	if (error == -ERESTART || error == -EALREADY)
		error = why_set(why, EAGAIN, "nftables: others keep changing tables");
	return error;
}

static int
change_to(struct ntable *table, struct ruleset *ought, unsigned int *commits, struct why *why)
{
	const unsigned int before = *commits;
	int error;

	/* What is in another map than that of before is not known. */
	if (ought->users != table->held.users)
		table->known = false;
	error = put_up(table, ought, commits, why);

	/* Back to what was, where a part of it is in force. */
	if (error && *commits != before && table->applied)
		put_up(table, &table->held, commits, NULL);
	return error;
}

static struct frame
frame_of(const struct fence_plan *plan)
{
	return (struct frame){ .policies = plan->n_fences ? plan->generation : 0,
		.gate = plan->n_fences ? nlayout_gate(plan) : 0,
		.log = plan->log,
		.log_group = plan->log_group };
}

static bool
fits(const struct ntable *table, const struct frame *frame, const struct fence_plan *plan)
{
	return frame->policies && frame->policies == table->frame.policies &&
	       frame->gate == table->frame.gate && frame->log == table->frame.log &&
	       frame->log_group == table->frame.log_group &&
	       nlayout_fits(plan, table->held.of_policy, table->held.n_policies);
}

/* The usual login and logout: everything is as it was but who is fenced. *whole: but that is not
 * all, they want another map. */
static int
apply_members(struct ntable *table, const struct fence_plan *plan, bool *whole,
    unsigned int *commits, struct why *why)
{
	struct ruleset ought = table->held;
	int error;

	ought.members = NULL;
	error = nlayout_members(plan, ought.of_policy, &ought.members, &ought.n_members, why);
	*whole =
	    !error && nlayout_users(ought.members, ought.n_members, ought.users) != ought.users;
	if (!error && !*whole)
		error = change_to(table, &ought, commits, why);
	free(error || *whole ? ought.members : table->held.members);
	if (!error && !*whole)
		table->held = ought;
	return error;
}

static int
apply_whole(
    struct ntable *table, const struct fence_plan *plan, unsigned int *commits, struct why *why)
{
	struct nlayout layout;
	struct ruleset ought = { 0 };
	int error = nlayout_build(plan, table->held.users, &layout, why);

	if (error)
		return error;
	error = ruleset_make(&layout, &ought, why);
	nlayout_clear(&layout);
	if (!error)
		hand_on(&table->held, &ought);
	if (!error)
		error = change_to(table, &ought, commits, why);
	if (error) {
		ruleset_clear(&ought);
		return error;
	}
	ruleset_clear(&table->held);
	table->held = ought;
	table->frame = frame_of(plan);
	table->applied = true;
	return 0;
}

static int
apply(struct ntable *table, const struct fence_plan *plan, unsigned int *commits, struct why *why)
{
	const struct frame frame = frame_of(plan);
	bool whole;
	int error = fence_plan_check(plan, why);

	whole = !error && !fits(table, &frame, plan);
	if (!error && !whole)
		error = apply_members(table, plan, &whole, commits, why);
	return error || !whole ? error : apply_whole(table, plan, commits, why);
}

/* A kernel may have the expression and not what it logs to (nfnetlink_log). Fences come first: if
 * they can be had without a log, then without. */
int
ntable_apply(
    struct ntable *table, const struct fence_plan *plan, unsigned int *commits, struct why *why)
{
	struct fence_plan silent = *plan;
	struct why silent_why;
	int error;

	silent.log = false;
	if (!plan->log || !table->log)
		return apply(table, &silent, commits, why);
	error = apply(table, plan, commits, why);
	if (error != -ENOENT || apply(table, &silent, commits, &silent_why) < 0)
		return error;
	table->log = false;
	return 0;
}

int
ntable_verify(struct ntable *table, struct why *why)
{
	struct bytes batch = { 0 };
	struct ruleset image;
	uint32_t generation, sequence = 0;
	struct change change = { .batch = &batch, .sequence = &sequence };
	int error;

	if (!table->applied)
		return 0;
	error = link_generation(&table->link, &generation, why);
	if (error || (table->known && generation == table->generation))
		return error;
	error = image_read(&table->link, table->held.users, &image, &generation, why);
	if (!error)
		error = nchange_make(&change, &image, &table->held, STEP_ALL, why);
	ruleset_clear(&image);
	bytes_free(&batch);
	if (error)
		return error;
	if (change.n)
		return why_set(why, EUCLEAN, "%s", change.noticed);
	table->generation = generation;
	table->known = true;
	return 0;
}

int
ntable_held(struct ntable *table, struct plan *plan, struct why *why)
{
	return image_held(&table->link, plan, why);
}
