/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A commit is put together from the one before and from whom something has happened to. That has to
 * come to what it would be from the beginning: to what a main that has just started asks for.
 */
#include "scripted_crowd.h"

#include "explain/grant_request.h"

/* ------------------------------------------------------------------- administrators */

/* What is answered begins with this; malloc'd. */
static char *
answers_text(struct crowd *crowd, int fd)
{
	struct protocol_header header;
	struct wire_in in;
	uint8_t *payload;
	char *text;

	serve(crowd, fd);
	assert_int_equal(wire_receive(fd, &header, &payload, DEADLINE, NULL), 0);
	assert_int_equal(header.operation, PROTOCOL_TEXT);
	in = (struct wire_in){ .data = payload, .left = header.length };
	text = wire_get_string(&in, header.length);
	assert_non_null(text);
	free(payload);
	close(fd);
	return text;
}

static void
reload(struct crowd *crowd)
{
	const uint32_t next = (crowd->rules + 1) % RULES;
	int fd = caller(crowd->s);
	char *text;

	scripted_write(crowd->s->rules, "netfence.yaml", rules[next]);
	say_reload(fd);
	text = answers_text(crowd, fd);
	if (strstr(text, "not this time"))
		scripted_write(crowd->s->rules, "netfence.yaml", rules[crowd->rules]);
	else
		crowd->rules = next;
	free(text);
}

static void
off_and_on(struct crowd *crowd)
{
	struct wire_out out = { 0 };
	int fd = caller(crowd->s);

	wire_put_u32(&out, 600);
	wire_put_string(&out, "a reason");
	wire_put_string(&out, "");
	say(fd, PROTOCOL_OFF, &out);
	wire_out_free(&out);
	free(answers_text(crowd, fd));
	assert_int_equal(crowd->held[FAMILY_IPV4].n, 0);
	fd = caller(crowd->s);
	wire_put_string(&out, "");
	say(fd, PROTOCOL_ON, &out);
	wire_out_free(&out);
	free(answers_text(crowd, fd));
}

/* Some of them end by themselves, some before they have begun. */
static void
grant(struct crowd *crowd)
{
	const uint32_t i = roll(PEOPLE);
	const char *groups[] = { group_of(i) }, *id;
	char name[16], *text;
	const bool is_short = roll(2);
	struct grant_request request = {
		.subject = { .user = name, .uid = FIRST + i, .n_groups = 1, .groups = groups },
		.what = roll(2) ? "tcp/1" : "tcp/2",
		.where = "192.0.2.1",
		.seconds = is_short ? 1 : 600,
		.reason = is_short ? "a short one" : "a long one",
		.claim = "",
	};
	struct wire_out out = { 0 };
	int fd = caller(crowd->s);

	snprintf(name, sizeof(name), "user%u", (unsigned int)i);
	grant_request_put(&out, &request);
	say(fd, PROTOCOL_GRANT, &out);
	wire_out_free(&out);
	text = answers_text(crowd, fd);
	id = strstr(text, "\"id\":");
	if (id)
		crowd->grant = (uint32_t)strtoul(strpbrk(id, "0123456789"), NULL, 10);
	free(text);
}

/* Until none is left that will end soon; the next commit is without it. */
static void
outlast_grants(struct crowd *crowd)
{
	struct wire_out out = { 0 };
	int64_t until = DEADLINE;
	bool some;
	char *text;
	int fd;

	do {
		fd = caller(crowd->s);
		wire_put_string(&out, "");
		say(fd, PROTOCOL_GRANTS, &out);
		wire_out_free(&out);
		text = answers_text(crowd, fd);
		some = strstr(text, "a short one");
		free(text);
		if (wire_clock_ms() > until)
			fail_msg("there is still a grant for a second");
	} while (some);
	come(crowd, GUEST);
	go(crowd, GUEST);
}

static void
take_back(struct crowd *crowd)
{
	struct wire_out out = { 0 };
	int fd = caller(crowd->s);

	wire_put_u32(&out, crowd->grant);
	wire_put_string(&out, "");
	say(fd, PROTOCOL_REVOKE, &out);
	wire_out_free(&out);
	free(answers_text(crowd, fd));
}

static void
anything(struct crowd *crowd)
{
	crowd->fail = !roll(16);
	switch (roll(20)) {
	case 0:
		reload(crowd);
		break;
	case 1:
		crowd->fail = false;
		off_and_on(crowd);
		break;
	case 2:
	case 3:
		grant(crowd);
		break;
	case 4:
		take_back(crowd);
		break;
	case 5:
		crowd->s->drift = crowd->drifts++ < 4;
		break;
	case 6:
	case 7:
	case 8:
	case 9:
		meet(crowd);
		break;
	default:
		come_or_go(crowd);
	}
}

