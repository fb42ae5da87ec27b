/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines that the log takes at once, later, or never: in order, and none is lost unsaid.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <poll.h>
#include <regex.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include "backlog.h"

struct scene {
	struct backlog backlog;
	char folder[32];
	char syslog[48];
	char journal[48];
	int listener; /* on the former, or -1 */
	int64_t now_ms;
};

static int
listen_at(const char *path, int type)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int sock = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	assert_true(sock >= 0);
	assert_int_equal(bind(sock, (const struct sockaddr *)&address, sizeof(address)), 0);
	if (type == SOCK_STREAM)
		assert_int_equal(listen(sock, 5), 0);
	return sock;
}

static void
begin_listening(struct scene *scene)
{
	unlink(scene->syslog);
	scene->listener = listen_at(scene->syslog, SOCK_DGRAM);
}

static void
end_listening(struct scene *scene)
{
	if (scene->listener >= 0)
		close(scene->listener);
	scene->listener = -1;
}

static int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	*state = scene;
	strcpy(scene->folder, "/tmp/netfence-XXXXXX");
	assert_non_null(mkdtemp(scene->folder));
	snprintf(scene->syslog, sizeof(scene->syslog), "%s/log", scene->folder);
	snprintf(scene->journal, sizeof(scene->journal), "%s/journal", scene->folder);
	scene->backlog = (struct backlog)BACKLOG(scene->backlog, scene->syslog, scene->journal);
	backlog_name(&scene->backlog, "tested");
	scene->now_ms = 1000000;
	begin_listening(scene);
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;

	backlog_clear(&scene->backlog);
	end_listening(scene);
	unlink(scene->syslog);
	unlink(scene->journal);
	rmdir(scene->folder);
	free(scene);
	return 0;
}

static void
say(struct scene *scene, const char *text)
{
	backlog_say(&scene->backlog, LOG_INFO, text, NULL, scene->now_ms);
}

static void
say_number(struct scene *scene, unsigned int number)
{
	char text[32];

	snprintf(text, sizeof(text), "line %u", number);
	say(scene, text);
}

static void
say_entry(struct scene *scene, const char *text)
{
	const struct journal_origin origin = { "tested", 1, "Nov 22 20:30:00 " };
	const struct log_field field = LOG_NUMBER("uid", 4000);
	struct journal_entry entry;

	assert_true(journal_make(&entry, &origin, LOG_INFO, text, "test", &field, 1));
	backlog_say(&scene->backlog, LOG_INFO, text, &entry, scene->now_ms);
}

/* The next datagram; false: there is none. */
static bool
take(int sock, char *text, size_t size)
{
	ssize_t got = recv(sock, text, size - 1, 0);

	text[got > 0 ? got : 0] = '\0';
	return got > 0;
}

/* What it says, without what is in front of it. */
static const char *
takes(const struct scene *scene)
{
	static char text[4096];
	const char *words;

	if (!take(scene->listener, text, sizeof(text)))
		return "nothing";
	words = strstr(text, "]: ");
	return words ? words + 3 : text;
}

static unsigned int
takes_number(const struct scene *scene)
{
	unsigned int number = UINT32_MAX;

	sscanf(takes(scene), "line %u", &number);
	return number;
}

static void
assert_matches(const char *text, const char *expression)
{
	regex_t compiled;

	assert_int_equal(regcomp(&compiled, expression, REG_EXTENDED | REG_NOSUB), 0);
	if (regexec(&compiled, text, 0, NULL, 0) != 0)
		fail_msg("%s: not like %s", text, expression);
	regfree(&compiled);
}

static bool
is_writable(int fd)
{
	struct pollfd polled = { .fd = fd, .events = POLLOUT };

	return poll(&polled, 1, 0) == 1;
}

/* As many as the listener has room for, and one that waits. */
static unsigned int
fill(struct scene *scene)
{
	unsigned int n = 0;

	while (!scene->backlog.n)
		say_number(scene, n++);
	return n;
}

