/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "channel.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int))];
};

struct channel_batch *
channel_new_batch(void)
{
	struct channel_batch *batch =
	    mmap(NULL, sizeof(*batch), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return batch == MAP_FAILED ? NULL : batch;
}

void
channel_free_batch(struct channel_batch *batch)
{
	munmap(batch, sizeof(*batch));
}

int
channel_send(int channel, enum channel_word word, uint32_t number, int fd)
{
	struct channel_message message = { (uint32_t)word, number };
	struct iovec piece = { &message, sizeof(message) };
	struct msghdr header = { .msg_iov = &piece, .msg_iovlen = 1 };
	union control control = { 0 };
	struct cmsghdr *passed;
	ssize_t sent;

	if (fd >= 0) {
		header.msg_control = &control;
		header.msg_controllen = sizeof(control);
		passed = CMSG_FIRSTHDR(&header);
		passed->cmsg_level = SOL_SOCKET;
		passed->cmsg_type = SCM_RIGHTS;
		passed->cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(passed), &fd, sizeof(fd));
	}
	do {
		sent = sendmsg(channel, &header, MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : 0;
}

int
channel_receive(int channel, struct channel_message *message, int *fd)
{
	struct iovec piece = { message, sizeof(*message) };
	union control control = { 0 };
	struct msghdr header = {
		.msg_iov = &piece,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *passed;
	ssize_t got;

	*fd = -1;
	do {
		got = recvmsg(channel, &header, MSG_CMSG_CLOEXEC);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return -errno;
	passed = CMSG_FIRSTHDR(&header);
	if (passed && passed->cmsg_level == SOL_SOCKET && passed->cmsg_type == SCM_RIGHTS &&
	    passed->cmsg_len == CMSG_LEN(sizeof(*fd)))
		memcpy(fd, CMSG_DATA(passed), sizeof(*fd));
	if (got == 0)
		return 0;
	if (got != sizeof(*message) || (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC))) {
		if (*fd >= 0)
			close(*fd);
		*fd = -1;
		return -EPROTO;
	}
	return 1;
}
