/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A commit is put together from the one before and from whom something has happened to. That has to
 * come to what it would be from the beginning: to what a main that has just started asks for.
 */
#include "scripted_caller.h"

#define TWO_GROUPS                                  \
	"version: 1\n"                              \
	"groups:\n"                                 \
	"  supporters:\n"                           \
	"    egress: [{allow: udp/162, to: any}]\n" \
	"  operators:\n"                            \
	"    egress: [{allow: udp/123, to: any}]\n" \
	"    on-logout: close\n"

enum { PEOPLE = 24, FIRST = 5000 };

struct crowd {
	struct scripted *s;
	struct asked held[FAMILIES]; /* what the kernel would have now */
	struct session_name names[PEOPLE];
	bool in[PEOPLE];
	bool fail; /* the next commit, in one family */
	unsigned int seed;
};

/* Answers what an engine has been asked, if it has been. */
static void
serve_engine(struct crowd *crowd, enum family family)
{
	struct asked asked = { 0 };

	if (!engine_minds(crowd->s, family))
		return;
	engine_hears(crowd->s, family, &asked);
	assert_int_equal(asked.operation, ENGINE_APPLY);
	if (crowd->fail && family == FAMILY_IPV6) {
		crowd->fail = false;
		engine_says(crowd->s, family, EINVAL, "not this time");
		asked_clear(&asked);
		return;
	}
	asked_clear(&crowd->held[family]);
	crowd->held[family] = asked;
	engine_says(crowd->s, family, 0, "");
}

/* Until there is something to be read. */
static void
serve(struct crowd *crowd, int fd)
{
	struct pollfd pollers[1 + FAMILIES] = { { .fd = fd, .events = POLLIN } };
	int64_t until = DEADLINE;
	int family;

	for (family = 0; family < FAMILIES; family++)
		pollers[1 + family] =
		    (struct pollfd){ .fd = crowd->s->engines[family], .events = POLLIN };
	while (!pollers[0].revents) {
		int64_t left = until - wire_clock_ms();

		if (left <= 0 || poll(pollers, 1 + FAMILIES, (int)left) < 1)
			fail_msg("nothing came");
		for (family = 0; family < FAMILIES; family++)
			if (pollers[1 + family].revents)
				serve_engine(crowd, (enum family)family);
	}
}

static void
serve_a_request(struct crowd *crowd)
{
	int fd = caller(crowd->s);

	say(fd, PROTOCOL_STATUS, NULL);
	serve(crowd, fd);
	assert_int_equal(answer(crowd->s, fd, NULL), PROTOCOL_TEXT);
	close(fd);
}

static void
come(struct crowd *crowd, uint32_t i)
{
	char *groups[] = { i % 3 ? (char[]){ "supporters" } : (char[]){ "operators" } };
	struct protocol_header header;
	char name[16];
	int fd = caller(crowd->s);

	snprintf(name, sizeof(name), "user%u", (unsigned int)i);
	say_open_as(fd, name, FIRST + i, i % 2 ? SUBUIDS + i * 65536 : 0, 20000, groups, 1);
	serve(crowd, fd);
	assert_int_equal(recv(fd, &header, sizeof(header), MSG_PEEK), sizeof(header));
	/* Where a commit failed that was for nobody else. */
	if (header.operation == PROTOCOL_REFUSED) {
		is_refused(crowd->s, fd, "not this time");
		return;
	}
	crowd->names[i] = is_fenced(crowd->s, fd);
	crowd->in[i] = true;
	close(fd);
}

static void
go(struct crowd *crowd, uint32_t i)
{
	struct wire_out out = { 0 };
	int fd = caller(crowd->s);

	session_name_put(&out, &crowd->names[i]);
	say(fd, PROTOCOL_CLOSE, &out);
	wire_out_free(&out);
	serve(crowd, fd);
	assert_int_equal(answer(crowd->s, fd, NULL), PROTOCOL_DONE);
	close(fd);
	crowd->in[i] = false;
}

static void
anything_happens(struct crowd *crowd, unsigned int times)
{
	for (; times; times--) {
		uint32_t i = (uint32_t)rand_r(&crowd->seed) % PEOPLE;

		if (crowd->in[i])
			go(crowd, i);
		else
			come(crowd, i);
	}
}

/* Until nothing is held of who has gone. */
static void
rest(struct crowd *crowd)
{
	int64_t until = DEADLINE;
	uint32_t i;

	for (i = 0; i < PEOPLE; i++)
		while (has_record(crowd->s, FIRST + i) != crowd->in[i]) {
			if (wire_clock_ms() > until)
				fail_msg("uid %u is still held", FIRST + i);
			serve_a_request(crowd);
		}
}

