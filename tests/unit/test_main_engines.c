/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which engine it is to be, what main tells the engines' processes of that and when, and what
 * becomes of what the other one has left.
 */
#include "scripted_caller.h"

static const char nftables_rules[] = SCRIPTED_RULES "settings: {engine: nftables}\n";

static void
engine_is_told(struct scripted *s, enum family family, enum settings_engine which)
{
	struct asked asked = { 0 };

	engine_hears(s, family, &asked);
	assert_int_equal(asked.operation, ENGINE_USE);
	assert_int_equal(asked.n, which);
}

static void
engine_is_to_clear(struct scripted *s, enum family family)
{
	struct asked asked = { 0 };

	engine_hears(s, family, &asked);
	assert_int_equal(asked.operation, ENGINE_CLEAR);
}

/* Starts again with these rules, and minds USE itself. */
static struct scripted *
begin_with(void **state, const char *rules)
{
	struct scripted *s = scripted_begin(state);

	scripted_kill(s);
	scripted_write(s->rules, "netfence.yaml", rules);
	s->hold_uses = true;
	scripted_start(s);
	return s;
}

/* Both engines, as main wants them, opened; what the other has left is to be found by both. */
static void
engines_use(struct scripted *s, enum settings_engine which, bool other_left)
{
	enum family family;

	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		engine_is_told(s, family, which);
		engine_uses(s, family, which, other_left);
		engine_says(s, family, 0, "");
	}
}

static void
nothing_is_asked(struct scripted *s, enum family family)
{
	struct pollfd poller = { .fd = s->engines[family], .events = POLLIN };

	assert_int_equal(poll(&poller, 1, 100), 0);
}

/* The table of nftables is that of both families, and the IPv4 engine's. */
static void
table_is_to(struct scripted *s, uint32_t uid, bool fenced)
{
	engine_is_to(s, FAMILY_IPV4, uid, fenced);
	engine_says(s, FAMILY_IPV4, 0, "");
}

/* From nothing to a main that serves, with nftables. */
static void
table_is_up(struct scripted *s)
{
	engine_start(s, FAMILY_IPV4);
	engine_start(s, FAMILY_IPV6);
	scripted_loads(s, SETTINGS_ENGINE_NFTABLES);
	engines_use(s, SETTINGS_ENGINE_NFTABLES, false);
	table_is_to(s, ALICE, false);
	scripted_hears(s, CHANNEL_READY);
}

/* ------------------------------------------------------------------------------- which */

static void
rules_say_which_and_modules_come_first(void **state)
{
	struct scripted *s = begin_with(state, nftables_rules);

	engine_start(s, FAMILY_IPV4);
	engine_start(s, FAMILY_IPV6);
	nothing_is_asked(s, FAMILY_IPV4);
	scripted_loads(s, SETTINGS_ENGINE_NFTABLES);
	engines_use(s, SETTINGS_ENGINE_NFTABLES, false);
	table_is_to(s, ALICE, false);
	scripted_hears(s, CHANNEL_READY);
}

/* Else each family could come to another one. */
static void
auto_is_told_by_the_ipv4_engine_alone(void **state)
{
	struct scripted *s = begin_with(state, SCRIPTED_RULES);

	engine_start(s, FAMILY_IPV6);
	engine_start(s, FAMILY_IPV4);
	scripted_loads(s, SETTINGS_ENGINE_AUTO);
	engine_is_told(s, FAMILY_IPV4, SETTINGS_ENGINE_AUTO);
	nothing_is_asked(s, FAMILY_IPV6);
	engine_uses(s, FAMILY_IPV4, SETTINGS_ENGINE_NFTABLES, false);
	engine_is_told(s, FAMILY_IPV6, SETTINGS_ENGINE_NFTABLES);
	engine_uses(s, FAMILY_IPV6, SETTINGS_ENGINE_NFTABLES, false);
	engine_says(s, FAMILY_IPV6, 0, "");
	engine_says(s, FAMILY_IPV4, 0, "");
	table_is_to(s, ALICE, false);
	scripted_hears(s, CHANNEL_READY);
	/* One that comes back is not asked again. */
	engine_die(s, FAMILY_IPV4);
	engine_start(s, FAMILY_IPV4);
	engine_is_told(s, FAMILY_IPV4, SETTINGS_ENGINE_NFTABLES);
}

