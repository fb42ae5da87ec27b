/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Other people's rules in the same table, and what they may have done to ours.
 */
#include <errno.h>

#include "world.h"

#include "sketch.h"

#define FOREIGN                                                         \
	"*filter\n"                                                     \
	":INPUT DROP [11:1100]\n"                                       \
	":FORWARD DROP [7:700]\n"                                       \
	":OUTPUT ACCEPT [13:1300]\n"                                    \
	":ANOTHER - [0:0]\n"                                            \
	":zother - [0:0]\n"                                             \
	"[1:100] -A INPUT -i lo -j ACCEPT\n"                            \
	"[2:200] -A INPUT -p tcp -m tcp --dport 22 -j ANOTHER\n"        \
	"[3:300] -A OUTPUT -p udp -m udp --dport 53 -j ACCEPT\n"        \
	"[4:400] -A OUTPUT -m owner --uid-owner 4000-4999 -j ANOTHER\n" \
	"[5:500] -A OUTPUT -g zother\n"                                 \
	"[6:600] -A ANOTHER -j REJECT\n"                                \
	"[7:700] -A zother -p tcp -m multiport --dports 1,2:3\n"        \
	"COMMIT\n"

struct scene {
	struct arena *arena;
	const struct policy *policies[2];
	struct fence fences[2];
	struct fence_plan one; /* uid 4000 under vendor */
	struct fence_plan two; /* and 4001 under supporters */
	struct fence_plan none;
};

static int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	scene->arena = arena_new();
	scene->policies[0] = sketch(
	    scene->arena, "vendor", "allow tcp/443 any; allow udp/162 192.0.2.1 2001:db8::1");
	scene->policies[1] = sketch(scene->arena, "groups/supporters",
	    "loopback tcp/80; reject any 10.0.0.0/8 fd00::/8; default allow");
	scene->fences[0] = (struct fence){ 4000, 4000, 0 };
	scene->fences[1] = (struct fence){ 4001, 4001, 1 };
	scene->one = (struct fence_plan){ 2, scene->policies, 1, scene->fences, false, 0, 0 };
	scene->two = (struct fence_plan){ 2, scene->policies, 2, scene->fences, false, 0, 0 };
	scene->none = (struct fence_plan){ 2, scene->policies, 0, scene->fences, false, 0, 0 };
	*state = scene;
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;

	arena_free(scene->arena);
	free(scene);
	return 0;
}

/* The table is exactly: the plan's text, and FOREIGN or what a test says instead. */
static void
assert_in_force(enum family family, const struct fence_plan *plan)
{
	char *text = world_text(plan, family);
	char *save = world_save(family, false);

	world_only(save, true);
	assert_string_equal(save, text);
	free(save);
	free(text);
}

static void
iptables(enum family family, const char *arguments)
{
	char command[256];

	snprintf(command, sizeof(command), "ip%stables-legacy %s", family == FAMILY_IPV6 ? "6" : "",
	    arguments);
	world_do(command);
}

/* The first rule of OUTPUT, as iptables prints it; malloc'd. */
static char *
first_of_output(enum family family)
{
	return world_run(
	    family == FAMILY_IPV6 ? "ip6tables-legacy -S OUTPUT 1" : "iptables-legacy -S OUTPUT 1");
}

static void
foreign_rules_and_counters_stay(void **state)
{
	struct scene *scene = *state;
	enum family family;
	unsigned int commits;
	char *before, *after, *empty;
	struct why why;
	int i;

	world_enter();
	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		struct engine_state *engine = world_engine(family);

		world_restore(family, FOREIGN, "-c");
		empty = world_save(family, true);
		assert_non_null(strstr(empty, "[7:700] -A zother"));
		for (commits = 0, i = 0; i < 1500; i++) {
			if (iptables_engine.apply(
				engine, i % 2 ? &scene->one : &scene->two, &commits, &why))
				fail_msg("apply %d: %s", i, why.text);
		}
		assert_int_equal(commits, 1500);
		assert_in_force(family, &scene->one);
		before = strdup(empty);
		after = world_save(family, true);
		world_only(before, false);
		world_only(after, false);
		assert_string_equal(after, before);
		free(before);
		free(after);

		assert_int_equal(world_apply(family, &scene->none), 1);
		after = world_save(family, true);
		assert_string_equal(after, empty);
		free(after);
		free(empty);
		iptables_engine.close(engine);
	}
}