static void
is_held(struct crowd *crowd, const struct asked *asked, enum family family)
{
	const struct asked *held = &crowd->held[family];
	uint32_t i;

	for (i = 0; i < PEOPLE; i++) {
		if (asked_fences(held, FIRST + i) != crowd->in[i])
			fail_msg("uid %u", FIRST + i);
		if (i % 2 && asked_fences(held, SUBUIDS + i * 65536 + 7) != crowd->in[i])
			fail_msg("subordinate uids of uid %u", FIRST + i);
	}
	assert_int_equal(held->n, asked->n);
	assert_memory_equal(held->fences, asked->fences, asked->n * sizeof(*asked->fences));
}

/* Another main, of which everything is asked that the former one came to. */
static void
starts_again_with_the_same(struct crowd *crowd)
{
	struct asked asked = { 0 };
	enum family family;

	rest(crowd);
	scripted_kill(crowd->s);
	scripted_start(crowd->s);
	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		engine_start(crowd->s, family);
		engine_says(crowd->s, family, 0, "");
	}
	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		engine_hears(crowd->s, family, &asked);
		assert_int_equal(asked.operation, ENGINE_APPLY);
		is_held(crowd, &asked, family);
	}
	engine_says(crowd->s, FAMILY_IPV4, 0, "");
	engine_says(crowd->s, FAMILY_IPV6, 0, "");
	asked_clear(&asked);
	main_serves(crowd->s);
}

static struct crowd
crowd_begin(void **state)
{
	struct crowd crowd = { .s = scripted_begin(state), .seed = 7 };

	scripted_kill(crowd.s);
	scripted_write(crowd.s->rules, "netfence.yaml", TWO_GROUPS);
	scripted_start(crowd.s);
	engines_up(crowd.s, FIRST, false);
	return crowd;
}

static void
crowd_end(struct crowd *crowd)
{
	asked_clear(&crowd->held[FAMILY_IPV4]);
	asked_clear(&crowd->held[FAMILY_IPV6]);
}

static void
logins_and_logouts(void **state)
{
	struct crowd crowd = crowd_begin(state);
	unsigned int round;

	for (round = 0; round < 3; round++) {
		anything_happens(&crowd, 60);
		starts_again_with_the_same(&crowd);
	}
	crowd_end(&crowd);
}

/* Who had to wait for a failure's sake is in the commits behind it. */
static void
failures_between_them(void **state)
{
	struct crowd crowd = crowd_begin(state);
	unsigned int round;

	for (round = 0; round < 30; round++) {
		crowd.fail = true;
		anything_happens(&crowd, 4);
	}
	starts_again_with_the_same(&crowd);
	crowd_end(&crowd);
}

static void
answers_text(struct crowd *crowd, int fd)
{
	serve(crowd, fd);
	assert_int_equal(answer(crowd->s, fd, NULL), PROTOCOL_TEXT);
	close(fd);
}

/* Others become the first of the list, too: what stood for a policy stands for another one. */
static void
reloads_between_them(void **state)
{
	struct crowd crowd = crowd_begin(state);
	unsigned int round;
	int fd;

	for (round = 0; round < 5; round++) {
		anything_happens(&crowd, 15);
		scripted_write(crowd.s->rules, "netfence.yaml",
		    round % 2 ? TWO_GROUPS : TWO_GROUPS "  aliens: {egress: []}\n");
		fd = caller(crowd.s);
		say_reload(fd);
		answers_text(&crowd, fd);
	}
	anything_happens(&crowd, 15);
	starts_again_with_the_same(&crowd);
	crowd_end(&crowd);
}

static void
off_and_on_between_them(void **state)
{
	struct crowd crowd = crowd_begin(state);
	struct wire_out out = { 0 };
	unsigned int round;
	int fd;

	for (round = 0; round < 3; round++) {
		anything_happens(&crowd, 15);
		wire_put_u32(&out, 600);
		wire_put_string(&out, "a reason");
		wire_put_string(&out, "");
		fd = caller(crowd.s);
		say(fd, PROTOCOL_OFF, &out);
		wire_out_free(&out);
		answers_text(&crowd, fd);
		assert_int_equal(crowd.held[FAMILY_IPV4].n, 0);
		wire_put_string(&out, "");
		fd = caller(crowd.s);
		say(fd, PROTOCOL_ON, &out);
		wire_out_free(&out);
		answers_text(&crowd, fd);
	}
	anything_happens(&crowd, 15);
	starts_again_with_the_same(&crowd);
	crowd_end(&crowd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scripted_setup, scripted_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(logins_and_logouts),
		TEST(failures_between_them),
		TEST(reloads_between_them),
		TEST(off_and_on_between_them),
	};

	return cmocka_run_group_tests_name("main_noted", tests, NULL, NULL);
}
