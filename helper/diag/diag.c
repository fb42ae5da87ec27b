/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "diag/diag.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER_SIZE  32768
#define REQUEST_SIZE 256

/* States of sockets; that with a port, and nothing else, has been told of since linux 6.8,
 * include/net/tcp_states.h. */
#define LISTENING      (1U << TCP_LISTEN)
#define TIME_WAIT      (1U << TCP_TIME_WAIT)
#define BOUND_INACTIVE (1U << 13)

struct diag {
	struct mnl_socket *netlink;
	unsigned int sequence;
};

struct visiting {
	uint8_t protocol;
	void (*visit)(const struct diag_socket *socket, void *data);
	void *data;
};

struct diag *
diag_open(void)
{
	struct diag *diag = calloc(1, sizeof(*diag));

	if (!diag)
		return NULL;
	diag->netlink = mnl_socket_open2(NETLINK_SOCK_DIAG, SOCK_CLOEXEC);
	if (diag->netlink && mnl_socket_bind(diag->netlink, 0, MNL_SOCKET_AUTOPID) == 0)
		return diag;
	diag_close(diag);
	return NULL;
}

void
diag_close(struct diag *diag)
{
	int saved = errno;

	if (diag && diag->netlink)
		mnl_socket_close(diag->netlink);
	free(diag);
	errno = saved;
}

static int
on_message(const struct nlmsghdr *header, void *data)
{
	const struct inet_diag_msg *message = mnl_nlmsg_get_payload(header);
	const struct visiting *visiting = data;
	struct diag_socket socket = { .protocol = visiting->protocol };

	if (mnl_nlmsg_get_payload_len(header) < sizeof(*message))
		return MNL_CB_ERROR;
	socket.family = message->idiag_family;
	socket.uid = message->idiag_uid;
	socket.orphan = message->idiag_inode == 0;
	socket.listening = visiting->protocol == IPPROTO_TCP && message->idiag_state == TCP_LISTEN;
	memcpy(socket.from, message->id.idiag_src, sizeof(socket.from));
	memcpy(socket.to, message->id.idiag_dst, sizeof(socket.to));
	socket.from_port = ntohs(message->id.idiag_sport);
	socket.to_port = ntohs(message->id.idiag_dport);
	socket.name = &message->id;
	visiting->visit(&socket, visiting->data);
	return MNL_CB_OK;
}

static struct inet_diag_req_v2 *
put_request(struct nlmsghdr *header, const struct diag *diag, uint16_t type, uint16_t flags,
    uint8_t family, uint8_t protocol)
{
	struct inet_diag_req_v2 *request;

	header->nlmsg_type = type;
	header->nlmsg_flags = NLM_F_REQUEST | flags;
	header->nlmsg_seq = diag->sequence;
	request = mnl_nlmsg_put_extra_header(header, sizeof(*request));
	request->sdiag_family = family;
	request->sdiag_protocol = protocol;
	return request;
}

/* TCP of both families: a request by family has the hash tables walked through for each, the older
 * one knows of none. Which of the tables are looked through the states say. */
static void
put_request_for_tcp(struct nlmsghdr *header, const struct diag *diag, unsigned int kinds)
{
	struct inet_diag_req *request;
	uint32_t states = 0;

	if (kinds & DIAG_OPEN)
		states |= ~(LISTENING | BOUND_INACTIVE | TIME_WAIT);
	if (kinds & DIAG_LISTENING)
		states |= LISTENING;
	if (kinds & DIAG_BOUND)
		states |= BOUND_INACTIVE;

	header->nlmsg_type = TCPDIAG_GETSOCK;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	header->nlmsg_seq = diag->sequence;
	request = mnl_nlmsg_put_extra_header(header, sizeof(*request));
	request->idiag_family = AF_INET; /* of no account in a dump */
	request->idiag_states = states;
}

/* That a dump could not be begun, since there is no module for the protocol, stands in the message
 * that ends it; libmnl takes any such for a good end, and the kernel for one without sockets. */