/* It serves then, to refuse and say why. */
static void
auto_that_cannot_be_told_keeps_nobody_waiting(void **state)
{
	struct scripted *s = begin_with(state, SCRIPTED_RULES);

	engine_start(s, FAMILY_IPV4);
	engine_start(s, FAMILY_IPV6);
	scripted_loads(s, SETTINGS_ENGINE_AUTO);
	engine_is_told(s, FAMILY_IPV4, SETTINGS_ENGINE_AUTO);
	engine_says(s, FAMILY_IPV4, EPERM, "CAP_NET_RAW is missing");
	scripted_hears(s, CHANNEL_READY);
}

static void
without_rules_it_is_auto(void **state)
{
	struct scripted *s = begin_with(state, "version: 1\nnonsense: 1\n");

	engine_start(s, FAMILY_IPV4);
	scripted_loads(s, SETTINGS_ENGINE_AUTO);
	engine_is_told(s, FAMILY_IPV4, SETTINGS_ENGINE_AUTO);
}

/* --------------------------------------------------------------------- what the other has left */

static void
it_goes_once_both_families_are_in_force(void **state)
{
	struct scripted *s = begin_with(state, nftables_rules);
	int other = open(s->lock, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);

	engine_start(s, FAMILY_IPV4);
	engine_start(s, FAMILY_IPV6);
	scripted_loads(s, SETTINGS_ENGINE_NFTABLES);
	engines_use(s, SETTINGS_ENGINE_NFTABLES, true);
	/* What failed has put nothing in its place. */
	engine_is_to(s, FAMILY_IPV4, ALICE, false);
	engine_says(s, FAMILY_IPV4, ENOSPC, "no room");
	engine_is_to(s, FAMILY_IPV4, ALICE, false);
	nothing_is_asked(s, FAMILY_IPV6);
	engine_says(s, FAMILY_IPV4, 0, "");
	engine_is_to_clear(s, FAMILY_IPV4);
	engine_is_to_clear(s, FAMILY_IPV6);
	assert_int_equal(flock(other, LOCK_EX | LOCK_NB), -1);
	engine_says(s, FAMILY_IPV4, 0, "");
	engine_says(s, FAMILY_IPV6, 0, "");
	scripted_hears(s, CHANNEL_READY);
	close(other);
}

static void
what_the_other_has_left_goes_before_sockets_are_cut(void **state)
{
	struct scripted *s = begin_with(state, nftables_rules);
	struct asked asked = { 0 };
	int fd;

	engine_start(s, FAMILY_IPV4);
	engine_start(s, FAMILY_IPV6);
	scripted_loads(s, SETTINGS_ENGINE_NFTABLES);
	engines_use(s, SETTINGS_ENGINE_NFTABLES, true);
	table_is_to(s, ALICE, false);
	engine_is_to_clear(s, FAMILY_IPV4);
	engine_is_to_clear(s, FAMILY_IPV6);
	engine_says(s, FAMILY_IPV4, EBUSY, "not now");
	engine_says(s, FAMILY_IPV6, 0, "");
	scripted_hears(s, CHANNEL_READY);
	s->hold_cuts = true;
	fd = login(s, ALICE);
	engine_hears(s, FAMILY_IPV4, &asked);
	assert_int_equal(asked.operation, ENGINE_APPLY);
	assert_true(asked_fences(&asked, ALICE));
	assert_int_equal(asked.n_cuts, 0);
	engine_says(s, FAMILY_IPV4, 0, "");
	engine_is_to_clear(s, FAMILY_IPV4);
	nothing_for(s, fd);
	engine_says(s, FAMILY_IPV4, 0, "");
	engine_hears(s, FAMILY_IPV4, &asked);
	assert_int_equal(asked.operation, ENGINE_CUT);
	assert_true(asked_fences(&asked, ALICE));
	nothing_for(s, fd);
	engine_says(s, FAMILY_IPV4, 0, "");
	is_fenced(s, fd);
	asked_clear(&asked);
	close(fd);
}

