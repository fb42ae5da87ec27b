/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What netfenced asks of an engine: the one thing that stands between the two. An engine is used
 * for one family in one process of its own; it may block and it may die.
 *
 * All of these but verify and held expect that the caller holds the xtables lock, and none of them
 * takes it. Each returns 0, or a negative errno with its reason in `why`, and then the kernel holds
 * what it held before; -EAFNOSUPPORT from open means that the kernel has no such family at all.
 */
#ifndef NETFENCE_ENGINE_H
#define NETFENCE_ENGINE_H

#include <stdbool.h>

#include "base/why.h"
#include "fence/plan.h"

struct engine_state; /* the engine's own, for one family */

struct engine {
	const char *name;

	/* Is everything there that fences need? On success *state belongs to the caller. */
	int (*open)(enum family family, struct engine_state **state, struct why *why);

	/* Make the kernel as the plan says, in one commit or, where nothing differs, none.
	 * *commits grows by the number of commits made. */
	int (*apply)(struct engine_state *state, const struct fence_plan *plan,
	    unsigned int *commits, struct why *why);

	/* Does the kernel still hold what the last apply() made? Changes nothing. -EUCLEAN where it
	 * does not, with what is missing in `why`; 0 also before the first apply(). */
	int (*verify)(struct engine_state *state, struct why *why);

	/* Whom does the kernel fence already? Adds their uids to the plan, under policy 0. */
	int (*held)(struct engine_state *state, struct plan *plan, struct why *why);

	/* Whether this kernel can log what the fences deny. Where it cannot, apply() does without.
	 * NULL: the engine cannot. */
	bool (*logs)(const struct engine_state *state);

	void (*close)(struct engine_state *state); /* NULL is allowed */
};

extern const struct engine iptables_engine;
extern const struct engine nftables_engine;

#endif
