/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the log says of denials, and how much: on a clock of the test's own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <event2/event.h>

#include "log.h"

static time_t clock_now = 1000;
static char said[65536];

static time_t
now_of_test(time_t *unused)
{
	(void)unused;
	return clock_now;
}

/* "EVENT key=value …;" */
static void
note_line(int priority, const char *event, const struct log_field *fields, unsigned int n)
{
	unsigned int i;
	char *end = said + strlen(said);

	(void)priority;
	end += sprintf(end, "%s", event);
	for (i = 0; i < n; i++) {
		if (!fields[i].text)
			end += sprintf(
			    end, " %s=%llu", fields[i].key, (unsigned long long)fields[i].number);
		else if (fields[i].text[0])
			end += sprintf(end, " %s=%s", fields[i].key, fields[i].text);
	}
	sprintf(end, ";");
}

#define time       now_of_test
#define log_fields note_line
#include "../../helper/denials/lines.c"
#undef time
#undef log_fields

static struct event_base *base;
static struct life *life;
static struct ring *ring;
static struct lines *lines;

static int
begin(void **state)
{
	struct life_setup setup = { .records = -1, .channel = -1, .proc = -1 };

	(void)state;
	said[0] = '\0';
	clock_now = 1000;
	base = event_base_new();
	event_base_priority_init(base, OPENER_PRIORITY + 1);
	setup.base = base;
	life = life_new(&setup);
	ring = ring_new();
	lines = lines_new(base, ring, life);
	return !life || !ring || !lines;
}

static int
end(void **state)
{
	(void)state;
	lines_free(lines);
	ring_free(ring);
	life_free(life);
	event_base_free(base);
	return 0;
}

static void
meet(uint32_t uid, uint16_t port)
{
	const struct denial seen = { .verdict = MARK_DENIED,
		.by = MARK_BY_RULE,
		.uid = uid,
		.user = uid == 4000 ? "alice" : "bob",
		.policy = "vendor",
		.file = "/v.yaml",
		.line = 14,
		.protocol = 17,
		.to = { 10, 0, 0, 5 },
		.port = port,
		.icmp_type = -1,
		.icmp_code = -1 };
	struct denial *denial = ring_add(ring, &seen, 900, clock_now);

	assert_non_null(denial);
	lines_met(lines, denial, clock_now);
}

static void
look(void)
{
	on_look(-1, 0, lines);
}

static const char *
take(void)
{
	static char taken[sizeof(said)];

	strcpy(taken, said);
	said[0] = '\0';
	return taken;
}

#define OF_ALICE "denied user=alice uid=4000 policy=vendor proto=udp dst=10.0.0.5 "

static void
test_first_and_rest(void **state)
{
	int i;

	(void)state;
	meet(4000, 53);
	assert_string_equal(take(), OF_ALICE "dport=53 rule=/v.yaml:14 count=1;");
	for (i = 0; i < 23; i++)
		meet(4000, 53);
	clock_now += 59;
	look();
	assert_string_equal(take(), "");
	clock_now += 1;
	look();
	assert_string_equal(
	    take(), OF_ALICE "dport=53 rule=/v.yaml:14 count=23 reason=23 more in 60 s;");
	/* Nothing more, nothing said. */
	clock_now += 300;
	look();
	assert_string_equal(take(), "");
	/* After a while it is told at once again, with what has come since the last line. */
	meet(4000, 53);
	assert_string_equal(
	    take(), OF_ALICE "dport=53 rule=/v.yaml:14 count=1 reason=1 more in 300 s;");
}

/* Others are told at once, and what is said of one says nothing of another. */
static void
test_others(void **state)
{
	(void)state;
	meet(4000, 53);
	meet(4000, 54);
	meet(4001, 53);
	assert_string_equal(take(), OF_ALICE
	    "dport=53 rule=/v.yaml:14 count=1;" OF_ALICE "dport=54 rule=/v.yaml:14 count=1;"
	    "denied user=bob uid=4001 policy=vendor proto=udp dst=10.0.0.5 dport=53 "
	    "rule=/v.yaml:14 count=1;");
}

static unsigned int
count_lines(const char *text)
{
	unsigned int n = 0;

	for (; *text; text++)
		n += *text == ';';
	return n;
}

static void
test_a_user_has_so_many(void **state)
{
	uint16_t port;

	(void)state;
	for (port = 1; port <= 100; port++)
		meet(4000, port);
	assert_int_equal(count_lines(take()), LINES_MAX);
	meet(4001, 53); /* another's are not fewer */
	assert_int_equal(count_lines(take()), 1);
	clock_now += 60;
	look();
	assert_string_equal(take(),
	    "denied user=alice uid=4000 count=70 reason=more than 30 lines in a minute: "
	    "netfencectl denials has the others;");
	/* A new minute. */
	meet(4000, 53);
	assert_int_equal(count_lines(take()), 1);
	clock_now += 60;
	look();
	assert_string_equal(take(), "");
}

/* A clock that is set back holds nothing up. */
static void
test_clock(void **state)
{
	(void)state;
	meet(4000, 53);
	take();
	clock_now = 10;
	meet(4000, 53);
	assert_string_equal(
	    take(), OF_ALICE "dport=53 rule=/v.yaml:14 count=1 reason=1 more in 0 s;");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_first_and_rest),
		TEST(test_others),
		TEST(test_a_user_has_so_many),
		TEST(test_clock),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