static void
at_once_and_as_syslog_has_it(void **state)
{
	struct scene *scene = *state;
	char text[4096], expected[128];

	say(scene, "event=refused user=\"alice\"");
	assert_true(take(scene->listener, text, sizeof(text)));
	snprintf(expected, sizeof(expected),
	    "^<86>[A-Z][a-z]{2} [ 1-3][0-9] [0-9]{2}:[0-9]{2}:[0-9]{2} tested\\[%ld\\]: "
	    "event=refused user=\"alice\"$",
	    (long)getpid());
	assert_matches(text, expected);
	assert_string_equal(backlog_stamp(&scene->backlog, 0), "Jan  1 00:00:00 ");
	assert_string_equal(backlog_stamp(&scene->backlog, 1795372200), "Nov 22 18:30:00 ");
}

static void
what_is_not_taken_waits_in_order(void **state)
{
	struct scene *scene = *state;
	struct epoll_event event = { .events = EPOLLOUT };
	unsigned int n = fill(scene), i;
	int fd, epoll = epoll_create1(EPOLL_CLOEXEC);

	say_number(scene, n);
	say_number(scene, n + 1);
	assert_true(backlog_waits(&scene->backlog, &fd));
	assert_int_equal(scene->backlog.n, 3);
	/* What a loop leans on. */
	assert_int_equal(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event), 0);
	assert_int_equal(epoll_wait(epoll, &event, 1, 0), 0);
	assert_false(is_writable(fd));
	backlog_send(&scene->backlog, scene->now_ms);
	assert_int_equal(scene->backlog.n, 3);
	assert_int_equal(takes_number(scene), 0);
	assert_true(is_writable(fd));
	assert_int_equal(epoll_wait(epoll, &event, 1, 0), 1);
	close(epoll);
	/* Room now, but two are ahead of it. */
	say_number(scene, n + 2);
	assert_int_equal(scene->backlog.n, 4);
	for (i = 1; i < n + 3; i++) {
		backlog_send(&scene->backlog, scene->now_ms);
		assert_int_equal(takes_number(scene), i);
	}
	assert_false(backlog_waits(&scene->backlog, &fd));
	assert_int_equal(scene->backlog.bytes, 0);
	assert_int_equal(scene->backlog.lost, 0);
	assert_string_equal(takes(scene), "nothing");
}

/* Takes all that waits, up to a line that is no number. */
static const char *
drain_numbers(struct scene *scene, unsigned int *next)
{
	const char *words;

	for (;;) {
		backlog_send(&scene->backlog, scene->now_ms);
		words = takes(scene);
		if (strncmp(words, "line ", 5) != 0 || strstr(words, "lost"))
			return words;
		assert_int_equal(strtoul(words + 5, NULL, 10), *next);
		(*next)++;
	}
}

static void
what_does_not_fit_is_counted_and_said_in_its_place(void **state)
{
	struct scene *scene = *state;
	unsigned int n = fill(scene), i, next = 0;
	const unsigned int kept = n + BACKLOG_LINES - 1;

	for (i = n; i < kept + 100; i++)
		say_number(scene, i);
	assert_int_equal(scene->backlog.n, BACKLOG_LINES);
	assert_int_equal(scene->backlog.lost, 100);
	/* One has gone, but a gap for each line would say more than the lines. */
	assert_int_equal(takes_number(scene), next++);
	backlog_send(&scene->backlog, scene->now_ms);
	assert_int_equal(scene->backlog.n, BACKLOG_LINES - 1);
	say(scene, "lost as well");
	assert_int_equal(scene->backlog.lost, 101);
	while (scene->backlog.n > BACKLOG_LINES / 2) {
		assert_int_equal(takes_number(scene), next++);
		backlog_send(&scene->backlog, scene->now_ms);
		if (!scene->backlog.full)
			break;
	}
	assert_int_equal(scene->backlog.n, BACKLOG_LINES / 2 + 1);
	say(scene, "behind them");
	assert_matches(drain_numbers(scene, &next),
	    "^lines lost from [0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8} on: 101, ");
	assert_int_equal(next, kept);
	assert_string_equal(takes(scene), "behind them");
	backlog_send(&scene->backlog, scene->now_ms);
	assert_string_equal(takes(scene), "nothing");
	assert_int_equal(scene->backlog.n, 0);
	assert_int_equal(scene->backlog.bytes, 0);
	/* Said once. */
	say(scene, "at once");
	assert_string_equal(takes(scene), "at once");
}

