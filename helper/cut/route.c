/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cut/route.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct routes {
	struct mnl_socket *netlink;
	unsigned int sequence;
};

struct routes *
routes_open(void)
{
	struct routes *routes = calloc(1, sizeof(*routes));

	if (!routes)
		return NULL;
	routes->netlink = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (routes->netlink && mnl_socket_bind(routes->netlink, 0, MNL_SOCKET_AUTOPID) == 0)
		return routes;
	routes_close(routes);
	return NULL;
}

void
routes_close(struct routes *routes)
{
	int saved = errno;

	if (routes && routes->netlink)
		mnl_socket_close(routes->netlink);
	free(routes);
	errno = saved;
}

static int
on_attribute(const struct nlattr *attribute, void *data)
{
	struct route *route = data;

	if (mnl_attr_get_type(attribute) == RTA_OIF &&
	    mnl_attr_validate(attribute, MNL_TYPE_U32) == 0 &&
	    !if_indextoname(mnl_attr_get_u32(attribute), route->interface))
		route->interface[0] = '\0';
	return MNL_CB_OK;
}

static int
on_message(const struct nlmsghdr *header, void *data)
{
	const struct rtmsg *message = mnl_nlmsg_get_payload(header);
	struct route *route = data;

	route->local = message->rtm_type == RTN_LOCAL;
	mnl_attr_parse(header, sizeof(*message), on_attribute, route);
	return MNL_CB_OK;
}

void
routes_find(
    struct routes *routes, enum family family, const uint8_t address[16], struct route *route)
{
	char buffer[4096];
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
	struct rtmsg *message;
	size_t length = family == FAMILY_IPV4 ? 4 : 16;
	ssize_t got;

	memset(route, 0, sizeof(*route));
	header->nlmsg_type = RTM_GETROUTE;
	header->nlmsg_flags = NLM_F_REQUEST;
	header->nlmsg_seq = ++routes->sequence;
	message = mnl_nlmsg_put_extra_header(header, sizeof(*message));
	message->rtm_family = family == FAMILY_IPV4 ? AF_INET : AF_INET6;
	message->rtm_dst_len = (unsigned char)(length * 8);
	mnl_attr_put(header, RTA_DST, length, address);
	if (mnl_socket_sendto(routes->netlink, header, header->nlmsg_len) < 0)
		return;
	got = mnl_socket_recvfrom(routes->netlink, buffer, sizeof(buffer));
	if (got > 0)
		mnl_cb_run(buffer, (size_t)got, routes->sequence,
		    mnl_socket_get_portid(routes->netlink), on_message, route);
}
