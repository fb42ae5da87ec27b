/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules that have to be confirmed, and what comes where they are not.
 */
#include <time.h>

#include "kept.h"
#include "scripted_caller.h"
#include "term.h"

#define OTHER_RULES "version: 1\ngroups:\n  supporters:\n    egress: []\n"

/* As the supervisor does it, until main has said that word about that file. */
static void
keeps(struct scripted *s, enum channel_word word, enum kept which)
{
	struct channel_message message;
	int64_t until = DEADLINE;
	struct why why;
	int fd;

	do {
		if (wire_clock_ms() > until)
			fail_msg("main never said %d of file %d", word, which);
		wait_for(s, s->channel);
		assert_int_equal(channel_receive(s->channel, &message, &fd), 1);
		if (message.word == CHANNEL_KEEP &&
		    kept_store(s->state_fd, (enum kept)message.number, fd, getegid(), &why) < 0)
			fail_msg("%s", why.text);
		if (message.word == CHANNEL_FORGET)
			kept_unlink(s->state_fd, (enum kept)message.number, NULL);
		if (fd >= 0)
			close(fd);
	} while (message.word != word || message.number != which);
}

/* The rules of the files, into force until the seconds are over. */
static void
reload_for(struct scripted *s, const char *text, uint32_t seconds)
{
	struct wire_out out = { 0 };
	int fd = caller(s);

	scripted_write(s->rules, "netfence.yaml", text);
	wire_put_u8(&out, 0);
	wire_put_u32(&out, seconds);
	say(fd, PROTOCOL_RELOAD, &out);
	wire_out_free(&out);
	engines_do(s, ALICE, false);
	assert_int_equal(answer(s, fd, NULL), PROTOCOL_TEXT);
	close(fd);
	keeps(s, CHANNEL_KEEP, KEPT_CONFIRM);
}

/* Nobody may be there to try again: that is what it is for. */
static void
the_previous_rules_return_though_a_commit_fails(void **state)
{
	struct scripted *s = scripted_begin(state);

	engines_up(s, ALICE, false);
	reload_for(s, OTHER_RULES, 1);
	engine_is_to(s, FAMILY_IPV4, ALICE, false);
	engine_is_to(s, FAMILY_IPV6, ALICE, false);
	engine_says(s, FAMILY_IPV4, ENOSPC, "the table is full");
	engine_says(s, FAMILY_IPV6, ENOSPC, "");
	engines_do(s, ALICE, false);
	keeps(s, CHANNEL_KEEP, KEPT_PINNED);
	keeps(s, CHANNEL_FORGET, KEPT_CONFIRM);
}

/* What was there before all that was not confirmed, and is there again. */
static void
what_returns_may_be_what_is_there(void **state)
{
	struct scripted *s = scripted_begin(state);

	engines_up(s, ALICE, false);
	reload_for(s, OTHER_RULES, 600);
	reload_for(s, SCRIPTED_RULES, 1);
	engines_do(s, ALICE, false);
	keeps(s, CHANNEL_KEEP, KEPT_PINNED);
	keeps(s, CHANNEL_FORGET, KEPT_CONFIRM);
}

static uint16_t
confirm(struct scripted *s)
{
	int fd = caller(s);
	uint16_t operation;

	say(fd, PROTOCOL_CONFIRM, NULL);
	operation = answer(s, fd, NULL);
	close(fd);
	return operation;
}

/* Who is told that they are confirmed has them. */
static void
while_the_previous_rules_return_it_is_too_late(void **state)
{
	struct scripted *s = scripted_begin(state);

	engines_up(s, ALICE, false);
	reload_for(s, OTHER_RULES, 1);
	engine_is_to(s, FAMILY_IPV4, ALICE, false);
	engine_is_to(s, FAMILY_IPV6, ALICE, false);
	assert_int_equal(confirm(s), PROTOCOL_ERROR);
	engine_says(s, FAMILY_IPV4, 0, "");
	engine_says(s, FAMILY_IPV6, 0, "");
	keeps(s, CHANNEL_FORGET, KEPT_CONFIRM);
	assert_int_equal(confirm(s), PROTOCOL_ERROR);
	reload_for(s, OTHER_RULES, 600);
	assert_int_equal(confirm(s), PROTOCOL_TEXT);
	keeps(s, CHANNEL_FORGET, KEPT_CONFIRM);
}