static void
bytes_are_bounded_too(void **state)
{
	struct scene *scene = *state;
	char text[1500];
	unsigned int i;

	fill(scene);
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (i = 0; i < BACKLOG_LINES; i++) {
		say(scene, text);
		assert_true(scene->backlog.bytes <= BACKLOG_BYTES);
	}
	assert_true(scene->backlog.lost > BACKLOG_LINES / 2);
	assert_true(scene->backlog.bytes > BACKLOG_BYTES - 2000);
	assert_int_equal(scene->backlog.n - 1 + scene->backlog.lost, BACKLOG_LINES);
}

static void
another_listener_gets_them(void **state)
{
	struct scene *scene = *state;
	int fd;

	say(scene, "one");
	assert_string_equal(takes(scene), "one");
	end_listening(scene);
	say(scene, "two");
	assert_true(backlog_waits(&scene->backlog, &fd));
	assert_int_equal(fd, -1);
	begin_listening(scene);
	backlog_send(&scene->backlog, scene->now_ms);
	assert_string_equal(takes(scene), "two");
	end_listening(scene);
	begin_listening(scene);
	say(scene, "three");
	assert_string_equal(takes(scene), "three");
	assert_int_equal(scene->backlog.lost, 0);
}

/* One that waits for the former's room is told when the former has ended. */
static void
a_listener_that_ends_while_it_has_no_room(void **state)
{
	struct scene *scene = *state;
	unsigned int n = fill(scene);
	int fd;

	assert_true(backlog_waits(&scene->backlog, &fd));
	assert_false(is_writable(fd));
	end_listening(scene);
	assert_true(is_writable(fd));
	begin_listening(scene);
	backlog_send(&scene->backlog, scene->now_ms);
	assert_int_equal(takes_number(scene), n - 1);
}

static void
one_that_stands_still_and_another_in_its_place(void **state)
{
	struct scene *scene = *state;
	unsigned int n = fill(scene);
	int former = scene->listener;

	begin_listening(scene);
	backlog_send(&scene->backlog, scene->now_ms);
	assert_string_equal(takes(scene), "nothing");
	scene->now_ms += BACKLOG_AGAIN_MS;
	backlog_send(&scene->backlog, scene->now_ms);
	assert_int_equal(takes_number(scene), n - 1);
	close(former);
}

static void
where_nobody_listens_lines_are_lost_after_a_while(void **state)
{
	struct scene *scene = *state;
	unsigned int i;

	end_listening(scene);
	for (i = 0; i < 10; i++)
		say_number(scene, i);
	scene->now_ms += BACKLOG_ABSENT_MS - 1;
	backlog_send(&scene->backlog, scene->now_ms);
	assert_int_equal(scene->backlog.n, 10);
	assert_int_equal(scene->backlog.lost, 0);
	scene->now_ms++;
	/* As if one had been lost long before; it is not forgotten over the others. */
	scene->backlog.unsaid = 1;
	scene->backlog.unsaid_since = 86400;
	backlog_send(&scene->backlog, scene->now_ms);
	assert_int_equal(scene->backlog.lost, 10);
	/* The one that says so; it is not among the lost, however often that happens. */
	assert_int_equal(scene->backlog.n, 1);
	for (i = 0; i < 3; i++) {
		say(scene, "another");
		scene->now_ms += BACKLOG_ABSENT_MS;
		backlog_send(&scene->backlog, scene->now_ms);
		assert_int_equal(scene->backlog.n, 1);
		assert_int_equal(scene->backlog.lost, 11 + i);
		assert_int_equal(backlog_unsaid(&scene->backlog), 13 + i);
	}
	begin_listening(scene);
	backlog_send(&scene->backlog, scene->now_ms);
	assert_matches(takes(scene), "^lines lost from 1970-01-02 00:00:00 on: 14, ");
	assert_int_equal(scene->backlog.n, 0);
	assert_int_equal(backlog_unsaid(&scene->backlog), 0);
	say(scene, "at once");
	assert_string_equal(takes(scene), "at once");
}

static void
lines_that_are_late_are_called_so(void **state)
{
	struct scene *scene = *state;
	unsigned int n = fill(scene), i;

	say_number(scene, n++);
	scene->now_ms += 7500;
	for (i = 0; i < n; i++) {
		assert_int_equal(takes_number(scene), i);
		backlog_send(&scene->backlog, scene->now_ms);
	}
	assert_matches(takes(scene), "waited for the log to take them: 2, for 7 s at most$");
	assert_string_equal(takes(scene), "nothing");
	assert_int_equal(scene->backlog.n, 0);
}

