/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages that go out at once, in part, or later: each arrives whole, and in its turn.
 */
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "stream.h"

struct scene {
	struct event_base *base;
	struct bufferevent *stream;
	int far;
	bool over; /* the stream's end has been told */
};

static void
on_event(struct bufferevent *stream, short what, void *data)
{
	struct scene *scene = data;

	(void)stream;
	(void)what;
	scene->over = true;
}

static int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	int pair[2], size = 4096;

	*state = scene;
	signal(SIGPIPE, SIG_IGN); /* as main has it: libevent does not ask for less */
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)), 0);
	scene->base = event_base_new();
	scene->stream = bufferevent_socket_new(scene->base, pair[0], BEV_OPT_CLOSE_ON_FREE);
	assert_non_null(scene->stream);
	bufferevent_setcb(scene->stream, NULL, NULL, on_event, scene);
	bufferevent_enable(scene->stream, EV_READ);
	scene->far = pair[1];
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;

	bufferevent_free(scene->stream);
	event_base_free(scene->base);
	close(scene->far);
	free(scene);
	return 0;
}

static void
send_letters(struct scene *scene, uint16_t operation, char letter, size_t n)
{
	struct wire_out out = { 0 };
	size_t i;

	for (i = 0; i < n; i++)
		wire_put_u8(&out, (uint8_t)letter);
	assert_true(stream_send(scene->stream, operation, &out));
	wire_out_free(&out);
}

/* Exactly that many bytes from the far end; the loop sends on meanwhile. */
static void
take(struct scene *scene, void *bytes, size_t length)
{
	uint8_t *rest = bytes;
	ssize_t got;

	while (length) {
		got = recv(scene->far, rest, length, 0);
		if (got < 0) {
			assert_int_equal(errno, EAGAIN);
			event_base_loop(scene->base, EVLOOP_ONCE);
			continue;
		}
		assert_true(got > 0);
		rest += got;
		length -= (size_t)got;
	}
}

static void
assert_message(struct scene *scene, uint16_t operation, char letter, size_t n)
{
	struct protocol_header header;
	char *text = malloc(n + 1);

	assert_non_null(text);
	take(scene, &header, sizeof(header));
	assert_int_equal(header.operation, operation);
	assert_int_equal(header.version, PROTOCOL_VERSION);
	assert_int_equal(header.length, n);
	take(scene, text, n);
	text[n] = '\0';
	assert_int_equal(strspn(text, (char[]){ letter, '\0' }), n);
	free(text);
}

static void
what_fits_goes_at_once(void **state)
{
	struct scene *scene = *state;

	send_letters(scene, 7, 'a', 100);
	assert_true(stream_send(scene->stream, 8, NULL));
	assert_int_equal(evbuffer_get_length(bufferevent_get_output(scene->stream)), 0);
	assert_message(scene, 7, 'a', 100);
	assert_message(scene, 8, 'x', 0);
}

static void
what_does_not_fit_follows_in_order(void **state)
{
	struct scene *scene = *state;

	send_letters(scene, 1, 'a', 1000000);
	assert_true(evbuffer_get_length(bufferevent_get_output(scene->stream)) > 0);
	send_letters(scene, 2, 'b', 10);
	assert_true(stream_send(scene->stream, 3, NULL));
	send_letters(scene, 4, 'd', 300000);
	assert_message(scene, 1, 'a', 1000000);
	assert_message(scene, 2, 'b', 10);
	assert_message(scene, 3, 'x', 0);
	assert_message(scene, 4, 'd', 300000);
}

static void
what_has_failed_is_not_sent(void **state)
{
	struct scene *scene = *state;
	struct wire_out out = { .failed = true };
	char byte;

	assert_false(stream_send(scene->stream, 1, &out));
	assert_int_equal(evbuffer_get_length(bufferevent_get_output(scene->stream)), 0);
	assert_int_equal(recv(scene->far, &byte, 1, 0), -1);
}

/* The loop tells of it. */
static void
nobody_is_there_any_more(void **state)
{
	struct scene *scene = *state;

	close(scene->far);
	scene->far = -1;
	assert_true(stream_send(scene->stream, 1, NULL));
	while (!scene->over)
		event_base_loop(scene->base, EVLOOP_ONCE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_fits_goes_at_once),
		TEST(what_does_not_fit_follows_in_order),
		TEST(what_has_failed_is_not_sent),
		TEST(nobody_is_there_any_more),
	};

	return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