static void
the_gate_returns_to_the_first_place(void **state)
{
	static const char *const deeds[] = { "-I OUTPUT 1 -j ACCEPT", "-D OUTPUT 1", "-F OUTPUT",
		"-I OUTPUT 1 -j NETFENCE", "-A OUTPUT -j NETFENCE", "-I OUTPUT 1 -g NETFENCE",
		"-A OUTPUT -m owner --uid-owner 4000-4001 -j NETFENCE",
		"-R OUTPUT 1 -m owner --uid-owner 4000 -j NETFENCE",
		"-R OUTPUT 1 -m owner ! --uid-owner 4000-4001 -j NETFENCE",
		"-R OUTPUT 1 -p tcp -m owner --uid-owner 4000-4001 -j NETFENCE",
		"-R OUTPUT 1 -m owner --uid-owner 4000-4001 -g NETFENCE" };
	struct scene *scene = *state;
	enum family family;
	char *first;
	size_t i;

	world_enter();
	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		world_restore(family, FOREIGN, "-c");
		assert_int_equal(world_apply(family, &scene->two), 1);
		for (i = 0; i < sizeof(deeds) / sizeof(*deeds); i++) {
			iptables(family, deeds[i]);
			assert_int_equal(world_apply(family, &scene->two), 1);
			assert_in_force(family, &scene->two);
			first = first_of_output(family);
			assert_string_equal(
			    first, "-A OUTPUT -m owner --uid-owner 4000-4001 -j NETFENCE\n");
			free(first);
			assert_int_equal(world_apply(family, &scene->two), 0);
		}
	}
}

/* The engine that made it notices, without a commit, what somebody did to it. */
static void
verify_sees_what_is_missing(void **state)
{
	static const struct {
		const char *deed;
		const char *words; /* NULL: not our business */
	} cases[] = {
		{ "-A INPUT -p 99", NULL },
		{ "-A OUTPUT -p 99", NULL },
		{ "-D OUTPUT 1", "OUTPUT does not begin" },
		{ "-I OUTPUT 1 -j ACCEPT", "OUTPUT does not begin" },
		{ "-A OUTPUT -j NETFENCE", "OUTPUT does not begin" },
		{ "-F NETFENCE:vendor", "NETFENCE:vendor was changed" },
		{ "-R NETFENCE 1 -m owner --uid-owner 4009 -g NETFENCE:vendor",
		    "NETFENCE was changed" },
		{ "-A NETFENCE:supporters -j ACCEPT", "NETFENCE:supporters was changed" },
		{ "-N NETFENCE:more", "NETFENCE:more should not be there" },
		{ "-F", "OUTPUT does not begin" },
	};
	struct scene *scene = *state;
	struct engine_state *engine;
	enum family family;
	unsigned int commits = 0;
	struct why why;
	char *before, *after;
	size_t i;

	world_enter();
	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		engine = world_engine(family);
		assert_int_equal(iptables_engine.verify(engine, &why), 0);
		for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
			assert_int_equal(
			    iptables_engine.apply(engine, &scene->two, &commits, &why), 0);
			assert_int_equal(iptables_engine.verify(engine, &why), 0);
			iptables(family, cases[i].deed);
			before = world_save(family, true);
			assert_int_equal(
			    iptables_engine.verify(engine, &why), cases[i].words ? -EUCLEAN : 0);
			if (cases[i].words && !strstr(why.text, cases[i].words))
				fail_msg("%s: %s", cases[i].deed, why.text);
			after = world_save(family, true);
			assert_string_equal(after, before);
			free(before);
			free(after);
		}
		iptables(family, "-F");
		iptables(family, "-X");
		assert_int_equal(iptables_engine.verify(engine, &why), -EUCLEAN);
		/* What was refused is not what ought to be there. */
		assert_int_equal(iptables_engine.apply(engine, &scene->none, &commits, &why), 0);
		scene->fences[0].first = 0;
		assert_int_equal(
		    iptables_engine.apply(engine, &scene->one, &commits, &why), -EINVAL);
		scene->fences[0].first = 4000;
		assert_int_equal(iptables_engine.verify(engine, &why), 0);
		iptables(family, "-N NETFENCE");
		assert_int_equal(iptables_engine.verify(engine, &why), -EUCLEAN);
		iptables_engine.close(engine);
	}
}

