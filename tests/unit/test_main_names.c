/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the name service says of users, when main has asked it: at a start for whom the rules always
 * fence, at a reload for who is there.
 */
#include "resolver.h"
#include "resolver_wire.h"
#include "scripted_caller.h"

#define ALWAYS               \
	"version: 1\n"       \
	"groups:\n"          \
	"  supporters:\n"    \
	"    always: true\n" \
	"    egress: [{allow: udp/162, to: any}]\n"

/* The test is that process from now on. */
static int
names_begin(const struct scripted *s)
{
	int pair[2];

	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(channel_send(s->channel, CHANNEL_RESOLVER, 0, pair[1]), 0);
	close(pair[1]);
	return pair[0];
}

static void
names_are_asked(struct scripted *s, int names)
{
	struct protocol_header header;
	uint8_t *payload;

	wait_for(s, names);
	assert_int_equal(wire_receive(names, &header, &payload, DEADLINE, NULL), 0);
	assert_int_equal(header.operation, RESOLVER_ASK);
	free(payload);
}

/* The uid is that of "a login", a member of the group; 0: there is nobody. */
static void
names_say(int names, uint32_t uid, uint32_t subuids, char *group)
{
	struct uid_range range = { subuids, subuids + 65535 };
	struct open_request request = {
		.uid = uid,
		.gid = uid,
		.user = (char[]){ "a login" },
		.n_groups = group != NULL,
		.groups = &group,
		.n_ranges = subuids != 0,
		.ranges = &range,
	};
	struct wire_out out = { 0 }, part = { 0 };

	wire_put_u8(&out, true);
	wire_put_u32(&out, uid != 0);
	if (uid) {
		open_request_put(&part, &request);
		wire_put_u8(&out, RESOLVER_FOUND);
		wire_put_part(&out, &part);
	}
	assert_int_equal(
	    wire_send(names, (enum protocol_operation)RESOLVER_LIST, &out, DEADLINE, NULL), 0);
	wire_out_free(&part);
	wire_out_free(&out);
}

static int
start_always(struct scripted *s)
{
	scripted_kill(s);
	scripted_write(s->rules, "netfence.yaml", ALWAYS);
	scripted_start(s);
	engines_up(s, ALICE, false);
	return names_begin(s);
}

/* The name service is slower than the first commit. */
static void
who_is_always_fenced_is_so_when_that_is_known(void **state)
{
	struct scripted *s = scripted_begin(state);
	int names = start_always(s);

	names_are_asked(s, names);
	names_say(names, ALICE, SUBUIDS, (char[]){ "supporters" });
	engine_is_to(s, FAMILY_IPV4, ALICE, true);
	engine_is_to(s, FAMILY_IPV6, SUBUIDS, true);
	assert_true(has_record(s, ALICE));
	engine_says(s, FAMILY_IPV4, 0, "");
	engine_says(s, FAMILY_IPV6, 0, "");
	main_serves(s);
	close(names);
}

/* One who was in, and whom nothing fenced by the groups that were known at login. */
static void
who_is_in_already_may_be_one_of_them(void **state)
{
	struct scripted *s = scripted_begin(state);
	int names = start_always(s), fd;

	names_are_asked(s, names);
	fd = caller(s);
	say_open_in(fd, ALICE, 0, 20000, NULL, 0);
	assert_int_equal(answer(s, fd, NULL), PROTOCOL_FREE);
	say(fd, PROTOCOL_TAKEN, NULL);
	main_serves(s);
	names_say(names, ALICE, 0, (char[]){ "supporters" });
	nothing_for(s, s->engines[FAMILY_IPV4]); /* a login's groups count until a reload */
	say_reload(caller(s));
	names_are_asked(s, names);
	names_say(names, ALICE, 0, (char[]){ "supporters" });
	engines_do(s, ALICE, true);
	close(fd);
	close(names);
}

/* Whom a reload no longer always fences is let go of. */
static void
who_is_no_longer_is_free(void **state)
{
	struct scripted *s = scripted_begin(state);
	int names = start_always(s), asker;

	names_are_asked(s, names);
	names_say(names, ALICE, 0, (char[]){ "supporters" });
	engines_do(s, ALICE, true);
	main_serves(s);
	asker = caller(s);
	say_reload(asker);
	names_are_asked(s, names);
	names_say(names, ALICE, 0, NULL);
	engines_do(s, ALICE, false);
	names_are_asked(s, names);
	names_say(names, 0, 0, NULL);
	assert_int_equal(answer(s, asker, NULL), PROTOCOL_TEXT);
	close(asker);
	close(names);
}

