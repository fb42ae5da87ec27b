/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The callers of scripted.h's main: logins that wait, and what they are told.
 */
#ifndef TESTS_SCRIPTED_CALLER_H
#define TESTS_SCRIPTED_CALLER_H

#include "scripted.h"

static inline int
caller(const struct scripted *scripted)
{
	struct why why = { "" };
	int fd = -1;

	if (wire_connect(scripted->socket, DEADLINE, &fd, &why) < 0)
		fail_msg("%s", why.text);
	return fd;
}

static inline void
say(int fd, enum protocol_operation operation, const struct wire_out *payload)
{
	assert_int_equal(wire_send(fd, operation, payload, DEADLINE, NULL), 0);
}

static inline void
say_reload(int fd)
{
	struct wire_out out = { 0 };

	wire_put_u8(&out, 0);
	wire_put_u32(&out, 0);
	say(fd, PROTOCOL_RELOAD, &out);
	wire_out_free(&out);
}

static inline void
say_open_as(int fd, char *user, uint32_t uid, uint32_t subuids, uint32_t patience_ms, char **groups,
    uint32_t n)
{
	struct uid_range range = { subuids, subuids + 65535 };
	struct open_request request = {
		.patience_ms = patience_ms,
		.uid = uid,
		.gid = uid,
		.user = user,
		.n_groups = n,
		.groups = groups,
		.n_ranges = subuids != 0,
		.ranges = &range,
		.service = (char[]){ "test" },
	};
	struct wire_out out = { 0 };
	struct stat netns;

	assert_int_equal(stat("/proc/self/ns/net", &netns), 0);
	request.netns = (struct netns_name){ netns.st_dev, netns.st_ino };
	open_request_put(&out, &request);
	say(fd, PROTOCOL_OPEN, &out);
	wire_out_free(&out);
}

static inline void
say_open_in(int fd, uint32_t uid, uint32_t subuids, uint32_t patience_ms, char **groups, uint32_t n)
{
	say_open_as(fd, (char[]){ "a login" }, uid, subuids, patience_ms, groups, n);
}

static inline void
say_open(int fd, uint32_t uid, uint32_t subuids, uint32_t patience_ms)
{
	char *groups[] = { (char[]){ "supporters" } };

	say_open_in(fd, uid, subuids, patience_ms, groups, 1);
}

/* A login that waits for its answer. */
static inline int
login(const struct scripted *scripted, uint32_t uid)
{
	int fd = caller(scripted);

	say_open(fd, uid, 0, 20000);
	return fd;
}

/* The answer's operation; a string in it goes to text[256], if wanted. 0: hung up. */
static inline uint16_t
answer(struct scripted *scripted, int fd, char *text)
{
	struct protocol_header header;
	uint8_t *payload;
	struct wire_in in;
	const char *view;
	size_t length;
	int result;

	wait_for(scripted, fd);
	result = wire_receive(fd, &header, &payload, DEADLINE, NULL);
	if (result == -ECONNRESET)
		return 0;
	assert_int_equal(result, 0);
	in = (struct wire_in){ .data = payload, .left = header.length };
	view = text ? wire_get_view(&in, header.length, &length) : NULL;
	if (text)
		snprintf(text, 256, "%.*s", view ? (int)length : 0, view ? view : "");
	free(payload);
	return header.operation;
}

static inline struct session_name
is_fenced(struct scripted *scripted, int fd)
{
	struct protocol_header header;
	struct fenced_answer fenced;
	struct session_name name;
	struct why why = { "" };
	uint8_t *payload;
	struct wire_in in;

	wait_for(scripted, fd);
	if (wire_receive(fd, &header, &payload, DEADLINE, &why) < 0)
		fail_msg("%s", why.text);
	assert_int_equal(header.operation, PROTOCOL_FENCED);
	in = (struct wire_in){ .data = payload, .left = header.length };
	assert_true(fenced_answer_get(&in, &fenced));
	free(payload);
	name = fenced.session;
	fenced_answer_clear(&fenced);
	say(fd, PROTOCOL_TAKEN, NULL);
	return name;
}

static inline void
is_refused(struct scripted *scripted, int fd, const char *words)
{
	char text[256];

	assert_int_equal(answer(scripted, fd, text), PROTOCOL_REFUSED);
	if (!strstr(text, words))
		fail_msg("refused with \"%s\", not \"%s\"", text, words);
	close(fd);
}

/* Main is alive and has done all that was asked of it before. */
static inline void
main_serves(struct scripted *scripted)
{
	int fd = caller(scripted);

	say(fd, PROTOCOL_STATUS, NULL);
	assert_int_equal(answer(scripted, fd, NULL), PROTOCOL_TEXT);
	close(fd);
}

/* Nothing has been said to this descriptor so far. */
static inline void
nothing_for(struct scripted *scripted, int fd)
{
	struct pollfd poller = { .fd = fd, .events = POLLIN };

	main_serves(scripted);
	assert_int_equal(poll(&poller, 1, 0), 0);
}

static inline void
logout(struct scripted *scripted, const struct session_name *name, uint16_t expected)
{
	struct wire_out out = { 0 };
	int fd = caller(scripted);

	session_name_put(&out, name);
	say(fd, PROTOCOL_CLOSE, &out);
	wire_out_free(&out);
	assert_int_equal(answer(scripted, fd, NULL), expected);
	close(fd);
}

/* How many records there are, of whomever. */
static inline bool
has_record(const struct scripted *scripted, uint32_t uid)
{
	char name[16];

	snprintf(name, sizeof(name), "%u", uid);
	return faccessat(scripted->records_fd, name, F_OK, 0) == 0;
}

#endif
