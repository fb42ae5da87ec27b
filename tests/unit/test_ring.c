/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "denials/ring.h"
#include "fence/rate.h"

#define ALICE 4000
#define BOB   4001
#define STAY  1000

static struct ring *ring;

static int
begin(void **state)
{
	(void)state;
	ring = ring_new();
	return !ring;
}

static int
end(void **state)
{
	(void)state;
	ring_free(ring);
	return 0;
}

static struct denial
to_port(uint32_t uid, uint16_t port)
{
	return (struct denial){ .verdict = MARK_DENIED,
		.by = MARK_BY_RULE,
		.uid = uid,
		.user = uid == ALICE ? "alice" : "bob",
		.policy = "groups/supporters",
		.file = "/etc/netfence/groups/supporters.yaml",
		.line = 14,
		.family = FAMILY_IPV4,
		.protocol = 6,
		.to = { 10, 0, 0, 5 },
		.port = port,
		.icmp_type = -1,
		.icmp_code = -1 };
}

static struct denial *
meet(uint32_t uid, uint16_t port, time_t now)
{
	const struct denial seen = to_port(uid, port);
	struct denial *met = ring_add(ring, &seen, STAY, now);

	assert_non_null(met);
	return met;
}

/* "port×count", newest last. */
static bool
write_one(const struct denial *denial, void *data)
{
	char *text = data;

	sprintf(text + strlen(text), "%s%u×%llu", text[0] ? " " : "", denial->port,
	    (unsigned long long)denial->count);
	return true;
}

static const char *
written(uint32_t uid)
{
	static char text[65536];

	text[0] = '\0';
	ring_each(ring, uid, write_one, text);
	return text;
}

static void
test_same_things_are_one(void **state)
{
	struct denial *met;

	(void)state;
	meet(ALICE, 22, 100);
	meet(ALICE, 80, 101);
	met = meet(ALICE, 22, 102);
	assert_string_equal(written(0), "80×1 22×2");
	assert_int_equal(met->first, 100);
	assert_int_equal(met->last, 102);
	assert_int_equal(met->id, 1);
	assert_int_equal(met->sequence, 3);
	assert_int_equal(ring_sequence(ring), 3);
	assert_string_equal(met->user, "alice");
	assert_string_equal(met->policy, "groups/supporters");
	assert_string_equal(met->file, "/etc/netfence/groups/supporters.yaml");
}

/* Whatever is another thing to an administrator is one. */
static void
test_other_things_are_others(void **state)
{
	struct denial seen[10];
	size_t i;

	(void)state;
	for (i = 0; i < 10; i++)
		seen[i] = to_port(ALICE, 22);
	seen[1].uid = BOB;
	seen[2].verdict = MARK_OBSERVED;
	seen[3].by = MARK_BY_DEFAULT;
	seen[4].line = 15;
	seen[5].protocol = 17;
	seen[6].to[3] = 6;
	seen[7].policy = "vendor";
	seen[8].file = "/etc/netfence/netfence.yaml";
	seen[9].icmp_type = 8;
	for (i = 0; i < 10; i++)
		ring_add(ring, &seen[i], STAY, 100);
	assert_string_equal(written(0), "22×1 22×1 22×1 22×1 22×1 22×1 22×1 22×1 22×1 22×1");
	assert_string_equal(written(BOB), "22×1");
}

static void
test_a_user_has_a_share(void **state)
{
	uint32_t port;
	char first[16];

	(void)state;
	meet(BOB, 22, 99);
	for (port = 1; port <= 10000; port++)
		meet(ALICE, (uint16_t)port, 100);
	assert_string_equal(written(BOB), "22×1");
	sscanf(written(ALICE), "%15s", first);
	assert_string_equal(first, "9489×1"); /* 512 up to 10000 */
	/* The one that goes is the one that was met last longest ago. */
	meet(ALICE, 9489, 101);
	meet(ALICE, 11111, 102);
	sscanf(written(ALICE), "%15s", first);
	assert_string_equal(first, "9491×1");
}

static bool
count_one(const struct denial *denial, void *data)
{
	(void)denial;
	++*(unsigned int *)data;
	return true;
}