/* Same size or not, in whatever way a rule of ours is wrong: it is seen, and mended at once. */
static void
tampering_is_mended(void **state)
{
	static const char *const deeds[] = {
		"-R NETFENCE 1 -m owner --uid-owner 4002 -g NETFENCE:vendor",
		"-R NETFENCE 1 -m owner --uid-owner 4000 -j NETFENCE:vendor",
		"-R NETFENCE 1 -m owner --uid-owner 4000 -g NETFENCE:supporters",
		"-R NETFENCE 1 -m owner --uid-owner 4000 -j ACCEPT",
		"-R NETFENCE 1 -m owner --uid-owner 4000",
		"-I NETFENCE 1 -j RETURN",
		"-A NETFENCE -j RETURN",
		"-D NETFENCE 2",
		"-F NETFENCE",
		"-A NETFENCE:vendor -j ACCEPT",
		"-F NETFENCE:vendor",
		"-R NETFENCE:supporters 1 -o lo -m addrtype --dst-type LOCAL -j RETURN",
		"-I NETFENCE:supporters 1 -o eth0 -j ACCEPT",
		"-D NETFENCE:supporters 1",
		"-F",
		"-N NETFENCE:old",
		"-N NETFENCE#9",
	};
	struct scene *scene = *state;
	enum family family;
	size_t i;

	world_enter();
	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		assert_int_equal(world_apply(family, &scene->two), 1);
		for (i = 0; i < sizeof(deeds) / sizeof(*deeds); i++) {
			iptables(family, deeds[i]);
			if (world_apply(family, &scene->two) != 1)
				fail_msg("not seen: %s", deeds[i]);
			assert_in_force(family, &scene->two);
			assert_int_equal(world_apply(family, &scene->two), 0);
		}
	}
}

/* Each part of an entry counts: for every rule, one that differs in that part only is seen. */
static void
each_part_of_a_rule_counts(void **state)
{
	static const struct {
		const char *right;
		const char *wrong[9];
	} rules[] = {
		{ "allow tcp/22 192.0.2.1 2001:db8::1",
		    { "allow tcp/23 192.0.2.1 2001:db8::1", "allow tcp/22-23 192.0.2.1 2001:db8::1",
			"allow udp/22 192.0.2.1 2001:db8::1", "allow tcp/22 192.0.2.2 2001:db8::2",
			"allow tcp/22 192.0.2.0/31 2001:db8::/127",
			"drop tcp/22 192.0.2.1 2001:db8::1", "reject tcp/22 192.0.2.1 2001:db8::1",
			"allow tcp/22 any", "serve tcp/22" } },
		{ "drop udp/1,3-5 192.0.2.1-192.0.2.3 2001:db8::1-2001:db8::3",
		    { "drop udp/1,3,5 192.0.2.1-192.0.2.3 2001:db8::1-2001:db8::3",
			"drop udp/1,3-6 192.0.2.1-192.0.2.3 2001:db8::1-2001:db8::3",
			"drop udp/1-3,5 192.0.2.1-192.0.2.3 2001:db8::1-2001:db8::3",
			"drop tcp/1,3-5 192.0.2.1-192.0.2.3 2001:db8::1-2001:db8::3",
			"drop udp/1,3-5 192.0.2.1-192.0.2.4 2001:db8::1-2001:db8::4",
			"drop udp/1,3-5 192.0.2.2-192.0.2.4 2001:db8::2-2001:db8::4" } },
		{ "serve udp/1,3", { "serve tcp/1,3", "serve udp/1,4", "allow udp/1,3 any" } },
		{ "allow icmp/8+icmpv6/8 any",
		    { "allow icmp/9+icmpv6/9 any", "allow icmp/8/0+icmpv6/8/0 any",
			"allow icmp+icmpv6 any", "allow 8 any" } },
		{ "loopback udp/5", { "loopback tcp/5", "loopback udp/6", "serve udp/5" } },
		{ "default drop", { "default reject", "default allow", "loopback none" } },
	};
	struct scene *scene = *state;
	enum family family;
	size_t i, j;

	world_enter();
	for (i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
		for (j = 0; j < 9 && rules[i].wrong[j]; j++) {
			for (family = FAMILY_IPV4; family < FAMILIES; family++) {
				scene->policies[0] =
				    sketch(scene->arena, "vendor", rules[i].wrong[j]);
				world_apply(family, &scene->one);
				scene->policies[0] = sketch(scene->arena, "vendor", rules[i].right);
				if (world_apply(family, &scene->one) != 1)
					fail_msg(
					    "%s passes for %s", rules[i].wrong[j], rules[i].right);
				assert_in_force(family, &scene->one);
			}
		}
	}
}

static void
a_right_chain_keeps_its_counters(void **state)
{
	struct scene *scene = *state;
	char *save;

	world_enter();
	assert_int_equal(world_apply(FAMILY_IPV4, &scene->one), 1);
	world_restore(FAMILY_IPV4,
	    "*filter\n[21:2100] -A NETFENCE:vendor -p tcp -m tcp --dport 1 -j DROP\nCOMMIT\n",
	    "-c");
	iptables(FAMILY_IPV4, "-D NETFENCE:vendor -p tcp -m tcp --dport 1 -j DROP");
	world_do("iptables-legacy-save -c -t filter |"
		 " sed 's/^.*\\(-A NETFENCE:vendor.*443\\)/[31:3100] \\1/' |"
		 " iptables-legacy-restore -c");
	assert_int_equal(world_apply(FAMILY_IPV4, &scene->two), 1);
	save = world_save(FAMILY_IPV4, true);
	assert_non_null(strstr(save, "[31:3100] -A NETFENCE:vendor"));
	free(save);
}