/* Subordinate uids that somebody has been given since the login are fenced with the others. */
static void
a_reload_has_what_uids_there_are_now(void **state)
{
	struct scripted *s = scripted_begin(state);
	struct session_name name;
	int names, fd, asker;

	engines_up(s, ALICE, false);
	names = names_begin(s);
	fd = login(s, ALICE);
	engines_do(s, ALICE, true);
	name = is_fenced(s, fd);
	asker = caller(s);
	say_reload(asker);
	names_are_asked(s, names);
	names_say(names, ALICE, SUBUIDS, (char[]){ "supporters" });
	engine_is_to(s, FAMILY_IPV4, ALICE, true);
	engine_is_to(s, FAMILY_IPV6, SUBUIDS + 65535, true);
	engine_says(s, FAMILY_IPV4, 0, "");
	engine_says(s, FAMILY_IPV6, 0, "");
	assert_int_equal(answer(s, asker, NULL), PROTOCOL_TEXT);
	logout(s, &name, PROTOCOL_DONE);
	close(asker);
	close(fd);
	close(names);
}

/* A login that waits for the name service while other rules come into force. */
static void
whom_new_rules_always_fence_is_asked_when_there_is_time(void **state)
{
	struct scripted *s = scripted_begin(state);
	int names, fd, doubted, asker;

	engines_up(s, ALICE, false);
	names = names_begin(s);
	fd = login(s, ALICE);
	engines_do(s, ALICE, true);
	is_fenced(s, fd);
	scripted_write(s->rules, "netfence.yaml", ALWAYS);
	asker = caller(s);
	say_reload(asker);
	names_are_asked(s, names);
	names_say(names, ALICE, 0, (char[]){ "supporters" });
	engine_is_to(s, FAMILY_IPV4, ALICE, true);
	engine_is_to(s, FAMILY_IPV6, ALICE, true);
	doubted = caller(s);
	say_open_in(doubted, ALICE, 0, 20000, NULL, 0);
	names_are_asked(s, names);
	engine_says(s, FAMILY_IPV4, 0, "");
	engine_says(s, FAMILY_IPV6, 0, "");
	assert_int_equal(answer(s, asker, NULL), PROTOCOL_TEXT);
	names_say(names, ALICE, 0, (char[]){ "supporters" });
	names_are_asked(s, names);
	is_fenced(s, doubted);
	close(asker);
	close(doubted);
	close(fd);
	close(names);
}

/* The last of a stay has just gone, and the commit that lifts the fence is under way. */
static void
who_is_always_fenced_is_so_though_the_fence_was_to_go(void **state)
{
	struct scripted *s = scripted_begin(state);
	int names = start_always(s), fd;
	struct session_name name;

	names_are_asked(s, names);
	fd = login(s, ALICE);
	engines_do(s, ALICE, true);
	name = is_fenced(s, fd);
	logout(s, &name, PROTOCOL_DONE);
	engine_is_to(s, FAMILY_IPV4, ALICE, false);
	engine_is_to(s, FAMILY_IPV6, ALICE, false);
	names_say(names, ALICE, 0, (char[]){ "supporters" });
	main_serves(s);
	engine_says(s, FAMILY_IPV4, 0, "");
	engine_says(s, FAMILY_IPV6, 0, "");
	engines_do(s, ALICE, true);
	main_serves(s);
	assert_true(has_record(s, ALICE));
	close(fd);
	close(names);
}

/* The process that was asked has ended, and main hears of the next one first. */
static void
what_the_former_process_was_asked_is_answered_by_nobody(void **state)
{
	struct scripted *s = scripted_begin(state);
	int names, next, fd, asker;

	engines_up(s, ALICE, false);
	names = names_begin(s);
	fd = login(s, ALICE);
	engines_do(s, ALICE, true);
	is_fenced(s, fd);
	asker = caller(s);
	say_reload(asker);
	names_are_asked(s, names);
	next = names_begin(s);
	engines_do(s, ALICE, true);
	assert_int_equal(answer(s, asker, NULL), PROTOCOL_TEXT);
	close(asker);
	/* And that one serves. */
	asker = caller(s);
	say_reload(asker);
	names_are_asked(s, next);
	names_say(next, ALICE, 0, (char[]){ "supporters" });
	engines_do(s, ALICE, true);
	assert_int_equal(answer(s, asker, NULL), PROTOCOL_TEXT);
	close(asker);
	close(fd);
	close(names);
	close(next);
}

