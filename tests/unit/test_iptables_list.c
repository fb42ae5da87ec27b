/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Address lists as chains of their own: how many rules that saves, which rules come together in
 * one, and what stays in one piece.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../engine/sketch.h"
#include "iptables/layout.h"
#include "iptables/text.h"

#define POLICIES_MAX 8

/* Policies p0, p1, ..., each of them fenced, as the kernel would have them. */
struct scene {
	struct arena *arena;
	struct policy *policies[POLICIES_MAX];
	struct fence fences[POLICIES_MAX];
	struct fence_plan plan;
	struct layout layout;
};

static int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	scene->arena = arena_new();
	*state = scene;
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;

	layout_clear(&scene->layout);
	arena_free(scene->arena);
	free(scene);
	return 0;
}

static struct policy *
add(struct scene *scene, const char *text)
{
	uint32_t n = scene->plan.n_policies++;

	scene->plan.n_fences = scene->plan.n_policies;
	scene->policies[n] = sketch(scene->arena, arena_printf(scene->arena, "p%u", n), text);
	scene->fences[n] = (struct fence){ 1000 + 2 * n, 1000 + 2 * n, n };
	scene->plan.policies = (const struct policy *const *)scene->policies;
	scene->plan.fences = scene->fences;
	return scene->policies[n];
}

static void
build(struct scene *scene, enum family family)
{
	struct why why;

	layout_clear(&scene->layout);
	if (layout_build(&scene->plan, family, &scene->layout, &why))
		fail_msg("%s", why.text);
}

/* n addresses of each family, none a neighbour of another, from 10.N.0.1 on; in the arena. */
static const char *
hosts(struct scene *scene, unsigned int network, unsigned int n)
{
	const char *text = "";
	unsigned int i;

	for (i = 0; i < n; i++)
		text = arena_printf(scene->arena, "%s 10.%u.0.%u fd%02x::%x", text, network,
		    1 + 2 * i, network, 1 + 2 * i);
	return text;
}

/* What n services are: no two of them can be said in one kernel rule. */
static const char *
services(struct scene *scene, unsigned int n)
{
	const char *text = "200";
	unsigned int i;

	for (i = 1; i < n; i++)
		text = arena_printf(scene->arena, "%s+%u", text, 200 + i);
	return text;
}

/* Rules of all chains, the dispatch chain's apart, and with the others' heads and ends. */
static uint32_t
rules(const struct scene *scene, uint32_t *entries)
{
	uint32_t i, n = 0;

	*entries = 0;
	for (i = 0; i < scene->layout.n; i++) {
		if (scene->layout.chains[i].dispatch)
			continue;
		n += scene->layout.chains[i].n;
		*entries += scene->layout.chains[i].n + 2;
	}
	return n;
}

/* All that is in the layout's chains but for the dispatch chain; the caller's. */
static char *
text_of(const struct scene *scene, enum family family)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	const struct kchain *chain;
	uint32_t i, j;

	for (i = 0; i < scene->layout.n; i++) {
		chain = &scene->layout.chains[scene->layout.sorted[i]];
		for (j = 0; !chain->dispatch && j < chain->n; j++)
			text_rule(chain->name.text, &chain->rules[j], family, out);
	}
	fclose(out);
	return text;
}

/* ---------------------------------------------------------------- how many */

/* Each with each, as what is observed still is, against now. 2 or 3 of the rules are not egress:
 * loopback, the default, and IPv6's routing header. */
static void
what_it_saves(void **state)
{
	struct scene *scene = *state;
	static const struct {
		const char *action[3]; /* of a policy each */
		unsigned int services, hosts;
		uint32_t rules_before, rules_now, entries_before, entries_now; /* IPv4 */
	} cases[] = {
		{ { "allow" }, 3, 4, 14, 14, 16, 16 },
		{ { "allow" }, 10, 50, 502, 64, 504, 70 },
		{ { "allow" }, 20, 60, 1202, 84, 1204, 90 },
		{ { "reject" }, 20, 60, 1202, 82, 1204, 86 },
		{ { "reject", "reject", "reject" }, 1, 60, 186, 69, 192, 77 },
		{ { "reject", "reject", "drop" }, 1, 60, 186, 128, 192, 136 },
		{ { "allow", "allow", "allow" }, 20, 60, 3606, 252, 3612, 270 },
		{ { "drop", "drop", "drop" }, 20, 60, 3606, 126, 3612, 134 },
	};
	enum family family;
	uint32_t before, now, entries_before, entries;
	size_t i, j;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		for (family = FAMILY_IPV4; family < FAMILIES; family++) {
			scene->plan.n_policies = 0;
			for (j = 0; j < 3 && cases[i].action[j]; j++)
				add(scene, arena_printf(scene->arena, "%s %s%s", cases[i].action[j],
					       services(scene, cases[i].services),
					       hosts(scene, 1, cases[i].hosts)))
				    ->mode = POLICY_OBSERVE;
			build(scene, family);
			before = rules(scene, &entries_before);
			while (j-- > 0)
				scene->policies[j]->mode = POLICY_ENFORCE;
			build(scene, family);
			now = rules(scene, &entries);
			j = family == FAMILY_IPV6 ? scene->plan.n_policies : 0;
			print_message("%s: %u services to %u hosts, %u policies: %u rules before, "
				      "%u now\n",
			    cases[i].action[0], cases[i].services, cases[i].hosts,
			    scene->plan.n_policies, before, now);
			assert_int_equal(before, cases[i].rules_before + j);
			assert_int_equal(now, cases[i].rules_now + j);
			assert_int_equal(entries_before, cases[i].entries_before + j);
			assert_int_equal(entries, cases[i].entries_now + j);
		}
	}
}

