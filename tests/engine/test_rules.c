/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel holds after an apply, as iptables' own tools see it.
 */
#include "world.h"

#include "nftables/text.h"
#include "sketch.h"

static const enum family families[] = { FAMILY_IPV4, FAMILY_IPV6 };

/* Eleven addresses of each family, none of them a neighbour of another. */
#define ELEVEN                                                                                  \
	"10.1.0.1 fd01::1 10.1.0.3 fd01::3 10.1.0.5 fd01::5 10.1.0.7 fd01::7 10.1.0.9 fd01::9 " \
	"10.1.0.11 fd01::b 10.1.0.13-10.1.0.15 fd01::d-fd01::f 10.1.0.17 fd01::11 "             \
	"10.1.2.0/24 fd02::/64 10.3.0.0/16 fd03::/64 10.5.0.0/16 fd05::/64"

/* Every kind of rule that a policy can lead to. */
static const char *const sketches[] = {
	"default reject",
	"default allow; loopback none",
	"default drop; loopback tcp/8080+udp/53,60-70; serve all",
	"serve tcp/8080+udp/60000-61000+sctp/5; loopback tcp+icmp+icmpv6; default allow",
	"allow udp/162 192.0.2.10 2001:db8::10; allow tcp/80,8000-8080 192.0.2.20;"
	"reject any 10.0.0.0/8; drop any fd00::/8",
	"allow tcp/1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16 any; allow udp/1-2,4-5,7-8,10-11,"
	"13-14,16-17,19-20,22,24 any; allow sctp/5 any; allow sctp/5-6 any; allow tcp/0-9 any",
	"allow tcp/1-2,4-5,7-8,10-11,13-14,16-17,19-20,22-23 any",
	"allow tcp/0-65535 any; allow udp any; allow sctp any; allow 47+50+89+200 any",
	"allow icmp/8 any; allow icmp/3/4 any; allow icmp any; allow icmp/0/0 any;"
	"allow icmpv6/128 any; allow icmpv6/1/3 any; allow icmpv6 any; allow icmpv6/255 any",
	"allow any 10.0.0.1-10.0.0.9; allow any 10.0.0.0-10.0.0.255; allow any 0.0.0.0/1;"
	"allow any 255.255.255.255; allow tcp/22,25 10.9.8.7-10.9.9.9; allow any 0.0.0.0",
	"allow any fd00::1-fd00::9; allow any fd00::-fd00::ff; allow any ::/1; allow any ::;"
	"allow any ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff; allow udp/53 fd00::1:2-fd00::2:1;"
	"allow any ::ffff:10.0.0.0/104; allow any 2001:db8::/45",
	"reject tcp+udp 10.0.0.1 10.0.0.3 fd00::1 fd00::3; drop icmp/8+icmpv6/128 any",
	/* Addresses in chains of their own: allowed, denied by two policies, limited. */
	"allow tcp/22+udp/53+50+51 " ELEVEN "; allow 47 " ELEVEN "; reject tcp+udp+sctp " ELEVEN
	"; allow sctp/7 any; drop tcp/9+udp/9+50 " ELEVEN ";default allow",
	"allow tcp/80 any; reject tcp/99 " ELEVEN "; allow tcp/5+udp/5+50 " ELEVEN
	"; drop tcp/9+udp/9+50 " ELEVEN,
	"allow tcp/1+udp/1+50 " ELEVEN "; reject tcp/2+udp/2+50 " ELEVEN
	";drop tcp/3+udp/3+50 " ELEVEN,
	"allow tcp/1 any; allow tcp/2,4 10.0.0.1-10.0.0.3 fd00::1-fd00::3; allow tcp/3 any;"
	"allow tcp/4 any; reject tcp/5 any; drop tcp/6 any; allow tcp/7 any; allow tcp/8 any;"
	"allow tcp/9 any; allow tcp/10 any; allow tcp/11+udp any; allow any any",
};
#define SKETCHES (sizeof(sketches) / sizeof(*sketches))