/* Whose record is damaged is not given up for a process that has ended. */
static void
who_was_fenced_is_asked_of_the_next_process(void **state)
{
	struct scripted *s = scripted_begin(state);
	enum family family;
	int names;

	scripted_kill(s);
	scripted_write(s->records, "1234500001", "damaged");
	scripted_start(s);
	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		engine_start(s, family);
		engine_says(s, family, 0, "");
	}
	names = names_begin(s);
	names_are_asked(s, names);
	close(names);
	names = names_begin(s);
	names_are_asked(s, names);
	names_say(names, ALICE, 0, (char[]){ "supporters" });
	engines_do(s, ALICE, true);
	scripted_hears(s, CHANNEL_READY);
	close(names);
}

/* Whoever asked for the reload is told what has become of it, however long that took. */
static void
a_reload_goes_on_without_a_name_service_that_does_not_answer(void **state)
{
	struct scripted *s = scripted_begin(state);
	int64_t until = wire_clock_ms() + RESOLVER_MS - 1000;
	int names, fd, asker;

	engines_up(s, ALICE, false);
	names = names_begin(s);
	fd = login(s, ALICE);
	engines_do(s, ALICE, true);
	is_fenced(s, fd);
	asker = caller(s);
	say_reload(asker);
	names_are_asked(s, names);
	while (wire_clock_ms() < until) {
		poll(NULL, 0, 100);
		main_serves(s);
	}
	scripted_hears(s, CHANNEL_KILL_RESOLVER);
	engines_do(s, ALICE, true);
	assert_int_equal(answer(s, asker, NULL), PROTOCOL_TEXT);
	close(asker);
	close(fd);
	close(names);
}

static int
comes_as(const struct scripted *s, char *name)
{
	int fd = caller(s);

	say_open_as(fd, name, ALICE, 0, 20000, NULL, 0);
	return fd;
}

/* A uid may have two names, of which only the latter is in the rules. What fences by that holds
 * from then on, whatever the first one to come was called. */
static void
who_comes_by_another_name_goes_by_that_where_it_matters(void **state)
{
	struct scripted *s = scripted_begin(state);
	static const char *const rules[] = {
		"version: 1\nusers:\n  alicia: {egress: []}\n",
		"version: 1\nusers:\n  alicia: {egress: []}\n  zoe: {egress: []}\n",
		("version: 1\nusers:\n  alicia: {egress: []}\n"
		 "  ali: {egress: [{allow: udp/162, to: any}]}\n"),
	};
	char *names[] = { (char[]){ "alice" }, (char[]){ "alicia" }, (char[]){ "ali" },
		(char[]){ "alicia" } };
	int first, second, asker, i;

	for (i = 0; i < 4; i += 2) {
		scripted_kill(s);
		scripted_write(s->rules, "netfence.yaml", rules[i]);
		scripted_start(s);
		engines_up(s, ALICE, false);
		first = comes_as(s, names[i]);
		if (i)
			engines_do(s, ALICE, true);
		assert_int_equal(answer(s, first, NULL), i ? PROTOCOL_FENCED : PROTOCOL_FREE);
		say(first, PROTOCOL_TAKEN, NULL);
		second = comes_as(s, names[i + 1]);
		engines_do(s, ALICE, true);
		assert_int_equal(answer(s, second, NULL), PROTOCOL_FENCED);
		say(second, PROTOCOL_TAKEN, NULL);
		main_serves(s);
		asker = caller(s);
		scripted_write(s->rules, "netfence.yaml", rules[1]);
		say_reload(asker);
		engines_do(s, ALICE, true);
		assert_int_equal(answer(s, asker, NULL), PROTOCOL_TEXT);
		scripted_kill(s);
		scripted_start(s);
		engines_up(s, ALICE, true);
		close(asker);
		close(first);
		close(second);
		unlinkat(s->records_fd, "1234500001", 0);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scripted_setup, scripted_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_is_always_fenced_is_so_when_that_is_known),
		TEST(who_is_in_already_may_be_one_of_them),
		TEST(who_is_no_longer_is_free),
		TEST(a_reload_has_what_uids_there_are_now),
		TEST(whom_new_rules_always_fence_is_asked_when_there_is_time),
		TEST(who_is_always_fenced_is_so_though_the_fence_was_to_go),
		TEST(what_the_former_process_was_asked_is_answered_by_nobody),
		TEST(who_was_fenced_is_asked_of_the_next_process),
		TEST(a_reload_goes_on_without_a_name_service_that_does_not_answer),
		TEST(who_comes_by_another_name_goes_by_that_where_it_matters),
	};

	return cmocka_run_group_tests_name("main_names", tests, NULL, NULL);
}
