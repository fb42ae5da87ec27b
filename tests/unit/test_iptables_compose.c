/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables put together, without a kernel: what stands where, and which entry goes on with whose
 * counters.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../engine/sketch.h"
#include "iptables/compose.h"
#include "iptables/dispatch.h"

struct scene {
	struct arena *arena;
	const struct policy *policies[1];
	struct fence fences[20 * DISPATCH_RUN];
	struct fence_plan plan;
	struct layout layout;
	struct xtable old;
	struct composed composed;
	uint32_t jump; /* offset of the one rule of chain "Before", which leads to "later" */
};

static uint32_t
put(struct xtable *table, const struct entry *entry)
{
	uint32_t offset;

	assert_true(xtable_append(table, entry->bytes, (uint32_t)entry->size, 1, &offset));
	return offset;
}

static void
put_chain(struct scene *scene, const char *name)
{
	struct entry entry;

	xtable_make_head(scene->old.family, name, &entry);
	put(&scene->old, &entry);
	xtable_make_return(scene->old.family, &entry);
	put(&scene->old, &entry);
}

/* Three built-in chains, a rule in OUTPUT, a chain before ours and one behind. */
static void
make_old(struct scene *scene, enum family family)
{
	struct xtable *old = &scene->old;
	struct krule drop = krule_any(KRULE_DROP);
	struct entry entry;
	uint32_t hook;

	old->family = scene->composed.table.family = family;
	old->valid_hooks = 0xe;
	for (hook = 1; hook < 4; hook++) {
		old->hook_entry[hook] = old->size;
		if (hook == 3) {
			drop.protocol = 17;
			entry_make(&drop, family, &entry);
			put(old, &entry);
		}
		xtable_make_return(family, &entry);
		old->underflow[hook] = put(old, &entry);
	}
	xtable_make_head(family, "Before", &entry);
	put(old, &entry);
	xtable_make_return(family, &entry);
	scene->jump = put(old, &entry);
	put(old, &entry);
	put_chain(scene, "later");
	xtable_make_head(family, "ERROR", &entry);
	put(old, &entry);
	assert_int_equal(xtable_find_chains(old, NULL), 0);
	xtable_set_verdict(old, scene->jump, (int32_t)old->chains[4].first);
}

static int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	uint32_t i;

	scene->arena = arena_new();
	scene->policies[0] = sketch(scene->arena, "vendor", "allow tcp/443 any");
	for (i = 0; i < 20 * DISPATCH_RUN; i++)
		scene->fences[i] = (struct fence){ 4000 + 2 * i, 4000 + 2 * i, 0 };
	scene->plan = (struct fence_plan){ 1, scene->policies, 20, scene->fences, false, 0, 0 };
	*state = scene;
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;

	layout_clear(&scene->layout);
	compose_free(&scene->composed);
	xtable_free(&scene->old);
	arena_free(scene->arena);
	free(scene);
	return 0;
}

/* n rules' worth of fences. */
static void
compose_plan(struct scene *scene, uint32_t n)
{
	struct why why;

	layout_clear(&scene->layout);
	scene->plan.n_fences = n * DISPATCH_RUN;
	assert_int_equal(layout_build(&scene->plan, scene->old.family, &scene->layout, &why), 0);
	if (compose(&scene->old, &scene->layout, &scene->composed, &why))
		fail_msg("%s", why.text);
	assert_int_equal(xtable_find_chains(&scene->composed.table, &why), 0);
}

/* What was composed becomes the old table, as after a commit. */
static void
commit(struct scene *scene)
{
	struct xtable old = scene->old;

	scene->old = scene->composed.table;
	scene->composed.table = old;
}

static void
assert_chains(const struct xtable *table, const char *const *names, uint32_t n)
{
	uint32_t i;

	assert_int_equal(table->n_chains, n);
	for (i = 0; i < n; i++)
		assert_string_equal(table->chains[i].name, names[i]);
}