static void
a_stream_as_some_have_it(void **state)
{
	struct scene *scene = *state;
	char text[4096], *second;
	int taken, i;

	end_listening(scene);
	unlink(scene->syslog);
	scene->listener = listen_at(scene->syslog, SOCK_STREAM);
	say(scene, "one");
	say(scene, "two");
	taken = accept(scene->listener, NULL, NULL);
	assert_true(taken >= 0);
	assert_true(take(taken, text, sizeof(text)));
	assert_matches(text, "^<86>.*\\]: one$");
	second = text + strlen(text) + 1;
	assert_matches(second, "^<86>.*\\]: two$");
	/* It ends, and is one of datagrams then. */
	close(taken);
	end_listening(scene);
	begin_listening(scene);
	say(scene, "three");
	assert_string_equal(takes(scene), "three");
	/* And the other way round, with as much as there is room for. */
	end_listening(scene);
	unlink(scene->syslog);
	scene->listener = listen_at(scene->syslog, SOCK_STREAM);
	fill(scene);
	taken = accept(scene->listener, NULL, NULL);
	assert_true(taken >= 0);
	for (i = 0; scene->backlog.n && i < 1000; i++) {
		assert_true(take(taken, text, sizeof(text)));
		backlog_send(&scene->backlog, scene->now_ms);
	}
	assert_int_equal(scene->backlog.n, 0);
	close(taken);
}

static void
the_journal_first_and_syslog_where_there_is_none(void **state)
{
	struct scene *scene = *state;
	char text[4096];
	int journal;

	assert_false(backlog_has_journal(&scene->backlog));
	journal = listen_at(scene->journal, SOCK_DGRAM);
	assert_true(backlog_has_journal(&scene->backlog));
	say_entry(scene, "one");
	assert_true(take(journal, text, sizeof(text)));
	assert_memory_equal(text, "MESSAGE\n\3\0\0\0\0\0\0\0one\nPRIORITY\n", 29);
	assert_string_equal(takes(scene), "nothing");
	/* It takes no more: what comes then waits behind it, whomever it is for. */
	while (!scene->backlog.n)
		say_entry(scene, "two");
	say(scene, "three");
	assert_string_equal(takes(scene), "nothing");
	assert_true(take(journal, text, sizeof(text)));
	backlog_send(&scene->backlog, scene->now_ms);
	assert_string_equal(takes(scene), "three");
	while (!scene->backlog.n)
		say_entry(scene, "four");
	say_entry(scene, "five");
	close(journal);
	backlog_send(&scene->backlog, scene->now_ms);
	assert_string_equal(takes(scene), "four");
	assert_string_equal(takes(scene), "five");
	say_entry(scene, "six");
	assert_string_equal(takes(scene), "six");
}

static void
a_child_has_a_queue_of_its_own(void **state)
{
	struct scene *scene = *state;
	unsigned int n = fill(scene), i;
	int fd;

	backlog_name(&scene->backlog, "child");
	assert_false(backlog_waits(&scene->backlog, &fd));
	assert_int_equal(scene->backlog.bytes, 0);
	for (i = 0; i < n - 1; i++)
		assert_int_equal(takes_number(scene), i);
	say(scene, "a child's");
	assert_string_equal(takes(scene), "a child's");
	assert_string_equal(takes(scene), "nothing");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(at_once_and_as_syslog_has_it),
		TEST(what_is_not_taken_waits_in_order),
		TEST(what_does_not_fit_is_counted_and_said_in_its_place),
		TEST(bytes_are_bounded_too),
		TEST(another_listener_gets_them),
		TEST(a_listener_that_ends_while_it_has_no_room),
		TEST(one_that_stands_still_and_another_in_its_place),
		TEST(where_nobody_listens_lines_are_lost_after_a_while),
		TEST(lines_that_are_late_are_called_so),
		TEST(a_stream_as_some_have_it),
		TEST(the_journal_first_and_syslog_where_there_is_none),
		TEST(a_child_has_a_queue_of_its_own),
	};

	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests_name("backlog", tests, NULL, NULL);
}