/* Of each of the last sketch's rules. */
#define LIMITED       (SKETCHES - 1)
#define LISTS_LIMITED (SKETCHES - 2)
static const struct limit some_limits[] = { { 10, 1 }, { 24, 86400 }, { 90, 60 }, { 1000, 86400 },
	{ RULE_LIMIT_MAX, 1 }, { 7, 3600 }, { 5, 1 }, { 1, 86400 }, { 1, 1 }, { 9999, 86400 },
	{ 59, 60 }, { 120, 60 } };

/* The sketches, each under its own uids: 5000, 5020, … */
struct scene {
	struct arena *arena;
	struct policy *policies[SKETCHES];
	struct fence fences[SKETCHES];
	struct fence_plan plan;
};

static int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	uint32_t i;

	scene->arena = arena_new();
	for (i = 0; i < SKETCHES; i++) {
		scene->policies[i] = sketch(
		    scene->arena, arena_printf(scene->arena, "groups/policy-%u", i), sketches[i]);
		scene->fences[i] = (struct fence){ 5000 + 20 * i, 5000 + 20 * i + i, i };
	}
	for (i = 0; i < scene->policies[LIMITED]->n_egress; i++)
		scene->policies[LIMITED]->egress[i].limit = some_limits[i];
	for (i = 0; i < scene->policies[LISTS_LIMITED]->n_egress; i++)
		scene->policies[LISTS_LIMITED]->egress[i].limit = some_limits[i];
	scene->plan = (struct fence_plan){ SKETCHES, (const struct policy *const *)scene->policies,
		SKETCHES, scene->fences, false, 0, 0 };
	*state = scene;
	return 0;
}

/* The same, and what they deny or allow is logged: by most as they come, by others otherwise. */
static int
set_up_logged(void **state)
{
	struct scene *scene;
	uint32_t i;

	set_up(state);
	scene = *state;
	scene->plan.log = true;
	scene->plan.log_group = 5;
	for (i = 0; i < SKETCHES; i++) {
		scene->policies[i]->mark = 0x123456789abc + i;
		if (i % 5 == 1)
			scene->policies[i]->log = POLICY_LOG_ALL;
		if (i % 5 == 2)
			scene->policies[i]->mode = POLICY_OBSERVE;
		if (i % 5 == 3 && i < 12)
			scene->policies[i]->log = POLICY_LOG_NONE;
		if (i % 5 == 3 && i < 12 && scene->policies[i]->n_egress > 1)
			scene->policies[i]->egress[1].log = true;
	}
	/* Where addresses have chains of their own, and observed ones have not. */
	for (i = 12; i <= 14; i++) {
		scene->policies[i]->mode = POLICY_ENFORCE;
		scene->policies[i]->log = i == 13 ? POLICY_LOG_ALL : POLICY_LOG_DENIED;
	}
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

/* What iptables-legacy-save shows of ours is our text, byte for byte. */
static void
save_shows_our_text(void **state)
{
	struct scene *scene = *state;
	size_t i;

	world_enter();
	for (i = 0; i < FAMILIES; i++) {
		char *text = world_text(&scene->plan, families[i]);
		char *save;

		/* Shared by two policies, a policy's own that allows and one that denies. */
		assert_non_null(strstr(text, "\n:NETFENCE="));
		assert_non_null(strstr(text, "\n:NETFENCE:policy-12/1 "));
		assert_non_null(strstr(text, "\n:NETFENCE:policy-12+1 "));
		assert_non_null(strstr(text, "\n:NETFENCE:policy-14/2 "));
		assert_int_equal(world_apply(families[i], &scene->plan), 1);
		save = world_save(families[i], false);
		world_only(save, true);
		assert_string_equal(save, text);
		free(save);
		free(text);
	}
}

/* Our text, restored by iptables itself into an empty table, is what we would have put there: the
 * next apply finds nothing to do. So each entry is, bit for bit, the one that iptables makes. */
static void
restore_of_our_text_is_right(void **state)
{
	struct scene *scene = *state;
	size_t i;

	world_enter();
	for (i = 0; i < FAMILIES; i++) {
		char *text = world_text(&scene->plan, families[i]);

		world_restore(families[i], text, "");
		assert_int_equal(world_apply(families[i], &scene->plan), 0);
		free(text);
	}
}

static void
second_apply_makes_no_commit(void **state)
{
	struct scene *scene = *state;
	size_t i;

	world_enter();
	for (i = 0; i < FAMILIES; i++) {
		assert_int_equal(world_apply(families[i], &scene->plan), 1);
		assert_int_equal(world_apply(families[i], &scene->plan), 0);
	}
}

static void
nothing_leaves_no_trace(void **state)
{
	struct scene *scene = *state;
	struct fence_plan nothing = scene->plan;
	size_t i;

	world_enter();
	nothing.n_fences = 0;
	for (i = 0; i < FAMILIES; i++) {
		char *before = world_save(families[i], true);
		char *after;

		assert_int_equal(world_apply(families[i], &nothing), 0);
		assert_int_equal(world_apply(families[i], &scene->plan), 1);
		assert_int_equal(world_apply(families[i], &nothing), 1);
		assert_int_equal(world_apply(families[i], &nothing), 0);
		after = world_save(families[i], true);
		assert_string_equal(after, before);
		free(before);
		free(after);
	}
}

/* ---------------------------------------------------------------- nftables */

/* What nft lists of the table, in an order and a form that do not depend on who made it. */
#define LISTED "nft -s list table inet netfence"

static void
nft_reads(const char *text)
{
	FILE *pipe = popen("nft -f -", "we");

	assert_non_null(pipe);
	fputs(text, pipe);
	if (pclose(pipe) != 0)
		fail_msg("nft refuses:\n%s", text);
}

static char *
nft_text(const struct fence_plan *plan, enum family family)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	assert_int_equal(nftables_rules_text(plan, family, out), 0);
	fclose(out);
	return text;
}