static int
on_done(const struct nlmsghdr *header, void *data)
{
	int error;

	(void)data;
	if (mnl_nlmsg_get_payload_len(header) < sizeof(error))
		return MNL_CB_STOP;
	memcpy(&error, mnl_nlmsg_get_payload(header), sizeof(error));
	errno = -error;
	return error < 0 ? MNL_CB_ERROR : MNL_CB_STOP;
}

static int
on_error(const struct nlmsghdr *header, void *data)
{
	const struct nlmsgerr *message = mnl_nlmsg_get_payload(header);

	(void)data;
	if (mnl_nlmsg_get_payload_len(header) < sizeof(*message))
		errno = EBADMSG;
	else
		errno = message->error < 0 ? -message->error : message->error;
	return errno ? MNL_CB_ERROR : MNL_CB_STOP;
}

/* Sends the request that was put together last, and visits what comes. */
static int
visit_all(struct diag *diag, struct nlmsghdr *header, struct visiting *visiting)
{
	mnl_cb_t on_control[] = { [NLMSG_ERROR] = on_error, [NLMSG_DONE] = on_done };
	char buffer[BUFFER_SIZE];
	ssize_t got;
	int result = MNL_CB_OK;

	if (mnl_socket_sendto(diag->netlink, header, header->nlmsg_len) < 0)
		return -errno;
	while (result == MNL_CB_OK) {
		got = mnl_socket_recvfrom(diag->netlink, buffer, sizeof(buffer));
		if (got < 0)
			return -errno;
		result = mnl_cb_run2(buffer, (size_t)got, diag->sequence,
		    mnl_socket_get_portid(diag->netlink), on_message, visiting, on_control,
		    sizeof(on_control) / sizeof(on_control[0]));
	}
	return result < 0 ? -errno : 0;
}

int
diag_each(struct diag *diag, uint8_t family, uint8_t protocol,
    void (*visit)(const struct diag_socket *socket, void *data), void *data)
{
	char buffer[REQUEST_SIZE];
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
	struct visiting visiting = { protocol, visit, data };

	diag->sequence++;
	put_request(header, diag, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, family, protocol)->idiag_states =
	    UINT32_MAX;
	return visit_all(diag, header, &visiting);
}

int
diag_each_tcp(struct diag *diag, unsigned int kinds,
    void (*visit)(const struct diag_socket *socket, void *data), void *data)
{
	char buffer[REQUEST_SIZE];
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
	struct visiting visiting = { IPPROTO_TCP, visit, data };

	diag->sequence++;
	put_request_for_tcp(header, diag, kinds);
	return visit_all(diag, header, &visiting);
}

void
diag_keep(const struct diag_socket *socket, struct diag_name *name)
{
	_Static_assert(sizeof(struct inet_diag_sockid) <= DIAG_NAME_SIZE, "room for a socket's id");

	memset(name, 0, sizeof(*name));
	name->family = socket->family;
	name->protocol = socket->protocol;
	memcpy(name->id, socket->name, sizeof(struct inet_diag_sockid));
}

int
diag_destroy(struct diag *diag, const struct diag_name *name, struct why *why)
{
	char buffer[BUFFER_SIZE];
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
	struct inet_diag_req_v2 *request;
	ssize_t got;

	diag->sequence++;
	request = put_request(header, diag, SOCK_DESTROY, NLM_F_ACK, name->family, name->protocol);
	request->idiag_states = UINT32_MAX;
	memcpy(&request->id, name->id, sizeof(request->id));
	if (mnl_socket_sendto(diag->netlink, header, header->nlmsg_len) < 0)
		return why_errno(why, errno, "a socket cannot be destroyed");
	got = mnl_socket_recvfrom(diag->netlink, buffer, sizeof(buffer));
	if (got >= 0 && mnl_cb_run(buffer, (size_t)got, diag->sequence,
			    mnl_socket_get_portid(diag->netlink), NULL, NULL) >= 0)
		return 0;
	/* It has ended meanwhile. */
	if (errno == ENOENT || errno == ESTALE)
		return 0;
	if (errno == EOPNOTSUPP)
		return why_set(why, EOPNOTSUPP,
		    "this kernel cannot destroy sockets (CONFIG_INET_DIAG_DESTROY)");
	return why_errno(why, errno, "a socket cannot be destroyed");
}