/* Chains stand in the order of their names, as iptables wants them; hooks and jumps follow. */
static void
everything_in_its_place(void **state)
{
	static const char *const names[] = { "INPUT", "FORWARD", "OUTPUT", "Before", "NETFENCE",
		"NETFENCE#1", "NETFENCE#2", "NETFENCE#3", "NETFENCE:vendor", "later" };
	struct scene *scene = *state;
	struct xtable *table = &scene->composed.table;
	const struct xtable_chain *output, *root;
	uint32_t i;

	make_old(scene, FAMILY_IPV6);
	compose_plan(scene, 20);
	assert_true(scene->composed.differs);
	assert_string_equal(scene->composed.first.text, "OUTPUT does not begin with our one jump");
	assert_chains(table, names, 10);
	output = &table->chains[2];
	root = &table->chains[4];
	assert_int_equal(output->n, 2);
	assert_int_equal(table->hook_entry[3], output->first);
	assert_int_equal(table->underflow[3], output->end);
	assert_int_equal(table->underflow[1], table->chains[0].end);
	assert_int_equal(xtable_verdict(table, output->first), root->first);
	assert_int_equal(root->n, 3);
	for (i = 0; i < 3; i++)
		assert_int_equal(
		    xtable_verdict(table, root->first + i * xtable_entry_size(table, root->first)),
		    table->chains[5 + i].first);
	assert_int_equal(xtable_verdict(table, table->chains[3].first), table->chains[9].first);
	assert_int_equal(table->n_entries, table->chains[9].number + 2 + 1);

	/* And all back again. */
	commit(scene);
	compose_plan(scene, 0);
	assert_true(scene->composed.differs);
	commit(scene);
	assert_true(xtable_same(&scene->old, &scene->old));
	assert_int_equal(scene->old.size, scene->composed.from ? scene->old.size : 0);
	assert_int_equal(scene->old.n_chains, 5);
}

static const struct xtable_chain *
chain_of(const struct xtable *table, const char *name)
{
	uint32_t i;

	for (i = 0; i < table->n_chains; i++)
		if (strcmp(table->chains[i].name, name) == 0)
			return &table->chains[i];
	fail_msg("no chain %s", name);
	return NULL;
}

/* What is right is found to be, entry by entry; one rule more changes the chains on one path. */
static void
right_entries_keep_their_counters(void **state)
{
	static const char *const kept[] = { "INPUT", "FORWARD", "Before", "NETFENCE#1",
		"NETFENCE#2", "NETFENCE:vendor", "later" };
	struct scene *scene = *state;
	struct composed *composed = &scene->composed;
	const struct xtable_chain *chain, *was;
	uint32_t i, k;

	make_old(scene, FAMILY_IPV4);
	compose_plan(scene, 19);
	commit(scene);
	compose_plan(scene, 19);
	assert_false(composed->differs);
	assert_true(xtable_same(&composed->table, &scene->old));
	for (i = 0; i < composed->table.n_entries; i++)
		assert_int_equal(composed->from[i], i);

	compose_plan(scene, 20);
	assert_true(composed->differs);
	for (i = 0; i < sizeof(kept) / sizeof(*kept); i++) {
		chain = chain_of(&composed->table, kept[i]);
		was = chain_of(&scene->old, kept[i]);
		for (k = 0; k < chain->n; k++)
			assert_int_equal(composed->from[chain->number + k], was->number + k);
	}
	chain = chain_of(&composed->table, "NETFENCE#3");
	assert_int_equal(chain->n, 4);
	for (k = 1; k <= chain->n; k++)
		assert_int_equal(composed->from[chain->number + k], XTABLE_NEW);
	/* The gate is another; the others' rule behind it is the same. */
	chain = chain_of(&composed->table, "OUTPUT");
	was = chain_of(&scene->old, "OUTPUT");
	assert_int_equal(composed->from[chain->number], XTABLE_NEW);
	assert_int_equal(composed->from[chain->number + 1], was->number + 1);
	assert_int_equal(composed->from[chain->number + 2], was->number + 2);
}

/* Rules between chains of ours lead where they ought to, and one that leads elsewhere is noticed.
 * Another address changes the chain that holds it, and no other. */