static void
test_there_is_room_for_so_many(void **state)
{
	unsigned int n = 0;
	uint32_t uid, port;

	(void)state;
	for (uid = 1; uid <= 100; uid++)
		for (port = 1; port <= 100; port++)
			meet(uid, (uint16_t)port, 100);
	ring_each(ring, 0, count_one, &n);
	assert_int_equal(n, RING_DENIALS_MAX);
	n = 0;
	ring_each(ring, 100, count_one, &n);
	assert_int_equal(n, 100);
}

static struct denial *
meet_often(int times, uint16_t port, time_t now)
{
	struct denial *met = NULL;

	while (times--)
		met = meet(ALICE, port, now);
	return met;
}

/* The kernel tells of so many at once, and then of so many in so many seconds: from then on it may
 * have met more. Its seconds are not ours: one packet may be in doubt. */
static void
test_at_least(void **state)
{
	const int each = RATE_TARGET_SECONDS / RATE_TARGET_BURST;
	struct ring_count count;

	(void)state;
	assert_false(meet_often(RATE_TARGET_BURST - 2, 22, 100)->at_least);
	assert_false(meet_often(RATE_TARGET_BURST - 2, 22, 100 + RATE_TARGET_SECONDS)->at_least);
	assert_true(meet_often(RATE_TARGET_BURST, 80, 200)->at_least);
	assert_true(ring_count_of(ring, ALICE, STAY, &count));
	assert_true(count.at_least);
	/* However long ago the first one was. */
	assert_false(meet(ALICE, 443, 300)->at_least);
	assert_false(meet_often(RATE_TARGET_BURST / 2, 443, 299 + RATE_TARGET_SECONDS)->at_least);
	assert_true(meet_often(RATE_TARGET_BURST / 2, 443, 300 + RATE_TARGET_SECONDS)->at_least);
	/* As many as may come for as long as they like. */
	assert_false(meet_often(RATE_TARGET_BURST - 2, 53, 400)->at_least);
	assert_false(meet(ALICE, 53, 400 + each)->at_least);
	assert_false(meet(ALICE, 53, 400 + 2 * each)->at_least);
	assert_true(meet_often(2, 53, 400 + 3 * each)->at_least);
	/* A clock that is set back. */
	assert_false(meet_often(RATE_TARGET_BURST - 2, 25, 500)->at_least);
	assert_true(meet(ALICE, 25, 100)->at_least);
}

/* Nobody can tell what it leaves out once there is more of a policy than it tells. */
static void
test_at_least_of_a_flood(void **state)
{
	uint16_t port;

	(void)state;
	for (port = 1; port < RATE_POLICY_BURST / 2; port++)
		assert_false(meet(ALICE, port, 100)->at_least);
	assert_true(meet(ALICE, port, 100)->at_least);
	assert_true(meet(BOB, 1, 100)->at_least);
	assert_false(meet(BOB, 2, 101)->at_least);
}

static bool
write_policy(const char *policy, const struct ring_count *count, void *data)
{
	char *text = data;

	sprintf(text + strlen(text), "%s %llu %llu %llu;", policy,
	    (unsigned long long)count->packets[MARK_DENIED],
	    (unsigned long long)count->packets[MARK_OBSERVED],
	    (unsigned long long)count->packets[MARK_ALLOWED]);
	return true;
}

static void
test_counts(void **state)
{
	struct denial seen = to_port(ALICE, 53);
	struct ring_count count;
	char text[256] = "";
	int i;

	(void)state;
	for (i = 0; i < 3000; i++)
		meet(ALICE, (uint16_t)(1 + i), 100);
	meet(BOB, 22, 100);
	seen.verdict = MARK_OBSERVED;
	seen.policy = "users/alice";
	ring_add(ring, &seen, STAY, 101);
	assert_true(ring_count_of(ring, ALICE, STAY, &count));
	assert_int_equal(count.packets[MARK_DENIED], 3000); /* more than there are entries */
	assert_int_equal(count.packets[MARK_OBSERVED], 1);
	ring_each_policy(ring, write_policy, text);
	assert_string_equal(text, "groups/supporters 3001 0 0;users/alice 0 1 0;");

	/* Another stay begins anew; what one knows of the former one is no count of this one. */
	assert_false(ring_count_of(ring, ALICE, STAY + 1, &count));
	assert_int_equal(count.packets[MARK_DENIED], 0);
	ring_add(ring, &seen, STAY + 1, 200);
	assert_true(ring_count_of(ring, ALICE, STAY + 1, &count));
	assert_int_equal(count.packets[MARK_DENIED], 0);
	assert_int_equal(count.packets[MARK_OBSERVED], 1);
	assert_false(ring_count_of(ring, 4711, STAY, &count));
}

