/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fences to gate and dispatch: for every uid, the chain that its packets come to.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../engine/sketch.h"
#include "iptables/dispatch.h"
#include "iptables/layout.h"
#include "iptables/text.h"

#define POLICIES 3

static struct policy named[POLICIES] = { { .name = "users/one" }, { .name = "groups/two" },
	{ .name = "three" } };
static const struct policy *const policies[POLICIES] = { &named[0], &named[1], &named[2] };
static const char *const chains[POLICIES] = { "NETFENCE:one", "NETFENCE:two", "NETFENCE:three" };

static struct fence_plan
plan_of(const struct fence *fences, uint32_t n)
{
	return (struct fence_plan){ POLICIES, policies, n, fences, false, 0, 0 };
}

static bool
in_gap(const struct krule *rule, uint32_t uid)
{
	uint32_t i;

	for (i = 0; i < rule->n_gaps; i++) {
		assert_true(rule->gaps[i].first <= rule->gaps[i].last);
		assert_true(rule->gaps[i].first > (i ? rule->gaps[i - 1].last : rule->uid_first));
		assert_true(rule->gaps[i].last < rule->uid_last);
		if (uid >= rule->gaps[i].first && uid <= rule->gaps[i].last)
			return true;
	}
	return false;
}

/* Where a packet of `uid` ends up, walking the layout as the kernel would; NULL: it is not
 * fenced. *steps: how many rules it was held against. */
static const char *
walk(const struct layout *layout, uint32_t uid, unsigned int *steps)
{
	const struct kchain *chain;
	struct krule rule;
	uint32_t i;

	*steps = 1;
	if (uid < layout->gate.uid_first || uid > layout->gate.uid_last)
		return NULL;
	assert_int_equal(layout->gate.target, KRULE_JUMP);
	chain = layout_find(layout, layout->gate.chain.text);
	assert_non_null(chain);
	for (i = 0; i < chain->n; i++) {
		rule = layout_rule(layout, chain, i);
		++*steps;
		assert_int_equal(rule.target, KRULE_GOTO);
		/* Whoever comes as far: to the last of the chains below. */
		if (!rule.owner)
			assert_true(i == chain->n - 1 && strchr(rule.chain.text, '#'));
		else if (uid < rule.uid_first || uid > rule.uid_last || in_gap(&rule, uid))
			continue;
		chain = layout_find(layout, rule.chain.text);
		assert_non_null(chain);
		if (strchr(chain->name.text, ':'))
			return chain->name.text;
		i = UINT32_MAX; /* a goto: begin there, and do not come back */
	}
	return NULL;
}

static const char *
expected(const struct fence *fences, uint32_t n, uint32_t uid)
{
	uint32_t i;

	for (i = 0; i < n; i++) {
		if (uid >= fences[i].first && uid <= fences[i].last)
			return chains[fences[i].policy];
	}
	return NULL;
}

static void
assert_walks(const struct layout *layout, const struct fence *fences, uint32_t n, uint32_t uid,
    unsigned int most)
{
	unsigned int steps;
	const char *found = walk(layout, uid, &steps);
	const char *wanted = expected(fences, n, uid);

	if (wanted)
		assert_string_equal(found ? found : "nothing", wanted);
	else
		assert_null(found);
	assert_true(steps <= most);
}

/* Any number of fences: every border leads where it should, through few rules; chains are sorted,
 * different, reached, and none has more rules than the fan-out. */
