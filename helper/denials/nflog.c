/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "denials/nflog.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <limits.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <poll.h>
#include <stdalign.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"

/* Of each packet the kernel copies so much: IPv6 with a few headers of it, and ports. */
#define COPY_BYTES 128

/* Packets that the kernel gathers before it tells of them, and how long it waits for that many,
 * hundredths of a second. */
#define GATHER       32
#define GATHER_TICKS 5

/* What may wait for us, bytes: as the kernel counts, some thousand packets. */
#define BUFFER_BYTES (1024 * 1024)

#define ANSWER_MS 1000

static struct nlmsghdr *
begin_config(uint8_t *buffer, uint16_t group)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	struct nfgenmsg *head;

	message->nlmsg_type = NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_CONFIG;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	head = mnl_nlmsg_put_extra_header(message, sizeof(*head));
	head->nfgen_family = AF_UNSPEC;
	head->version = NFNETLINK_V0;
	head->res_id = htons(group);
	return message;
}

/* The error that the kernel answers with, or 0. */
static int
ask(int sock, const struct nlmsghdr *message)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct pollfd answered = { .fd = sock, .events = POLLIN };
	alignas(struct nlmsghdr) uint8_t buffer[4096];
	const struct nlmsghdr *answer = (const struct nlmsghdr *)buffer;
	const struct nlmsgerr *error;
	ssize_t got;

	if (sendto(sock, message, message->nlmsg_len, 0, (const struct sockaddr *)&kernel,
		sizeof(kernel)) < 0)
		return -errno;
	/* The group's packets may come first. */
	for (;;) {
		if (poll(&answered, 1, ANSWER_MS) <= 0)
			return -ETIMEDOUT;
		got = recv(sock, buffer, sizeof(buffer), 0);
		if (got < 0)
			return -errno;
		if (!mnl_nlmsg_ok(answer, (int)got) || answer->nlmsg_type != NLMSG_ERROR ||
		    mnl_nlmsg_get_payload_len(answer) < sizeof(*error))
			continue;
		error = mnl_nlmsg_get_payload(answer);
		return error->error;
	}
}

/* EPERM is what the kernel says of a group that another socket has; EINVAL of messages for a part
 * of it that is not there. */
static int
bind_group(int sock, uint16_t group, struct why *why)
{
	const struct nfulnl_msg_config_cmd bind_it = { .command = NFULNL_CFG_CMD_BIND };
	const struct nfulnl_msg_config_mode mode = { .copy_range = htonl(COPY_BYTES),
		.copy_mode = NFULNL_COPY_PACKET };
	alignas(struct nlmsghdr) uint8_t buffer[256];
	struct nlmsghdr *message = begin_config(buffer, group);
	int error;

	mnl_attr_put(message, NFULA_CFG_CMD, sizeof(bind_it), &bind_it);
	mnl_attr_put(message, NFULA_CFG_MODE, sizeof(mode), &mode);
	mnl_attr_put_u32(message, NFULA_CFG_TIMEOUT, htonl(GATHER_TICKS));
	mnl_attr_put_u32(message, NFULA_CFG_QTHRESH, htonl(GATHER));
	error = ask(sock, message);
	if (error == -EPERM || error == -EBUSY)
		return why_set(why, EBUSY,
		    "group %u of netlink's log belongs to another program already", group);
	if (error == -EINVAL || error == -EOPNOTSUPP)
		return why_set(
		    why, EPROTONOSUPPORT, "this kernel has no netlink log (nfnetlink_log)");
	return error ? why_errno(why, -error, "group %u of netlink's log", group) : 0;
}

int
nflog_open(uint16_t group, int *sock, struct why *why)
{
	const struct sockaddr_nl own = { .nl_family = AF_NETLINK };
	const int size = BUFFER_BYTES;
	cleanup_fd int fd =
	    socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_NETFILTER);
	int error;

	if (fd < 0)
		return errno == EPROTONOSUPPORT
			   ? why_set(why, EPROTONOSUPPORT, "this kernel has no netfilter netlink")
			   : why_errno(why, errno, "netlink");
	if (bind(fd, (const struct sockaddr *)&own, sizeof(own)) < 0)
		return why_errno(why, errno, "netlink");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	error = bind_group(fd, group, why);
	if (error)
		return error;
	*sock = steal_fd(&fd);
	return 0;
}

static void
read_attribute(const struct nlattr *attribute, struct nflog_packet *packet)
{
	const void *payload = mnl_attr_get_payload(attribute);
	uint16_t size = mnl_attr_get_payload_len(attribute);
	uint32_t number = 0;

	if (size >= sizeof(number))
		memcpy(&number, payload, sizeof(number));
	switch (mnl_attr_get_type(attribute)) {
	case NFULA_PREFIX:
		packet->prefix = payload;
		packet->prefix_size = size;
		break;
	case NFULA_UID:
		packet->has_uid = size >= sizeof(number);
		packet->uid = ntohl(number);
		break;
	case NFULA_IFINDEX_OUTDEV:
		packet->interface = ntohl(number);
		break;
	case NFULA_PAYLOAD:
		packet->bytes = payload;
		packet->size = size;
		break;
	}
}

int
nflog_parse(const uint8_t *bytes, size_t size,
    void (*each)(const struct nflog_packet *packet, void *data), void *data)
{
	const struct nlmsghdr *message = (const struct nlmsghdr *)bytes;
	const struct nlattr *attribute;
	const char *end;
	int left = (int)size, n = 0;

	/* libmnl takes a length over INT_MAX for one that fits. */
	for (; mnl_nlmsg_ok(message, left) && message->nlmsg_len <= INT_MAX;
	     message = mnl_nlmsg_next(message, &left)) {
		struct nflog_packet packet = { .prefix = "" };

		if (message->nlmsg_type != (NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET) ||
		    mnl_nlmsg_get_payload_len(message) < sizeof(struct nfgenmsg))
			continue;
		/* mnl_attr_for_each() casts const away. */
		end = mnl_nlmsg_get_payload_tail(message);
		for (attribute = mnl_nlmsg_get_payload_offset(message, sizeof(struct nfgenmsg));
		     mnl_attr_ok(attribute, (int)(end - (const char *)attribute));
		     attribute = mnl_attr_next(attribute))
			read_attribute(attribute, &packet);
		each(&packet, data);
		n++;
	}
	return n;
}

int
nflog_receive(int sock, uint8_t *buffer,
    void (*each)(const struct nflog_packet *packet, void *data), void *data)
{
	struct sockaddr_nl from = { 0 };
	socklen_t size = sizeof(from);
	ssize_t got =
	    recvfrom(sock, buffer, NFLOG_SIZE, MSG_DONTWAIT, (struct sockaddr *)&from, &size);

	if (got < 0)
		return -errno;
	/* Any process may send to a netlink socket; the kernel is number 0. */
	return from.nl_pid ? 0 : nflog_parse(buffer, (size_t)got, each, data);
}