/* Sixteen entries saved are worth a chain, fifteen are not. */
static void
small_ones_stay_in_one_piece(void **state)
{
	struct scene *scene = *state;
	static const struct {
		const char *rule;
		unsigned int most; /* hosts that do without */
	} cases[] = { { "allow tcp+udp", 23 }, { "reject tcp+udp", 19 }, { "drop 4+6+17", 10 } };
	unsigned int i, more;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		for (more = 0; more < 2; more++) {
			scene->plan.n_policies = 0;
			add(scene, arena_printf(scene->arena, "%s%s", cases[i].rule,
				       hosts(scene, 1, cases[i].most + more)));
			build(scene, FAMILY_IPV4);
			if (more)
				assert_true(scene->layout.n > 2);
			else
				assert_int_equal(scene->layout.n, 2);
		}
	}
}

/* ---------------------------------------------------------------- which */

#define LO "-o lo -m addrtype --dst-type LOCAL -j RETURN\n"
#define R  "-j REJECT --reject-with icmp-admin-prohibited\n"

static void
the_whole_text(void **state)
{
	struct scene *scene = *state;
	struct policy *policy;
	char *text;

	policy = add(scene,
	    "allow 50+51+52+53+54+55+56 10.0.0.1 10.0.0.3 10.0.0.5 10.0.0.7 10.0.0.9 10.0.0.11;"
	    "allow tcp/22 10.2.0.0/16; drop 50+51+52+53+54 10.0.0.1 10.0.0.3 10.0.0.5 10.0.0.7 "
	    "10.0.0.9 10.0.0.11 10.0.0.13; default allow");
	policy->egress[0].interface = "eth0";
	policy->egress[2].limit = (struct limit){ 5, 60 };
	build(scene, FAMILY_IPV4);
	text = text_of(scene, FAMILY_IPV4);
#define LIMIT                                                                       \
	"-m hashlimit --hashlimit-upto 5/min --hashlimit-burst 5 --hashlimit-name " \
	"NETFENCE:p0.3.5.60 --hashlimit-htable-size 1 -j DROP\n"
#define P   "-A NETFENCE:p0 "
#define A   "-A NETFENCE:p0/1 -d 10.0.0."
#define Q   "-A NETFENCE:p0+1 "
#define D   "-A NETFENCE:p0/3 -d 10.0.0."
#define GO  "-g NETFENCE:p0/1\n"
#define RET "/32 -j RETURN\n"
	assert_string_equal(text, P LO P
	    "-o eth0 -p esp " GO P "-o eth0 -p ah " GO P "-o eth0 -p 52 " GO P "-o eth0 -p 53 " GO P
	    "-o eth0 -p 54 " GO P "-o eth0 -p 55 " GO P "-o eth0 -p 56 " GO P "-g NETFENCE:p0+1\n" Q
	    "-d 10.2.0.0/16 -p tcp -m tcp --dport 22 -j RETURN\n" Q "-p esp -j NETFENCE:p0/3\n" Q
	    "-p ah -j NETFENCE:p0/3\n" Q "-p 52 -j NETFENCE:p0/3\n" Q "-p 53 -j NETFENCE:p0/3\n" Q
	    "-p 54 -j NETFENCE:p0/3\n" A "1" RET A "3" RET A "5" RET A "7" RET A "9" RET A "11" RET
	    "-A NETFENCE:p0/1 -g NETFENCE:p0+1\n" D "1/32 " LIMIT D "3/32 " LIMIT D "5/32 " LIMIT D
	    "7/32 " LIMIT D "9/32 " LIMIT D "11/32 " LIMIT D "13/32 " LIMIT);
	free(text);
}

/* How many chains of addresses there are beside the policies' own and what follows them. */
static uint32_t
lists_in(struct scene *scene, const char *text)
{
	uint32_t i, n = 0;

	scene->plan.n_policies = 0;
	add(scene, text);
	build(scene, FAMILY_IPV4);
	for (i = 0; i < scene->layout.n; i++)
		n += strpbrk(scene->layout.chains[i].name.text, "/=") != NULL;
	return n;
}