static void
every_uid_finds_its_chain(void **state)
{
	static const uint32_t counts[] = { 1, 2, 7, 8, 9, 10, 63, 64, 65, 72, 73, 511, 512, 513,
		1000, 4097 };
	static const uint32_t together[] = { 1, 2, 7, 30, 4097 }; /* neighbours of one policy */
	const uint32_t n_counts = sizeof(counts) / sizeof(*counts);
	const uint32_t n_together = sizeof(together) / sizeof(*together);
	static struct fence fences[4097];
	struct fence_plan plan;
	struct layout layout;
	uint32_t i, j, n, uid, levels, named_by;
	uint64_t room;
	struct why why;

	(void)state;
	for (i = 0; i < n_counts * n_together; i++) {
		n = counts[i % n_counts];
		named_by = (n + together[i / n_counts] - 1) / together[i / n_counts];
		for (uid = 1000, j = 0; j < n; j++) {
			fences[j].first = uid + (j * 7 + n) % 4;
			fences[j].last = fences[j].first + (j % 3) * (j % 5);
			fences[j].policy = j / together[i / n_counts] % POLICIES;
			uid = fences[j].last + 1;
		}
		plan = plan_of(fences, n);
		if (layout_build(&plan, FAMILY_IPV4, &layout, &why))
			fail_msg("%s", why.text);
		for (levels = 1, room = DISPATCH_FANOUT; room < n; levels++)
			room *= DISPATCH_FANOUT;
		for (j = 0; j < n && j < 1100; j++) {
			unsigned int most = 1 + levels * DISPATCH_FANOUT;

			assert_walks(&layout, fences, n, fences[j].first, most);
			assert_walks(&layout, fences, n, fences[j].last, most);
			assert_walks(&layout, fences, n, fences[j].first - 1, most);
			assert_walks(&layout, fences, n, fences[j].last + 1, most);
		}
		assert_walks(&layout, fences, n, 0, 1);
		assert_walks(&layout, fences, n, UINT32_MAX, 1);
		for (j = 0; j < layout.n; j++) {
			if (j > 0)
				assert_true(strcmp(layout.chains[layout.sorted[j - 1]].name.text,
						layout.chains[layout.sorted[j]].name.text) < 0);
			if (!strchr(layout.chains[j].name.text, ':'))
				assert_in_range(layout.chains[j].n, 1, DISPATCH_FANOUT);
		}
		/* Flat as long as that will do. */
		if (n <= DISPATCH_FANOUT)
			assert_int_equal(layout.n, 1 + (named_by < POLICIES ? named_by : POLICIES));
		layout_clear(&layout);
	}
}

static void
only_what_fences_name_exists(void **state)
{
	struct fence fences[] = { { 4000, 4000, 1 }, { 100000, 165535, 1 } };
	struct fence_plan plan = plan_of(fences, 2);
	struct layout layout;

	(void)state;
	assert_int_equal(layout_build(&plan, FAMILY_IPV6, &layout, NULL), 0);
	assert_true(layout.gated);
	assert_int_equal(layout.gate.uid_first, 4000);
	assert_int_equal(layout.gate.uid_last, 165535);
	assert_int_equal(layout.n, 2);
	assert_non_null(layout_find(&layout, "NETFENCE"));
	assert_non_null(layout_find(&layout, "NETFENCE:two"));
	assert_null(layout_find(&layout, "NETFENCE:one"));
	assert_null(layout_find(&layout, "A"));
	assert_null(layout_find(&layout, "Z"));
	layout_clear(&layout);

	plan.n_fences = 0;
	assert_int_equal(layout_build(&plan, FAMILY_IPV6, &layout, NULL), 0);
	assert_false(layout.gated);
	assert_int_equal(layout.n, 0);
	layout_clear(&layout);
}

static void
what_is_no_plan_is_an_error(void **state)
{
	static const struct fence wrong[][2] = {
		{ { 0, 0, 0 }, { 4000, 4000, 0 } },
		{ { 0, 4000, 0 }, { 5000, 5000, 0 } },
		{ { 4000, 4001, 0 }, { 4001, 4002, 0 } },
		{ { 4001, 4001, 0 }, { 4000, 4000, 0 } },
		{ { 4000, 4000, 0 }, { 4000, 4000, 0 } },
		{ { 4002, 4000, 0 }, { 5000, 5000, 0 } },
		{ { 4000, 4000, 0 }, { 5000, 5000, POLICIES } },
		{ { 4000, 4000, 0 }, { 5000, UINT32_MAX, 0 } },
	};
	struct fence_plan plan;
	struct layout layout;
	struct why why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		plan = plan_of(wrong[i], 2);
		why.text[0] = '\0';
		assert_int_equal(layout_build(&plan, FAMILY_IPV4, &layout, &why), -EINVAL);
		assert_true(why.text[0] != '\0');
	}
}

