/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random plans, one after another, in a table with others' rules in it: each leaves exactly what
 * it would have left in an empty table, and the others' rules as they were.
 */
#include "world.h"

#include "random.h"

#define PLANS        120
#define POLICIES_MAX 6
#define FENCES_MAX   90

#define FOREIGN                                                  \
	"*filter\n:MINE - [0:0]\n"                               \
	"[5:500] -A OUTPUT -p udp -m udp --dport 53 -j ACCEPT\n" \
	"[6:600] -A OUTPUT -j MINE\n[7:700] -A MINE -j RETURN\nCOMMIT\n"

static const char *const names[POLICIES_MAX] = { "vendor", "users/vendor", "groups/supporters",
	"users/a rather long name with blanks", "groups/x", "others" };

struct scene {
	struct arena *arena;
	const struct policy *policies[POLICIES_MAX];
	struct fence fences[FENCES_MAX];
	struct fence_plan plan;
};

/* Policies stay from one plan to the next, most often, as they do in life. */
static void
next_plan(struct scene *scene)
{
	uint32_t n = roll(8) == 0 ? 0 : 1 + roll(roll(2) ? 8 : FENCES_MAX);
	uint32_t uid = 1000 + roll(3), i;
	struct policy *policy;

	for (i = 0; i < POLICIES_MAX; i++) {
		if (scene->policies[i] && roll(4))
			continue;
		policy = random_policy(scene->arena);
		if (scene->policies[0])
			random_share(policy, scene->policies[0]);
		policy->name = names[i];
		policy->serve.kind = (enum passage_kind)roll(3);
		if (policy->serve.kind == PASSAGE_LIST)
			random_whats(scene->arena, &policy->serve.n_what, &policy->serve.what);
		scene->policies[i] = policy;
	}
	for (i = 0; i < n; i++) {
		scene->fences[i] = (struct fence){ uid, uid + roll(3), roll(POLICIES_MAX) };
		uid = scene->fences[i].last + 1 + roll(3);
	}
	scene->plan =
	    (struct fence_plan){ POLICIES_MAX, scene->policies, n, scene->fences, true, 5, 0 };
}

static void
assert_table(enum family family, const char *ours, const char *others)
{
	char *save = world_save(family, false);
	char *counted = world_save(family, true);

	world_only(save, true);
	assert_string_equal(save, ours);
	world_only(counted, false);
	assert_string_equal(counted, others);
	free(save);
	free(counted);
}

/* iptables itself, from our text and in a namespace of its own, makes what our engine wants. */
static void
assert_iptables_agrees(enum family family, const struct fence_plan *plan, const char *text)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		struct engine_state *engine = NULL;
		unsigned int commits = 0;

		if (unshare(CLONE_NEWNET) < 0)
			_exit(2);
		world_restore(family, text, "");
		_exit(iptables_engine.open(family, &engine, NULL) ||
		      iptables_engine.apply(engine, plan, &commits, NULL) || commits != 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void
each_plan_leaves_only_itself(void **state)
{
	struct scene scene = { .arena = arena_new() };
	char *others[FAMILIES], *text;
	enum family family;
	unsigned int commits;
	int i;

	(void)state;
	world_enter();
	random_begin();
	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		world_restore(family, FOREIGN, "-c");
		others[family] = world_save(family, true);
		world_only(others[family], false);
	}
	for (i = 0; i < PLANS; i++) {
		next_plan(&scene);
		for (family = FAMILY_IPV4; family < FAMILIES; family++) {
			text = world_text(&scene.plan, family);
			commits = world_apply(family, &scene.plan);
			assert_in_range(commits, 0, 1);
			assert_table(family, text, others[family]);
			assert_int_equal(world_apply(family, &scene.plan), 0);
			if (i % 4 == 0)
				assert_iptables_agrees(family, &scene.plan, text);
			free(text);
		}
	}
	free(others[FAMILY_IPV4]);
	free(others[FAMILY_IPV6]);
	arena_free(scene.arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_plan_leaves_only_itself),
	};

	return cmocka_run_group_tests_name("engine sequences", tests, NULL, NULL);
}
