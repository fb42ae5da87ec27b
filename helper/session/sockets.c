/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "session/leftover.h"

struct seen {
	struct leftover *users;
	uint32_t n;
};

static void
see(const struct seen *seen, uint32_t uid)
{
	uint32_t i, k;

	for (i = 0; i < seen->n; i++) {
		struct leftover *user = &seen->users[i];

		for (k = 0; k < user->n_ranges && user->kind == LEFTOVER_NONE; k++)
			if (uid >= user->ranges[k].first && uid <= user->ranges[k].last)
				user->kind = LEFTOVER_SOCKET;
	}
}

static int
on_message(const struct nlmsghdr *header, void *data)
{
	const struct inet_diag_msg *socket = mnl_nlmsg_get_payload(header);

	if (mnl_nlmsg_get_payload_len(header) < sizeof(*socket))
		return MNL_CB_ERROR;
	/* TIME_WAIT and half-open requests belong to nobody and are listed with uid 0. */
	see(data, socket->idiag_uid);
	return MNL_CB_OK;
}

static int
dump(struct mnl_socket *netlink, unsigned int sequence, uint8_t family, uint8_t protocol,
    const struct seen *seen)
{
	char buffer[32768];
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
	struct inet_diag_req_v2 *request;
	struct seen copy = *seen;
	ssize_t got;
	int result = MNL_CB_OK;

	header->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	header->nlmsg_seq = sequence;
	request = mnl_nlmsg_put_extra_header(header, sizeof(*request));
	request->sdiag_family = family;
	request->sdiag_protocol = protocol;
	request->idiag_states = UINT32_MAX;

	if (mnl_socket_sendto(netlink, header, header->nlmsg_len) < 0)
		return -errno;
	while (result == MNL_CB_OK) {
		got = mnl_socket_recvfrom(netlink, buffer, sizeof(buffer));
		if (got < 0)
			return -errno;
		result = mnl_cb_run(buffer, (size_t)got, sequence, mnl_socket_get_portid(netlink),
		    on_message, &copy);
	}
	return result < 0 ? -errno : 0;
}

/* Ping sockets have no sock_diag; their table's eighth column is the uid. */
static int
read_ping(int proc_fd, const char *name, const struct seen *seen)
{
	cleanup_file FILE *table = NULL;
	char line[256];
	uint32_t uid;
	int fd = openat(proc_fd, name, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	table = fdopen(fd, "r");
	if (!table) {
		close(fd);
		return -ENOMEM;
	}
	while (fgets(line, sizeof(line), table))
		if (sscanf(line, " %*d: %*s %*s %*s %*s %*s %*s %" SCNu32, &uid) == 1)
			see(seen, uid);
	return ferror(table) ? -EIO : 0;
}

int
sockets_look(int proc_fd, struct leftover *users, uint32_t n)
{
	/* A kernel may be without the last three; without the first two we could not tell. */
	static const struct {
		uint8_t protocol;
		bool needed;
	} protocols[] = {
		{ IPPROTO_TCP, true },
		{ IPPROTO_UDP, true },
		{ IPPROTO_UDPLITE, false },
		{ IPPROTO_SCTP, false },
		{ IPPROTO_RAW, false },
	};
	static const uint8_t families[] = { AF_INET, AF_INET6 };
	const struct seen seen = { users, n };
	struct mnl_socket *netlink;
	unsigned int sequence = 0;
	size_t i, k;
	int result = 0;

	netlink = mnl_socket_open2(NETLINK_SOCK_DIAG, SOCK_CLOEXEC);
	if (!netlink)
		return -errno;
	if (mnl_socket_bind(netlink, 0, MNL_SOCKET_AUTOPID) < 0)
		result = -errno;
	for (i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
		for (k = 0; k < sizeof(families) && result == 0; k++) {
			result =
			    dump(netlink, ++sequence, families[k], protocols[i].protocol, &seen);
			if (result == -ENOENT && (!protocols[i].needed || families[k] == AF_INET6))
				result = 0;
		}
	}
	mnl_socket_close(netlink);
	if (result == 0)
		result = read_ping(proc_fd, "self/net/icmp", &seen);
	if (result == 0)
		result = read_ping(proc_fd, "self/net/icmp6", &seen);
	return result;
}