static void
stale_chains_go(void **state)
{
	struct scene *scene = *state;
	enum family family;

	world_enter();
	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		world_restore(family,
		    "*filter\n:NETFENCE - [0:0]\n:NETFENCE:a - [0:0]\n:NETFENCE:z - [0:0]\n"
		    ":NETFENCE#1 - [0:0]\n-A NETFENCE -g NETFENCE#1\n-A NETFENCE#1 -g NETFENCE:z\n"
		    "-A NETFENCE:z -j NETFENCE:a\n-A OUTPUT -j NETFENCE\nCOMMIT\n",
		    "");
		assert_int_equal(world_apply(family, &scene->two), 1);
		assert_in_force(family, &scene->two);
	}
	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		iptables(family, "-N NETFENCE:a");
		iptables(family, "-A NETFENCE:a -j NETFENCE:vendor");
		assert_int_equal(world_apply(family, &scene->none), 1);
		assert_in_force(family, &scene->none);
	}
}

/* Somebody's rule leads to a chain of ours that has to go: it is left, empty, and the rule with
 * it; nothing is committed again and again; and it serves when it is wanted again. */
static void
chains_that_others_refer_to_stay_empty(void **state)
{
	struct scene *scene = *state;
	enum family family;
	char *save;

	world_enter();
	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		world_apply(family, &scene->two);
		iptables(family, "-A FORWARD -j NETFENCE:vendor");
		iptables(family, "-N MINE");
		iptables(family, "-A MINE -g NETFENCE");
		assert_int_equal(world_apply(family, &scene->two), 0);

		assert_int_equal(world_apply(family, &scene->none), 1);
		assert_int_equal(world_apply(family, &scene->none), 0);
		save = world_save(family, false);
		assert_string_equal(save,
		    "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"
		    ":MINE - [0:0]\n:NETFENCE - [0:0]\n:NETFENCE:vendor - [0:0]\n"
		    "-A FORWARD -j NETFENCE:vendor\n-A MINE -g NETFENCE\nCOMMIT\n");
		free(save);

		/* Empty it stays, too. */
		iptables(family, "-A NETFENCE:vendor -j ACCEPT");
		assert_int_equal(world_apply(family, &scene->none), 1);
		save = world_save(family, false);
		assert_null(strstr(save, "ACCEPT\n"));
		free(save);

		assert_int_equal(world_apply(family, &scene->two), 1);
		assert_int_equal(world_apply(family, &scene->two), 0);
		iptables(family, "-D FORWARD -j NETFENCE:vendor");
		iptables(family, "-F MINE");
		assert_in_force(family, &scene->two);
		assert_int_equal(world_apply(family, &scene->none), 1);
		assert_in_force(family, &scene->none);
	}
}

/* owner cannot be asked about packets that come in: a rule that leads them to NETFENCE makes the
 * kernel refuse the table. That is said in words, and changes nothing. */
static void
a_refusal_changes_nothing(void **state)
{
	struct scene *scene = *state;
	enum family family;
	struct engine_state *engine;
	unsigned int commits = 0;
	char *before, *after;
	struct why why;

	world_enter();
	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		world_restore(family, FOREIGN, "-c");
		iptables(family, "-N NETFENCE");
		iptables(family, "-A ANOTHER -j NETFENCE");
		before = world_save(family, true);
		engine = world_engine(family);
		assert_int_equal(
		    iptables_engine.apply(engine, &scene->two, &commits, &why), -EINVAL);
		assert_non_null(strstr(why.text, "ANOTHER"));
		assert_int_equal(commits, 0);
		after = world_save(family, true);
		assert_string_equal(after, before);
		free(before);
		free(after);
		iptables_engine.close(engine);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(foreign_rules_and_counters_stay, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    the_gate_returns_to_the_first_place, set_up, tear_down),
		cmocka_unit_test_setup_teardown(verify_sees_what_is_missing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(tampering_is_mended, set_up, tear_down),
		cmocka_unit_test_setup_teardown(each_part_of_a_rule_counts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_right_chain_keeps_its_counters, set_up, tear_down),
		cmocka_unit_test_setup_teardown(stale_chains_go, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    chains_that_others_refer_to_stay_empty, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_refusal_changes_nothing, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("engine neighbours", tests, NULL, NULL);
}