/* Nothing is to return, and nobody is told so again and again. */
static void
what_has_nothing_before_it_stays(void **state)
{
	struct scripted *s = scripted_begin(state);
	enum family family;

	scripted_kill(s);
	scripted_write(s->rules, "netfence.yaml", "version: 1\nnonsense: 1\n");
	scripted_start(s);
	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		engine_start(s, family);
		engine_says(s, family, 0, "");
	}
	scripted_hears(s, CHANNEL_READY);
	reload_for(s, OTHER_RULES, 1);
	keeps(s, CHANNEL_FORGET, KEPT_CONFIRM);
	assert_int_equal(confirm(s), PROTOCOL_ERROR);
}

static void
roll_back(struct scripted *s, const char *words)
{
	int fd = caller(s);
	char text[256];

	say(fd, PROTOCOL_ROLLBACK, NULL);
	if (!strcmp(words, "in force"))
		engines_do(s, ALICE, false);
	assert_int_equal(answer(s, fd, text), PROTOCOL_TEXT);
	if (!strstr(text, words))
		fail_msg("not \"%s\": %s", words, text);
	close(fd);
}

/* The supervisor writes them down when it comes to it, if it can. */
static void
what_was_before_is_known_though_it_is_not_written_yet(void **state)
{
	struct scripted *s = scripted_begin(state);
	int fd;

	engines_up(s, ALICE, false);
	roll_back(s, "there are no previous rules");
	scripted_write(s->rules, "netfence.yaml", OTHER_RULES);
	fd = caller(s);
	say_reload(fd);
	engines_do(s, ALICE, false);
	assert_int_equal(answer(s, fd, NULL), PROTOCOL_TEXT);
	close(fd);
	roll_back(s, "in force");
}

/* Nor what a main has found in the files at its start. */
static void
what_was_before_a_start_is_known_as_well(void **state)
{
	struct scripted *s = scripted_begin(state);

	keeps(s, CHANNEL_KEEP, KEPT_RULES);
	scripted_kill(s);
	scripted_write(s->rules, "netfence.yaml", OTHER_RULES);
	scripted_start(s);
	engines_up(s, ALICE, false);
	roll_back(s, "in force");
}

/* A host that has been started again by whoever it had locked out; its clock is a day behind. */
static void
a_boot_or_a_clock_set_back_prolongs_nothing(void **state)
{
	struct scripted *s = scripted_begin(state);
	const struct term term = { time(NULL) + 86400, wire_clock_boot_ms() + 1000 };
	const uint64_t left_ms = 1000;
	struct wire_out out = { 0 };
	size_t at;
	int fd;

	engines_up(s, ALICE, false);
	reload_for(s, OTHER_RULES, 600);
	scripted_kill(s);
	fd = openat(s->state_fd, "rules.confirm", O_RDWR | O_CLOEXEC);
	wire_put_u64(&out, UINT64_C(0x31306d7269666e63));
	wire_put_string(&out, "another boot");
	at = out.used;
	term_put(&out, &term);
	memcpy(out.data + at + 16, &left_ms, sizeof(left_ms));
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(write(fd, out.data, out.used), out.used);
	wire_out_free(&out);
	close(fd);
	scripted_start(s);
	engines_up(s, ALICE, false);
	engines_do(s, ALICE, false);
	keeps(s, CHANNEL_KEEP, KEPT_PINNED);
}

/* Until when is not known: what has not been confirmed is not to stay. */
static void
what_cannot_be_read_is_over(void **state)
{
	struct scripted *s = scripted_begin(state);
	enum family family;

	engines_up(s, ALICE, false);
	reload_for(s, OTHER_RULES, 600);
	scripted_kill(s);
	scripted_write(s->state, "rules.confirm", "damaged");
	scripted_start(s);
	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		engine_start(s, family);
		engine_says(s, family, 0, "");
	}
	keeps(s, CHANNEL_KEEP, KEPT_PINNED);
	engines_do(s, ALICE, false);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scripted_setup, scripted_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_previous_rules_return_though_a_commit_fails),
		TEST(what_returns_may_be_what_is_there),
		TEST(while_the_previous_rules_return_it_is_too_late),
		TEST(what_has_nothing_before_it_stays),
		TEST(what_was_before_is_known_though_it_is_not_written_yet),
		TEST(what_was_before_a_start_is_known_as_well),
		TEST(a_boot_or_a_clock_set_back_prolongs_nothing),
		TEST(what_cannot_be_read_is_over),
	};

	return cmocka_run_group_tests_name("main_confirm", tests, NULL, NULL);
}