static void
test_kept(void **state)
{
	struct wire_out out = { 0 }, again = { 0 };
	struct ring *other = ring_new();
	struct ring_count count;
	char before[65536];
	struct wire_in in;
	size_t cut;

	(void)state;
	meet(ALICE, 22, 100);
	meet(BOB, 22, 101)->said = 101;
	meet(ALICE, 22, 102);
	strcpy(before, written(0));
	ring_put(&out, ring);
	assert_false(out.failed);

	in = (struct wire_in){ .data = out.data, .left = out.used };
	meet(ALICE, 80, 103); /* what is there goes */
	assert_true(ring_get(&in, ring));
	assert_string_equal(written(0), before);
	assert_true(ring_count_of(ring, ALICE, STAY, &count));
	assert_int_equal(count.packets[MARK_DENIED], 2);
	ring_put(&again, ring);
	assert_int_equal(again.used, out.used);
	assert_memory_equal(again.data, out.data, out.used);
	assert_int_equal(meet(ALICE, 443, 104)->id, 4);
	assert_int_equal(ring_sequence(ring), 4);
	ring_go_on(ring, 3);
	assert_int_equal(meet(ALICE, 443, 104)->sequence, 5);
	ring_go_on(ring, 1000);
	assert_int_equal(meet(ALICE, 444, 104)->id, 1001);

	/* Cut short anywhere: nothing, and no harm. */
	for (cut = 0; cut < out.used; cut++) {
		in = (struct wire_in){ .data = out.data, .left = cut };
		assert_false(ring_get(&in, other));
		assert_int_equal(ring_sequence(other), 0);
	}
	ring_free(other);
	wire_out_free(&out);
	wire_out_free(&again);
}

static void
test_rubbish_is_none(void **state)
{
	uint8_t bytes[512];
	struct wire_out out = { 0 };
	struct wire_in in;
	int round;
	size_t i;

	(void)state;
	meet(ALICE, 22, 100);
	meet(BOB, 80, 100);
	ring_put(&out, ring);
	assert_true(out.used < sizeof(bytes));
	srand(1);
	for (round = 0; round < 20000; round++) {
		memcpy(bytes, out.data, out.used);
		for (i = 0; i < 1 + (size_t)rand() % 3; i++)
			bytes[(size_t)rand() % out.used] = (uint8_t)rand();
		in = (struct wire_in){ .data = bytes, .left = out.used };
		if (ring_get(&in, ring))
			written(0);
	}
	wire_out_free(&out);
}

static unsigned int unsaid;

static bool
say(struct denial *denial, void *data)
{
	(void)data;
	unsaid += denial->unsaid;
	denial->unsaid = 0;
	denial->said = 1;
	return true;
}

static void
test_unsaid(void **state)
{
	(void)state;
	meet(ALICE, 22, 100);
	meet(ALICE, 22, 100);
	meet(BOB, 22, 100);
	unsaid = 0;
	ring_each_unsaid(ring, say, NULL);
	assert_int_equal(unsaid, 3);
	meet(ALICE, 22, 101);
	unsaid = 0;
	ring_each_unsaid(ring, say, NULL);
	assert_int_equal(unsaid, 1);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_same_things_are_one),
		TEST(test_other_things_are_others),
		TEST(test_a_user_has_a_share),
		TEST(test_there_is_room_for_so_many),
		TEST(test_at_least),
		TEST(test_at_least_of_a_flood),
		TEST(test_counts),
		TEST(test_kept),
		TEST(test_rubbish_is_none),
		TEST(test_unsaid),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