/* Nobody waits for a lock that nftables does not need. */
static void
another_who_has_the_lock_delays_nobody(void **state)
{
	struct scripted *s = begin_with(state, nftables_rules);
	int other = open(s->lock, O_RDONLY | O_CREAT | O_CLOEXEC, 0600), fd;

	assert_int_equal(flock(other, LOCK_EX), 0);
	engine_start(s, FAMILY_IPV4);
	engine_start(s, FAMILY_IPV6);
	scripted_loads(s, SETTINGS_ENGINE_NFTABLES);
	engines_use(s, SETTINGS_ENGINE_NFTABLES, true);
	table_is_to(s, ALICE, false);
	scripted_hears(s, CHANNEL_READY);
	fd = login(s, ALICE);
	table_is_to(s, ALICE, true);
	is_fenced(s, fd);
	/* What iptables has left goes as soon as it may. */
	assert_int_equal(flock(other, LOCK_UN), 0);
	table_is_to(s, ALICE, true);
	engine_is_to_clear(s, FAMILY_IPV4);
	engine_is_to_clear(s, FAMILY_IPV6);
	close(other);
	close(fd);
}

/* Nor has its path to be the one that was opened. */
static void
a_lock_that_is_replaced_is_nothing_to_nftables(void **state)
{
	struct scripted *s = begin_with(state, nftables_rules);

	engine_start(s, FAMILY_IPV4);
	engine_start(s, FAMILY_IPV6);
	assert_int_equal(unlink(s->lock), 0);
	scripted_loads(s, SETTINGS_ENGINE_NFTABLES);
	engines_use(s, SETTINGS_ENGINE_NFTABLES, false);
	table_is_to(s, ALICE, false);
	scripted_hears(s, CHANNEL_READY);
}

/* ------------------------------------------------------------------------ one for both families */

static void
table_is_to_cut(struct scripted *s, uint32_t uid)
{
	struct asked asked = { 0 };

	engine_hears(s, FAMILY_IPV4, &asked);
	assert_int_equal(asked.operation, ENGINE_APPLY);
	assert_true(asked_fences(&asked, uid));
	assert_int_equal(asked.n_cuts, 1);
	assert_int_equal(asked.cuts[0].first, uid);
	assert_int_equal(s->batch->missing, 1);
	asked_clear(&asked);
}

/* main is not between the commit and the cut. */
static void
it_cuts_by_itself(void **state)
{
	struct scripted *s = begin_with(state, nftables_rules);
	int alice, bob;

	table_is_up(s);
	s->hold_cuts = true;
	alice = login(s, ALICE);
	table_is_to_cut(s, ALICE);
	nothing_for(s, alice);
	engine_says(s, FAMILY_IPV4, 0, "");
	is_fenced(s, alice);
	/* A kernel that cannot is no reason to refuse. */
	bob = login(s, BOB);
	table_is_to_cut(s, BOB);
	engine_did(s, FAMILY_IPV4, true, EOPNOTSUPP, "no");
	is_fenced(s, bob);
	close(bob);
	close(alice);
}

/* With the fence in force; whoever logs in waits until that is so as well. */
static void
a_cut_that_fails_is_made_again(void **state)
{
	struct scripted *s = begin_with(state, nftables_rules);
	int fd;

	table_is_up(s);
	fd = login(s, ALICE);
	table_is_to_cut(s, ALICE);
	engine_did(s, FAMILY_IPV4, true, ENOBUFS, "too many");
	nothing_for(s, fd);
	table_is_to_cut(s, ALICE);
	engine_says(s, FAMILY_IPV4, 0, "");
	is_fenced(s, fd);
	close(fd);
}

static void
one_that_dies_over_it_is_asked_again(void **state)
{
	struct scripted *s = begin_with(state, nftables_rules);
	int fd;

	table_is_up(s);
	fd = login(s, ALICE);
	table_is_to_cut(s, ALICE);
	engine_die(s, FAMILY_IPV4);
	engine_start(s, FAMILY_IPV4);
	engine_is_told(s, FAMILY_IPV4, SETTINGS_ENGINE_NFTABLES);
	engine_uses(s, FAMILY_IPV4, SETTINGS_ENGINE_NFTABLES, false);
	engine_says(s, FAMILY_IPV4, 0, "");
	nothing_for(s, fd);
	table_is_to_cut(s, ALICE);
	engine_says(s, FAMILY_IPV4, 0, "");
	is_fenced(s, fd);
	close(fd);
}

/* Nor is what was to be cut then cut with the next login. */
static void
a_table_that_fails_cuts_nobody(void **state)
{
	struct scripted *s = begin_with(state, nftables_rules);
	char text[256];
	int fd;

	table_is_up(s);
	s->hold_cuts = true;
	fd = login(s, ALICE);
	table_is_to_cut(s, ALICE);
	engine_says(s, FAMILY_IPV4, ENOSPC, "no room");
	engine_is_to(s, FAMILY_IPV6, ALICE, false);
	engine_says(s, FAMILY_IPV6, 0, "");
	assert_int_equal(answer(s, fd, text), PROTOCOL_REFUSED);
	assert_string_equal(text, "nftables: no room");
	close(fd);
	fd = login(s, BOB);
	table_is_to_cut(s, BOB);
	engine_says(s, FAMILY_IPV4, 0, "");
	is_fenced(s, fd);
	close(fd);
}

