/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The window as it is, in a process of its own; main and the users are the test's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "window/budget.h"
#include "window/window.h"
#include "wire/client.h"

#define PATIENCE_MS 20000
#define EACH        8   /* callers of one uid, as window.c has it */
#define ALL         128 /* callers in all */

struct stage {
	char folder[32];
	char path[64];
	pid_t window;
	int main; /* main's end */
};

static int
begin(void **state)
{
	struct stage *stage = calloc(1, sizeof(*stage));
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int listening = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), pair[2];

	*state = stage;
	strcpy(stage->folder, "/tmp/netfence-XXXXXX");
	assert_non_null(mkdtemp(stage->folder));
	assert_int_equal(chmod(stage->folder, 0711), 0);
	snprintf(stage->path, sizeof(stage->path), "%s/why.sock", stage->folder);
	strcpy(address.sun_path, stage->path);
	assert_int_equal(bind(listening, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(chmod(stage->path, 0666), 0);
	assert_int_equal(listen(listening, 1024), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	stage->window = fork();
	assert_true(stage->window >= 0);
	if (!stage->window) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		signal(SIGPIPE, SIG_IGN);
		close(pair[0]);
		window_process(pair[1], listening);
		_exit(0);
	}
	close(pair[1]);
	close(listening);
	stage->main = pair[0];
	return 0;
}

/* It must have lived until now. */
static int
end(void **state)
{
	struct stage *stage = *state;
	int status = 0;

	if (stage->window) {
		kill(stage->window, SIGKILL);
		waitpid(stage->window, &status, 0);
	}
	close(stage->main);
	unlink(stage->path);
	rmdir(stage->folder);
	if (stage->window && !(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)) {
		print_error("the window had ended by itself\n");
		return -1;
	}
	free(stage);
	return 0;
}

/* ---------------------------------------------------------------- users */

static int
call(const struct stage *stage)
{
	struct why why;
	int fd = -1;

	assert_int_equal(wire_connect(stage->path, wire_clock_ms() + PATIENCE_MS, &fd, &why), 0);
	return fd;
}

/* As another user; only root can. */
static int
call_as(const struct stage *stage, uid_t uid)
{
	int fd;

	assert_int_equal(seteuid(uid), 0);
	fd = call(stage);
	assert_int_equal(seteuid(0), 0);
	return fd;
}

static void
ask(int fd)
{
	struct why why;
	static const uint8_t nothing[17]; /* no name, uid 0, no groups, no rules, no packets */
	const struct wire_out payload = { .data = (uint8_t *)(uintptr_t)nothing,
		.used = sizeof(nothing) };

	assert_int_equal(
	    wire_send(fd, PROTOCOL_WHY, &payload, wire_clock_ms() + PATIENCE_MS, &why), 0);
}

/* What came, as an operation; 0: hung up on us. */
static unsigned int
hear(int fd, char *text, size_t size)
{
	struct protocol_header header;
	uint8_t *payload = NULL;
	struct why why;
	struct wire_in in;
	size_t length = 0;
	const char *view;

	if (wire_receive(fd, &header, &payload, wire_clock_ms() + PATIENCE_MS, &why) < 0)
		return 0;
	in = (struct wire_in){ .data = payload, .left = header.length };
	view = wire_get_view(&in, size - 1, &length);
	snprintf(text, size, "%.*s", (int)length, view ? view : "");
	free(payload);
	return header.operation;
}

/* How long until we are hung up on; milliseconds. */
static int64_t
until_hung_up(int fd)
{
	struct pollfd polled = { .fd = fd, .events = POLLIN };
	const int64_t from = wire_clock_ms();
	char byte;

	assert_int_equal(poll(&polled, 1, PATIENCE_MS), 1);
	assert_true(recv(fd, &byte, 1, 0) <= 0);
	return wire_clock_ms() - from;
}

static bool
is_hung_up(int fd)
{
	struct pollfd polled = { .fd = fd, .events = POLLIN };

	return poll(&polled, 1, 0) == 1;
}

/* ---------------------------------------------------------------- main */

static struct window_question
main_hears(const struct stage *stage)
{
	static uint8_t bytes[WINDOW_MESSAGE_MAX];
	struct pollfd polled = { .fd = stage->main, .events = POLLIN };
	struct window_question question = { .token = 0 };
	ssize_t got;

	assert_int_equal(poll(&polled, 1, PATIENCE_MS), 1);
	got = recv(stage->main, bytes, sizeof(bytes), 0);
	assert_true(got > 0 && window_question_get(bytes, (size_t)got, &question));
	return question;
}

static bool
main_is_left_alone(const struct stage *stage)
{
	struct pollfd polled = { .fd = stage->main, .events = POLLIN };

	return poll(&polled, 1, 0) == 0;
}

/* owner: of the uids from first to last. */
static void
main_says(const struct stage *stage, uint32_t token, uint32_t owner, uint32_t first, uint32_t last,
    enum protocol_operation operation, const char *text)
{
	const struct window_answer answer = {
		.token = token,
		.owner = owner,
		.range = { first, last },
		.operation = (uint16_t)operation,
		.text = text,
		.length = strlen(text),
	};
	struct wire_out out = { 0 };

	window_answer_put(&out, &answer);
	assert_int_equal(send(stage->main, out.data, out.used, 0), out.used);
	wire_out_free(&out);
}

/* Asks; main, if it is asked, says that. What the user hears. */
static unsigned int
ask_both(const struct stage *stage, int fd, const struct window_answer *answer, char *text,
    size_t size, bool *main_asked)
{
	struct pollfd polled[2] = { { .fd = stage->main, .events = POLLIN },
		{ .fd = fd, .events = POLLIN } };

	ask(fd);
	assert_true(poll(polled, 2, PATIENCE_MS) > 0);
	*main_asked = polled[0].revents != 0;
	if (*main_asked)
		main_says(stage, main_hears(stage).token, answer->owner, answer->range.first,
		    answer->range.last, PROTOCOL_TEXT, answer->text);
	return hear(fd, text, size);
}

/* What is silent has two seconds; a machine that is slower than that shows nothing. */
static bool
is_still_early(int64_t from_ms)
{
	return wire_clock_ms() - from_ms < 1800;
}

static bool
skipped(void)
{
	if (geteuid() == 0)
		return false;
	print_message("SKIPPED: only root can be several users\n");
	return true;
}

/* ---------------------------------------------------------------- tests */

static void
a_question_goes_to_main_and_its_answer_back(void **state)
{
	const struct stage *stage = *state;
	struct window_question question;
	char text[64];
	int fd;

	if (skipped())
		return;
	fd = call_as(stage, 4000);
	ask(fd);
	question = main_hears(stage);
	assert_int_equal(question.uid, 4000);
	assert_int_equal(question.payload.left, 17);
	main_says(stage, question.token + 1, 4000, 4000, 4000, PROTOCOL_TEXT, "somebody else's");
	main_says(stage, question.token, 4000, 4000, 4000, PROTOCOL_TEXT, "fenced");
	assert_int_equal(hear(fd, text, sizeof(text)), PROTOCOL_TEXT);
	assert_string_equal(text, "fenced");
	assert_int_equal(hear(fd, text, sizeof(text)), 0);
	close(fd);
}

static void
root_is_answered_without_main(void **state)
{
	const struct stage *stage = *state;
	char text[128];
	int fd;

	if (skipped())
		return;
	fd = call(stage);
	ask(fd);
	assert_int_equal(hear(fd, text, sizeof(text)), PROTOCOL_ERROR);
	assert_non_null(strstr(text, "root is never fenced"));
	assert_true(main_is_left_alone(stage));
	close(fd);
}

static void
who_says_nothing_or_too_slowly_is_hung_up_on(void **state)
{
	const struct stage *stage = *state;
	int silent = call(stage), slow = call(stage);
	const int64_t from = wire_clock_ms();

	/* A byte now and then is no sign of life. */
	while (!is_hung_up(slow) && wire_clock_ms() < from + PATIENCE_MS) {
		struct pollfd polled = { .fd = slow, .events = POLLIN };

		if (wire_clock_ms() < from + 1500)
			send(slow, "\0", 1, MSG_NOSIGNAL);
		poll(&polled, 1, 300);
	}
	assert_in_range(wire_clock_ms() - from, 1900, 6000);
	until_hung_up(silent);
	assert_in_range(wire_clock_ms() - from, 1900, 6000);
	close(silent);
	close(slow);
}

static void
one_uid_has_a_few_connections(void **state)
{
	const struct stage *stage = *state;
	const int64_t from = wire_clock_ms();
	int fds[EACH + 4], i, other;
	struct window_question question;

	if (skipped())
		return;
	for (i = 0; i < EACH + 4; i++)
		fds[i] = call_as(stage, 4000);
	for (i = EACH; i < EACH + 4; i++)
		assert_in_range(until_hung_up(fds[i]), 0, 1500);
	for (i = 0; i < EACH; i++)
		assert_true(!is_hung_up(fds[i]) || !is_still_early(from));
	other = call_as(stage, 4001);
	ask(other);
	question = main_hears(stage);
	assert_int_equal(question.uid, 4001);
	for (i = 1; i < EACH + 4; i++)
		close(fds[i]);
	close(other);
}

static void
in_a_crowd_the_longest_silent_has_to_go(void **state)
{
	const struct stage *stage = *state;
	const int64_t from = wire_clock_ms();
	int fds[ALL], i, late;

	if (skipped())
		return;
	for (i = 0; i < ALL; i++)
		fds[i] = call_as(stage, (uid_t)(4000 + i / EACH));
	/* The first one has asked, and stays. */
	ask(fds[0]);
	assert_int_equal(main_hears(stage).uid, 4000);
	late = call_as(stage, 5000);
	ask(late);
	assert_int_equal(main_hears(stage).uid, 5000);
	assert_false(is_hung_up(fds[0]));
	assert_true(is_hung_up(fds[1]));
	assert_true(!is_hung_up(fds[2]) || !is_still_early(from));
	for (i = 0; i < ALL; i++)
		close(fds[i]);
	close(late);
}

static void
main_never_has_more_than_it_should(void **state)
{
	const struct stage *stage = *state;
	int fds[WINDOW_WAITING_MAX + 4], i;
	const int64_t from = wire_clock_ms();
	char text[64];

	if (skipped())
		return;
	for (i = 0; i < WINDOW_WAITING_MAX + 4; i++) {
		fds[i] = call_as(stage, (uid_t)(4000 + i));
		ask(fds[i]);
	}
	for (i = WINDOW_WAITING_MAX; i < WINDOW_WAITING_MAX + 4; i++)
		assert_int_equal(hear(fds[i], text, sizeof(text)), PROTOCOL_BUSY);
	for (i = 0; i < WINDOW_WAITING_MAX; i++)
		main_hears(stage);
	assert_true(main_is_left_alone(stage));
	/* A main that does not answer keeps nobody waiting for ever. */
	for (i = 0; i < WINDOW_WAITING_MAX; i++)
		until_hung_up(fds[i]);
	assert_in_range(wire_clock_ms() - from, 4500, 12000);
	for (i = 0; i < WINDOW_WAITING_MAX + 4; i++)
		close(fds[i]);
}

static void
who_asks_too_often_is_told_and_main_not(void **state)
{
	const struct stage *stage = *state;
	const struct window_answer fenced = {
		.owner = 4000, .range = { 100000, 165535 }, .text = "fenced"
	};
	unsigned int busy = 0, told = 0, operation;
	char text[64];
	bool asked;
	int i, fd;

	if (skipped())
		return;
	/* Each time another of the subordinate uids of one user. */
	for (i = 0; i < 60 && !busy; i++) {
		fd = call_as(stage, (uid_t)(100000 + i));
		operation = ask_both(stage, fd, &fenced, text, sizeof(text), &asked);
		told += operation == PROTOCOL_TEXT;
		busy += operation == PROTOCOL_BUSY;
		close(fd);
	}
	assert_int_equal(busy, 1);
	/* One before it was known whose they are; and time has passed. */
	assert_in_range(told, BUDGET_USER_BURST + 1, BUDGET_USER_BURST + 20);
	fd = call_as(stage, 4001);
	ask(fd);
	assert_int_equal(main_hears(stage).uid, 4001);
	close(fd);
}

static void
who_is_not_fenced_gets_what_the_neighbour_got(void **state)
{
	const struct stage *stage = *state;
	const struct window_answer free = { .owner = 0, .range = { 4001, 99999 }, .text = "free" };
	bool asked = true;
	char text[64];
	int fd, i;

	if (skipped())
		return;
	/* A tenth of a second, and it is asked anew. */
	for (i = 0; i < 50 && (i == 0 || asked); i++) {
		fd = call_as(stage, (uid_t)(i % 2 ? 70000 : 5000));
		assert_int_equal(
		    ask_both(stage, fd, &free, text, sizeof(text), &asked), PROTOCOL_TEXT);
		assert_string_equal(text, "free");
		close(fd);
	}
	assert_true(i > 1);
	assert_false(asked);
	assert_true(main_is_left_alone(stage));
}

static void
it_ends_with_main(void **state)
{
	struct stage *stage = *state;
	int status;

	shutdown(stage->main, SHUT_RDWR);
	assert_int_equal(waitpid(stage->window, &status, 0), stage->window);
	stage->window = 0;
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_question_goes_to_main_and_its_answer_back, begin, end),
		cmocka_unit_test_setup_teardown(root_is_answered_without_main, begin, end),
		cmocka_unit_test_setup_teardown(
		    who_says_nothing_or_too_slowly_is_hung_up_on, begin, end),
		cmocka_unit_test_setup_teardown(one_uid_has_a_few_connections, begin, end),
		cmocka_unit_test_setup_teardown(
		    in_a_crowd_the_longest_silent_has_to_go, begin, end),
		cmocka_unit_test_setup_teardown(main_never_has_more_than_it_should, begin, end),
		cmocka_unit_test_setup_teardown(
		    who_asks_too_often_is_told_and_main_not, begin, end),
		cmocka_unit_test_setup_teardown(
		    who_is_not_fenced_gets_what_the_neighbour_got, begin, end),
		cmocka_unit_test_setup_teardown(it_ends_with_main, begin, end),
	};

	return cmocka_run_group_tests_name("window", tests, NULL, NULL);
}