/* nft takes our text, and what it lists then is what it lists of what we put there. So it is with
 * its own list. */
static void
nft_makes_the_same_of_our_text(void **state)
{
	struct scene *scene = *state;
	char *text = nft_text(&scene->plan, FAMILY_IPV4),
	     *none = nft_text(&scene->plan, FAMILY_IPV6);
	char *ours, *theirs;

	world_enter();
	assert_string_equal(none, "");
	world_uses = &nftables_engine;
	assert_int_equal(world_apply(FAMILY_IPV4, &scene->plan), 1);
	ours = world_run(LISTED);
	nft_reads("flush ruleset");
	nft_reads(text);
	theirs = world_run(LISTED);
	assert_string_equal(theirs, ours);
	free(theirs);
	nft_reads("flush ruleset");
	nft_reads(ours);
	theirs = world_run(LISTED);
	assert_string_equal(theirs, ours);
	/* It has its own way with some rules, and then has ours again. */
	assert_in_range(world_apply(FAMILY_IPV4, &scene->plan), 0, 1);
	assert_int_equal(world_apply(FAMILY_IPV4, &scene->plan), 0);
	world_uses = &iptables_engine;
	free(text);
	free(none);
	free(ours);
	free(theirs);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(save_shows_our_text, set_up, tear_down),
		cmocka_unit_test_setup_teardown(restore_of_our_text_is_right, set_up, tear_down),
		cmocka_unit_test_setup_teardown(second_apply_makes_no_commit, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nothing_leaves_no_trace, set_up, tear_down),
		cmocka_unit_test_setup_teardown(save_shows_our_text, set_up_logged, tear_down),
		cmocka_unit_test_setup_teardown(
		    restore_of_our_text_is_right, set_up_logged, tear_down),
		cmocka_unit_test_setup_teardown(
		    second_apply_makes_no_commit, set_up_logged, tear_down),
		cmocka_unit_test_setup_teardown(nothing_leaves_no_trace, set_up_logged, tear_down),
		cmocka_unit_test_setup_teardown(nft_makes_the_same_of_our_text, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    nft_makes_the_same_of_our_text, set_up_logged, tear_down),
	};

	return cmocka_run_group_tests_name("engine rules", tests, NULL, NULL);
}