/* ----------------------------------------------------------------------------- another one */

static void
engine_is_let_go(struct scripted *s, enum family family)
{
	char byte;

	wait_for(s, s->engines[family]);
	assert_int_equal(recv(s->engines[family], &byte, 1, 0), 0);
	engine_die(s, family);
	engine_start(s, family);
}

static void
a_reload_changes_it_at_once(void **state)
{
	struct scripted *s = begin_with(state, SCRIPTED_RULES "settings: {engine: iptables}\n");
	int fd, asker;

	engine_start(s, FAMILY_IPV4);
	engine_start(s, FAMILY_IPV6);
	scripted_loads(s, SETTINGS_ENGINE_IPTABLES);
	engines_use(s, SETTINGS_ENGINE_IPTABLES, false);
	engines_do(s, ALICE, false);
	fd = login(s, ALICE);
	engines_do(s, ALICE, true);
	is_fenced(s, fd);

	scripted_write(s->rules, "netfence.yaml", nftables_rules);
	asker = caller(s);
	say_reload(asker);
	engines_do(s, ALICE, true); /* by those who are there */
	scripted_loads(s, SETTINGS_ENGINE_NFTABLES);
	engine_is_let_go(s, FAMILY_IPV4);
	engine_is_let_go(s, FAMILY_IPV6);
	engines_use(s, SETTINGS_ENGINE_NFTABLES, true);
	table_is_to(s, ALICE, true);
	engine_is_to_clear(s, FAMILY_IPV4);
	engine_is_to_clear(s, FAMILY_IPV6);
	close(asker);
	close(fd);
}

/* What this kernel does not have is mended by the next reload. */
static void
one_that_is_not_there_is_changed_again(void **state)
{
	struct scripted *s = begin_with(state, nftables_rules);
	int asker;

	engine_start(s, FAMILY_IPV4);
	engine_start(s, FAMILY_IPV6);
	scripted_loads(s, SETTINGS_ENGINE_NFTABLES);
	engine_is_told(s, FAMILY_IPV4, SETTINGS_ENGINE_NFTABLES);
	engine_uses(s, FAMILY_IPV4, SETTINGS_ENGINE_NFTABLES, false);
	engine_says(s, FAMILY_IPV4, EPROTONOSUPPORT, "the kernel has no nftables");
	engine_is_told(s, FAMILY_IPV6, SETTINGS_ENGINE_NFTABLES);
	engine_uses(s, FAMILY_IPV6, SETTINGS_ENGINE_NFTABLES, false);
	engine_says(s, FAMILY_IPV6, 0, "");
	scripted_hears(s, CHANNEL_READY); /* to refuse, and say why */
	scripted_write(s->rules, "netfence.yaml", SCRIPTED_RULES "settings: {engine: iptables}\n");
	asker = caller(s);
	say_reload(asker);
	scripted_loads(s, SETTINGS_ENGINE_IPTABLES);
	engine_is_let_go(s, FAMILY_IPV4);
	engine_is_let_go(s, FAMILY_IPV6);
	engines_use(s, SETTINGS_ENGINE_IPTABLES, false);
	engines_do(s, ALICE, false);
	close(asker);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scripted_setup, scripted_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rules_say_which_and_modules_come_first),
		TEST(auto_is_told_by_the_ipv4_engine_alone),
		TEST(auto_that_cannot_be_told_keeps_nobody_waiting),
		TEST(without_rules_it_is_auto),
		TEST(it_goes_once_both_families_are_in_force),
		TEST(what_the_other_has_left_goes_before_sockets_are_cut),
		TEST(another_who_has_the_lock_delays_nobody),
		TEST(a_lock_that_is_replaced_is_nothing_to_nftables),
		TEST(it_cuts_by_itself),
		TEST(a_cut_that_fails_is_made_again),
		TEST(one_that_dies_over_it_is_asked_again),
		TEST(a_table_that_fails_cuts_nobody),
		TEST(a_reload_changes_it_at_once),
		TEST(one_that_is_not_there_is_changed_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