/* ------------------------------------------------------------------- what it comes to */

/* Until nothing is held of who has gone. */
static void
rest(struct crowd *crowd)
{
	int64_t until = DEADLINE;
	uint32_t i;

	for (i = 0; i < ALL; i++)
		while (has_record(crowd->s, FIRST + i) != (crowd->people[i].n > 0)) {
			if (wire_clock_ms() > until)
				fail_msg("uid %u is%s held", FIRST + i,
				    crowd->people[i].n ? " not" : " still");
			serve_a_request(crowd);
		}
}

static void
is_held(struct crowd *crowd, const struct asked *asked, enum family family)
{
	const struct asked *held = &crowd->held[family];
	uint32_t i;

	for (i = 0; i < ALL; i++) {
		const struct person *person = &crowd->people[i];
		const bool fenced = person->n && is_fenced_by_rules(crowd, i);

		if (asked_fences(held, FIRST + i) != fenced)
			fail_msg("uid %u", FIRST + i);
		if (i % 2 && (!fenced || person->widened) &&
		    asked_fences(held, SUBUIDS + i * 65536 + 7) != fenced)
			fail_msg("subordinate uids of uid %u", FIRST + i);
	}
	assert_int_equal(held->n, asked->n);
	if (held->n)
		assert_memory_equal(held->fences, asked->fences, asked->n * sizeof(*asked->fences));
}

/* Another main, of which everything is asked that the former one came to. */
static void
starts_again_with_the_same(struct crowd *crowd)
{
	struct wire_out policies[FAMILIES] = { { 0 }, { 0 } };
	struct asked asked = { 0 };
	enum family family;

	crowd->fail = false;
	outlast_grants(crowd);
	rest(crowd);
	scripted_kill(crowd->s);
	scripted_start(crowd->s);
	crowd->drifts = 0;
	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		policies[family] = crowd->s->policies[family];
		crowd->s->policies[family] = (struct wire_out){ 0 };
		engine_start(crowd->s, family);
		engine_says(crowd->s, family, 0, "");
	}
	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		engine_hears(crowd->s, family, &asked);
		assert_int_equal(asked.operation, ENGINE_APPLY);
		is_held(crowd, &asked, family);
		assert_int_equal(policies[family].used, crowd->s->policies[family].used);
		assert_memory_equal(
		    policies[family].data, crowd->s->policies[family].data, policies[family].used);
		wire_out_free(&policies[family]);
	}
	asked_clear(&asked);
	engine_says(crowd->s, FAMILY_IPV4, 0, "");
	engine_says(crowd->s, FAMILY_IPV6, 0, "");
	main_serves(crowd->s);
}

static struct crowd
crowd_begin(void **state)
{
	struct crowd crowd = { .s = scripted_begin(state) };
	const char *seed = getenv("SEED");

	chance = seed ? (unsigned int)strtoul(seed, NULL, 10) : (unsigned int)time(NULL);
	print_message("SEED=%u\n", chance);
	scripted_kill(crowd.s);
	scripted_write(crowd.s->rules, "netfence.yaml", rules[0]);
	scripted_start(crowd.s);
	engines_up(crowd.s, FIRST, false);
	return crowd;
}

static void
crowd_end(struct crowd *crowd)
{
	uint32_t i, k;

	for (i = 0; i < ALL; i++)
		for (k = 0; k < crowd->people[i].n; k++)
			end_opener(&crowd->people[i].visits[k]);
	asked_clear(&crowd->held[FAMILY_IPV4]);
	asked_clear(&crowd->held[FAMILY_IPV6]);
}

static void
again_and_again(
    void **state, unsigned int rounds, unsigned int times, void (*happen)(struct crowd *crowd))
{
	struct crowd crowd = crowd_begin(state);
	unsigned int i;

	for (; rounds; rounds--) {
		for (i = 0; i < times; i++)
			happen(&crowd);
		starts_again_with_the_same(&crowd);
	}
	crowd_end(&crowd);
}

static void
come_or_go_or_fail(struct crowd *crowd)
{
	crowd->fail |= !roll(4);
	come_or_go(crowd);
}

static void
logins_and_logouts(void **state)
{
	again_and_again(state, 2, 60, come_or_go);
}

/* Who had to wait for a failure's sake is in the commits behind it. */
static void
failures_between_them(void **state)
{
	again_and_again(state, 1, 80, come_or_go_or_fail);
}

static void
whatever_happens(void **state)
{
	const char *rounds = getenv("ROUNDS");

	again_and_again(state, rounds ? (unsigned int)atoi(rounds) : 4, 60, anything);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scripted_setup, scripted_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(logins_and_logouts),
		TEST(failures_between_them),
		TEST(whatever_happens),
	};

	return cmocka_run_group_tests_name("main_noted", tests, NULL, NULL);
}