/* All of it at once, and nothing where nobody is fenced. */
static void
the_whole_text(void **state)
{
	struct arena *arena = arena_new();
	const struct policy *policy = sketch(arena, "groups/supporters",
	    "allow udp/162 192.0.2.10 2001:db8::10; allow tcp/80,8000-8080 192.0.2.20");
	struct fence fences[] = { { 4000, 4000, 0 }, { 100000, 165535, 0 } };
	struct fence_plan plan = { 1, &policy, 2, fences, false, 0, 0 };
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_int_equal(iptables_rules_text(&plan, FAMILY_IPV4, out), 0);
	plan.n_fences = 0;
	assert_int_equal(iptables_rules_text(&plan, FAMILY_IPV6, out), 0);
	fclose(out);
	assert_string_equal(text,
	    "*filter\n"
	    ":NETFENCE - [0:0]\n"
	    ":NETFENCE:supporters - [0:0]\n"
	    "-A OUTPUT -m owner --uid-owner 4000-165535 -j NETFENCE\n"
	    "-A NETFENCE -m owner --uid-owner 4000 -g NETFENCE:supporters\n"
	    "-A NETFENCE -m owner --uid-owner 100000-165535 -g NETFENCE:supporters\n"
	    "-A NETFENCE:supporters -o lo -m addrtype --dst-type LOCAL -j RETURN\n"
	    "-A NETFENCE:supporters -d 192.0.2.10/32 -p udp -m udp --dport 162 -j RETURN\n"
	    "-A NETFENCE:supporters -d 192.0.2.20/32 -p tcp -m multiport --dports 80,8000:8080"
	    " -j RETURN\n"
	    "-A NETFENCE:supporters -j REJECT --reject-with icmp-admin-prohibited\n"
	    "COMMIT\n"
	    "*filter\nCOMMIT\n");
	free(text);
	arena_free(arena);
}