static void
chains_lead_to_chains(void **state)
{
	static const char *const names[] = { "NETFENCE:vendor", "NETFENCE:vendor/1",
		"NETFENCE:vendor+1" };
	struct scene *scene = *state;
	struct composed *composed = &scene->composed;
	struct xtable *old = &scene->old;
	const struct xtable_chain *chain[3], *was;
	struct policy *policy = sketch(scene->arena, "vendor",
	    "allow 200+201+202+203+204+205+206+207 10.0.0.1 10.0.0.3 10.0.0.5 10.0.0.7 10.0.0.9");
	uint32_t i, k, rule;

	scene->policies[0] = policy;
	make_old(scene, FAMILY_IPV4);
	compose_plan(scene, 1);
	commit(scene);
	compose_plan(scene, 1);
	assert_false(composed->differs);
	for (i = 0; i < 3; i++)
		chain[i] = chain_of(old, names[i]);
	/* Behind loopback's rule eight whats, and what none of them matches. */
	rule = chain[0]->first + xtable_entry_size(old, chain[0]->first);
	for (i = 0; i < 9; i++) {
		assert_int_equal(xtable_verdict(old, rule), chain[i < 8 ? 1 : 2]->first);
		if (i < 8)
			rule += xtable_entry_size(old, rule);
	}
	xtable_set_verdict(old, rule, (int32_t)chain[1]->first);
	compose_plan(scene, 1);
	assert_true(composed->differs);
	assert_string_equal(composed->first.text, "NETFENCE:vendor was changed");
	commit(scene);
	compose_plan(scene, 1);
	assert_false(composed->differs);

	policy->egress[0].to[FAMILY_IPV4][4].first[3]++;
	policy->egress[0].to[FAMILY_IPV4][4].last[3]++;
	compose_plan(scene, 1);
	assert_true(composed->differs);
	assert_string_equal(composed->first.text, "NETFENCE:vendor/1 was changed");
	for (i = 0; i < 3; i++) {
		chain[i] = chain_of(&composed->table, names[i]);
		was = chain_of(old, names[i]);
		for (k = 1; k <= chain[i]->n; k++)
			assert_int_equal(composed->from[chain[i]->number + k],
			    i == 1 ? XTABLE_NEW : was->number + k);
	}
}

/* Counters, and what the kernel alone uses, are no difference; anything else is. */
static void
the_same_but_for_counters(void **state)
{
	struct scene *scene = *state;
	struct xtable *table = &scene->composed.table;
	const size_t comefrom = 92, data = 96 + 16, first = 84; /* of an ipt_entry */
	unsigned char *rule;

	make_old(scene, FAMILY_IPV4);
	compose_plan(scene, 20);
	commit(scene);
	compose_plan(scene, 20);
	rule = table->entries + table->chains[4].first;
	rule[comefrom] ^= 1;
	rule[comefrom + 4] ^= 1;
	rule[data - 1] ^= 1;
	assert_true(xtable_same(table, &scene->old));
	rule[data] ^= 1;
	assert_false(xtable_same(table, &scene->old));
	rule[data] ^= 1;
	rule[first - 1] ^= 1;
	assert_false(xtable_same(table, &scene->old));
	rule[first - 1] ^= 1;
	assert_true(xtable_same(table, &scene->old));
	table->underflow[1]++;
	assert_false(xtable_same(table, &scene->old));
}

static void
what_is_no_table_is_an_error(void **state)
{
	struct scene *scene = *state;
	struct xtable *old = &scene->old;
	struct why why;
	uint32_t size;

	make_old(scene, FAMILY_IPV4);
	for (size = 1; size < old->size; size += 8) {
		struct xtable cut = *old;

		cut.size = size;
		cut.chains = NULL;
		cut.chains_room = 0;
		assert_int_equal(xtable_find_chains(&cut, &why), -EPROTO);
		free(cut.chains);
	}
	/* A rule that leads into the middle of nowhere. */
	xtable_set_verdict(old, scene->jump, (int32_t)old->chains[4].first + 8);
	assert_int_equal(layout_build(&scene->plan, FAMILY_IPV4, &scene->layout, &why), 0);
	assert_int_equal(compose(old, &scene->layout, &scene->composed, &why), -EPROTO);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(everything_in_its_place, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    right_entries_keep_their_counters, set_up, tear_down),
		cmocka_unit_test_setup_teardown(chains_lead_to_chains, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_same_but_for_counters, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_no_table_is_an_error, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("iptables compose", tests, NULL, NULL);
}