/* Rules that allow change places with one another, and with nothing else. */
static void
which_come_together(void **state)
{
	struct scene *scene = *state;
	const char *a = hosts(scene, 1, 30), *b = hosts(scene, 2, 30), *text;
	struct policy *policy;

	/* One service each is not worth a chain; two are, with others between them too. */
	text = arena_printf(scene->arena, "allow tcp%s; allow udp/1%s", a, b);
	assert_int_equal(lists_in(scene, text), 0);
	text = arena_printf(scene->arena, "allow tcp%s; allow udp%s", a, a);
	assert_int_equal(lists_in(scene, text), 1);
	text = arena_printf(
	    scene->arena, "allow tcp%s; allow tcp%s; allow udp%s; allow udp%s", a, b, a, b);
	assert_int_equal(lists_in(scene, text), 2);
	/* Not past what denies, nor past a limit. */
	text = arena_printf(scene->arena, "allow tcp%s; reject any 10.1.0.1; allow udp%s", a, a);
	assert_int_equal(lists_in(scene, text), 0);
	text = arena_printf(scene->arena, "allow tcp%s; allow 50 10.1.0.1; allow udp%s", a, a);
	assert_int_equal(lists_in(scene, text), 1);
	policy = scene->policies[0];
	policy->egress[1].limit = (struct limit){ 1, 1 };
	build(scene, FAMILY_IPV4);
	assert_int_equal(scene->layout.n, 2);
	/* Nor do those with limits that are their own. */
	policy->egress[1].limit.count = 0;
	policy->egress[2].limit = (struct limit){ 1, 1 };
	build(scene, FAMILY_IPV4);
	assert_int_equal(scene->layout.n, 2);
	policy->egress[2].limit.count = 0;
	policy->egress[0].limit = (struct limit){ 1, 1 };
	build(scene, FAMILY_IPV4);
	assert_int_equal(scene->layout.n, 2);
	/* What denies comes back, and so shares with what stands anywhere. */
	text = arena_printf(scene->arena, "reject tcp%s; allow any 10.1.0.1; reject udp%s", a, a);
	assert_int_equal(lists_in(scene, text), 1);
	text = arena_printf(scene->arena, "reject tcp%s; allow any 10.1.0.1; drop udp%s", a, a);
	assert_int_equal(lists_in(scene, text), 0);
}

/* Rules of the other family's protocols lead nowhere, and no chain waits for them. */
static void
no_chain_for_nobody(void **state)
{
	struct scene *scene = *state;
	const char *a = hosts(scene, 1, 30);

	add(scene, arena_printf(scene->arena, "reject icmpv6%s; allow icmpv6%s", a, a));
	add(scene, arena_printf(scene->arena, "reject tcp+udp%s", a));
	scene->plan.n_fences = 1;
	build(scene, FAMILY_IPV4);
	assert_int_equal(scene->layout.n, 2);
	build(scene, FAMILY_IPV6);
	assert_int_equal(scene->layout.n, 3);
}

/* What is observed has RETURN for everything: behind a jump that would be no end. */
static void
what_is_observed_has_none(void **state)
{
	struct scene *scene = *state;
	uint32_t i, j;

	add(scene, arena_printf(scene->arena, "reject 50+51+52%s; allow 50+51+52%s",
		       hosts(scene, 1, 30), hosts(scene, 2, 30)))
	    ->mode = POLICY_OBSERVE;
	build(scene, FAMILY_IPV4);
	assert_int_equal(scene->layout.n, 2);
	for (i = 0; i < scene->layout.n; i++) {
		for (j = 0; !scene->layout.chains[i].dispatch && j < scene->layout.chains[i].n; j++)
			assert_int_equal(scene->layout.chains[i].rules[j].target, KRULE_RETURN);
	}
}

/* A policy's chains do not change as users of another come and go. */
static void
who_is_there_changes_nothing(void **state)
{
	struct scene *scene = *state;
	const char *text =
	    arena_printf(scene->arena, "reject tcp%s; default allow", hosts(scene, 1, 30));
	char *one, *both;

	add(scene, text);
	add(scene, text);
	build(scene, FAMILY_IPV4);
	both = text_of(scene, FAMILY_IPV4);
	assert_non_null(strstr(both, "-A NETFENCE:p1 -p tcp -j NETFENCE="));
	scene->plan.n_fences = 1;
	build(scene, FAMILY_IPV4);
	one = text_of(scene, FAMILY_IPV4);
	assert_non_null(strstr(one, "-A NETFENCE:p0 -p tcp -j NETFENCE="));
	assert_null(strstr(one, "NETFENCE:p1"));
	assert_memory_equal(one, both, strlen(one) - strlen(strstr(one, "-A NETFENCE=")));
	free(one);
	free(both);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_it_saves, set_up, tear_down),
		cmocka_unit_test_setup_teardown(small_ones_stay_in_one_piece, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_whole_text, set_up, tear_down),
		cmocka_unit_test_setup_teardown(which_come_together, set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_chain_for_nobody, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_observed_has_none, set_up, tear_down),
		cmocka_unit_test_setup_teardown(who_is_there_changes_nothing, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("iptables address lists", tests, NULL, NULL);
}