/* What is granted has a chain of its own, from which it goes on to everybody's. */
static void
what_is_granted_stands_in_front(void **state)
{
	struct arena *arena = arena_new();
	const struct policy *policy = sketch(arena, "groups/supporters", "allow udp/162 any");
	const struct policy *granted =
	    sketch(arena, "g", "allow tcp/22 10.0.0.5; allow icmpv6 2001:db8::/32");
	struct policy front = *policy;
	const struct policy *list[] = { policy, &front };
	struct fence fences[] = { { 4000, 4000, 1 }, { 4001, 4001, 0 } };
	struct fence_plan plan = { 2, list, 1, fences, false, 0, 0 };
	struct layout layout;
	struct why why = { "" };
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	front.name = "grants/grants-4000";
	front.granted = granted->egress;
	front.n_granted = granted->n_egress;
	front.behind = policy;
	/* The policy behind it needs no fence of its own to be there. */
	assert_int_equal(iptables_rules_text(&plan, FAMILY_IPV6, out), 0);
	plan.n_fences = 2;
	assert_int_equal(iptables_rules_text(&plan, FAMILY_IPV4, out), 0);
	fclose(out);
	assert_string_equal(text,
	    "*filter\n"
	    ":NETFENCE - [0:0]\n"
	    ":NETFENCE:grants-4000 - [0:0]\n"
	    ":NETFENCE:supporters - [0:0]\n"
	    "-A OUTPUT -m owner --uid-owner 4000 -j NETFENCE\n"
	    "-A NETFENCE -m owner --uid-owner 4000 -g NETFENCE:grants-4000\n"
	    "-A NETFENCE:grants-4000 -m ipv6header --header ipv6-route --soft"
	    " -g NETFENCE:supporters\n"
	    "-A NETFENCE:grants-4000 -d 2001:db8::/32 -p ipv6-icmp -j RETURN\n"
	    "-A NETFENCE:grants-4000 -g NETFENCE:supporters\n"
	    "-A NETFENCE:supporters -m ipv6header --header ipv6-route --soft"
	    " -j REJECT --reject-with icmp6-adm-prohibited\n"
	    "-A NETFENCE:supporters -o lo -m addrtype --dst-type LOCAL -j RETURN\n"
	    "-A NETFENCE:supporters -p udp -m udp --dport 162 -j RETURN\n"
	    "-A NETFENCE:supporters -j REJECT --reject-with icmp6-adm-prohibited\n"
	    "COMMIT\n"
	    "*filter\n"
	    ":NETFENCE - [0:0]\n"
	    ":NETFENCE:grants-4000 - [0:0]\n"
	    ":NETFENCE:supporters - [0:0]\n"
	    "-A OUTPUT -m owner --uid-owner 4000-4001 -j NETFENCE\n"
	    "-A NETFENCE -m owner --uid-owner 4000 -g NETFENCE:grants-4000\n"
	    "-A NETFENCE -m owner --uid-owner 4001 -g NETFENCE:supporters\n"
	    "-A NETFENCE:grants-4000 -d 10.0.0.5/32 -p tcp -m tcp --dport 22 -j RETURN\n"
	    "-A NETFENCE:grants-4000 -g NETFENCE:supporters\n"
	    "-A NETFENCE:supporters -o lo -m addrtype --dst-type LOCAL -j RETURN\n"
	    "-A NETFENCE:supporters -p udp -m udp --dport 162 -j RETURN\n"
	    "-A NETFENCE:supporters -j REJECT --reject-with icmp-admin-prohibited\n"
	    "COMMIT\n");
	free(text);

	/* What is not in the plan, or comes later, is nowhere to go on to. */
	list[0] = &front;
	list[1] = policy;
	fences[0].policy = 0;
	assert_int_equal(layout_build(&plan, FAMILY_IPV4, &layout, &why), -EINVAL);
	arena_free(arena);
}

/* Whom it is granted to changes nothing in the chain of the others: neither its name nor what is
 * in it, though it is in the plan once more. */
static void
what_is_granted_changes_no_other_chain(void **state)
{
	struct arena *arena = arena_new();
	const struct policy *policy = sketch(arena, "groups/supporters",
	    "reject tcp/1+udp/1+icmp 10.0.0.1 10.0.0.3 10.0.0.5 10.0.0.7 10.0.0.9 10.0.0.11 "
	    "10.0.0.13 10.0.0.15 10.0.0.17 10.0.0.19");
	const struct policy *granted = sketch(arena, "g", "allow tcp/22 10.0.0.5");
	struct policy front = *policy;
	const struct policy *list[] = { policy, &front };
	struct fence fence = { 4001, 4001, 0 };
	struct fence_plan plan = { 1, list, 1, &fence, false, 0, 0 };
	char *texts[2] = { NULL, NULL };
	size_t size;
	int i;

	(void)state;
	front.name = "grants/grants-4000";
	front.granted = granted->egress;
	front.n_granted = granted->n_egress;
	front.behind = policy;
	for (i = 0; i < 2; i++) {
		FILE *out = open_memstream(&texts[i], &size);

		plan.n_policies = (uint32_t)i + 1;
		assert_int_equal(iptables_rules_text(&plan, FAMILY_IPV4, out), 0);
		fclose(out);
	}
	assert_string_equal(texts[1], texts[0]);
	free(texts[0]);
	free(texts[1]);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_uid_finds_its_chain),
		cmocka_unit_test(only_what_fences_name_exists),
		cmocka_unit_test(what_is_no_plan_is_an_error),
		cmocka_unit_test(the_whole_text),
		cmocka_unit_test(what_is_granted_stands_in_front),
		cmocka_unit_test(what_is_granted_changes_no_other_chain),
	};

	return cmocka_run_group_tests_name("iptables layout", tests, NULL, NULL);
}
