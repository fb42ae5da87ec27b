/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/client.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include "base/cleanup.h"

static int64_t
clock_ms(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t
wire_clock_ms(void)
{
	return clock_ms(CLOCK_MONOTONIC);
}

int64_t
wire_clock_boot_ms(void)
{
	return clock_ms(CLOCK_BOOTTIME);
}

static int
wait_until(int fd, short events, int64_t deadline_ms, struct why *why)
{
	struct pollfd poller = { .fd = fd, .events = events };
	int64_t left;
	int ready;

	for (;;) {
		left = deadline_ms - wire_clock_ms();
		if (left <= 0)
			return why_set(why, ETIMEDOUT, "no answer in time");
		ready = poll(&poller, 1, left > INT_MAX ? INT_MAX : (int)left);
		if (ready > 0)
			return 0;
		if (ready < 0 && errno != EINTR)
			return why_errno(why, errno, "poll");
	}
}

int
wire_connect(const char *path, int64_t deadline_ms, int *fd, struct why *why)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	cleanup_fd int sock = -1;
	int error;

	if (strlen(path) >= sizeof(address.sun_path))
		return why_set(why, ENAMETOOLONG, "%s: too long for a socket's path", path);
	memcpy(address.sun_path, path, strlen(path) + 1);

	sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (sock < 0)
		return why_errno(why, errno, "socket");
	/* A UNIX socket connects at once or, with a full backlog, says EAGAIN and gives nothing
	 * to wait for: unix(7). So ask again, at a calm pace. */
	while (connect(sock, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		error = errno;
		if (error != EAGAIN && error != EINTR)
			return why_errno(why, error, "%s", path);
		if (wire_clock_ms() >= deadline_ms)
			return why_set(why, ETIMEDOUT, "%s: too busy to connect", path);
		poll(NULL, 0, 5);
	}
	*fd = steal_fd(&sock);
	return 0;
}

static int
send_all(int fd, const void *bytes, size_t length, int64_t deadline_ms, struct why *why)
{
	const uint8_t *rest = bytes;
	ssize_t sent;
	int result;

	while (length) {
		sent = send(fd, rest, length, MSG_NOSIGNAL);
		if (sent >= 0) {
			rest += sent;
			length -= (size_t)sent;
			continue;
		}
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return why_errno(why, errno, "send");
		result = wait_until(fd, POLLOUT, deadline_ms, why);
		if (result < 0)
			return result;
	}
	return 0;
}

int
wire_send(int fd, enum protocol_operation operation, const struct wire_out *payload,
    int64_t deadline_ms, struct why *why)
{
	struct wire_out whole = { 0 };
	struct protocol_header header = {
		.length = payload ? (uint32_t)payload->used : 0,
		.version = PROTOCOL_VERSION,
		.operation = (uint16_t)operation,
	};
	int result;

	if (payload && payload->failed)
		return why_set(why, ENOMEM, "no memory");
	wire_put_bytes(&whole, &header, sizeof(header));
	if (payload)
		wire_put_bytes(&whole, payload->data, payload->used);
	if (whole.failed)
		result = why_set(why, ENOMEM, "no memory");
	else
		result = send_all(fd, whole.data, whole.used, deadline_ms, why);
	wire_out_free(&whole);
	return result;
}

static int
receive_all(int fd, void *bytes, size_t length, int64_t deadline_ms, struct why *why)
{
	uint8_t *rest = bytes;
	ssize_t got;
	int result;

	while (length) {
		got = recv(fd, rest, length, 0);
		if (got > 0) {
			rest += got;
			length -= (size_t)got;
			continue;
		}
		if (got == 0)
			return why_set(why, ECONNRESET, "the daemon hung up");
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return why_errno(why, errno, "recv");
		result = wait_until(fd, POLLIN, deadline_ms, why);
		if (result < 0)
			return result;
	}
	return 0;
}

int
wire_receive(
    int fd, struct protocol_header *header, uint8_t **payload, int64_t deadline_ms, struct why *why)
{
	cleanup_free uint8_t *bytes = NULL;
	int result;

	result = receive_all(fd, header, sizeof(*header), deadline_ms, why);
	if (result < 0)
		return result;
	if (header->length > PROTOCOL_ANSWER_MAX || !header->version)
		return why_set(why, EPROTO, "the answer is not one of netfenced's");
	if (header->version != PROTOCOL_VERSION)
		return why_set(why, EPROTO, "asked in version %d, netfenced answers in version %u",
		    PROTOCOL_VERSION, header->version);
	bytes = malloc(header->length ? header->length : 1);
	if (!bytes)
		return why_set(why, ENOMEM, "no memory");
	result = receive_all(fd, bytes, header->length, deadline_ms, why);
	if (result < 0)
		return result;
	*payload = steal_pointer(&bytes);
	return 0;
}
